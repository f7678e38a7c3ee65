// A 3x3 convolution of stride 1 by Winograd's method in integers: the transform of 9-bit activations is exact in 16
// bits, weights are rounded once they are transformed, one scale an output and point, sums have 32 bits, and the
// transform back is in fp32.
#pragma once

#include "engines/vnni/vnni_layer.h"

namespace whospeaks {

class VnniWinograd {
 public:
  static constexpr int kManyChannels = 256;

  VnniWinograd(const ConvSpec& spec, const TensorMap& weights, ThreadPool& pool);
  /// Whether it can be had of this layer, and pays: transformed weights take eight times the room of 8-bit ones, and of many
  /// channels they come from memory for each window, more slowly than what they save.
  static bool fits(const ConvSpec& spec) {
    return spec.kernel == 3 && spec.stride == 1 && vnniGroup(spec.in) == vnniGroup(spec.out) && spec.in < kManyChannels;
  }

  /// Nothing in `in` is below 0.
  void run(VnniCores& cores, const VnniImage& in, VnniImage& out) const;

 private:
  struct Call;
  void pack(const ConvSpec& spec, const float* weights, int output);
  void block(const Call& call, int first, int last, int worker) const;
  bool isNarrow() const { return group_ == kVnniNarrow; }
  /// Tiles, neighbours in a row, that lie together once they are transformed, and from these to the next.
  int together() const { return isNarrow() ? 2 : 1; }
  std::ptrdiff_t tileStride() const { return together() * kVnniPoints * in_ + kVnniChannels; }
  /// From one tile's sums to the next, and its rows of points that were transformed back one way: a cache line more than
  /// they fill, for tiles that lie powers of two apart would all want the same set of the cache.
  std::ptrdiff_t sumStride() const { return (kVnniTile + 2) * group_ + kVnniNarrow; }
  std::ptrdiff_t halfStride() const { return (kVnniTile + 2) * kVnniTile * group_ + kVnniNarrow; }

  VnniFinish finish_;
  int in_;
  int group_;
  int groups_;
  /// Tiles that are transformed before they are mixed.
  int blockTiles_;
  VnniBuffer weights_;  // groups x points x in / 2 x group x 2
  Buffer scale_;        // groups x points x group
};

}  // namespace whospeaks
