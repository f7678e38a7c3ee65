// A 3x3 convolution of stride 1 by Winograd's method in integers: the transform of 9-bit activations is exact in 16
// bits, weights are rounded once they are transformed, one scale an output and point, sums have 32 bits, and the
// transform back is in fp32.
#pragma once

#include "engines/vnni/vnni_layer.h"

namespace whospeaks {

class VnniWinograd {
 public:
  VnniWinograd(const ConvSpec& spec, const TensorMap& weights, ThreadPool& pool);

  /// Nothing in `in` is below 0.
  void run(VnniCores& cores, const VnniImage& in, VnniImage& out) const;

 private:
  struct Call;
  void pack(const ConvSpec& spec, const float* weights, int output);
  void block(const Call& call, int first, int last, int worker) const;
  std::ptrdiff_t tileStride() const;

  VnniFinish finish_;
  int in_;
  int groups_;  // of kVnniChannels outputs
  /// Tiles that are transformed before they are mixed.
  int blockTiles_;
  VnniBuffer weights_;  // groups x points x in / 2 x kVnniChannels x 2
  Buffer scale_;        // groups x points x kVnniChannels
};

}  // namespace whospeaks
