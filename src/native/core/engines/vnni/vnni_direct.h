// A convolution in 8-bit integers: activations in 0 to 255, one scale a window, weights in -127 to 127, one scale an
// output channel; sums are exact.
#pragma once

#include "engines/vnni/vnni_layer.h"

namespace whospeaks {

class VnniDirectConv {
 public:
  VnniDirectConv(const ConvSpec& spec, const TensorMap& weights);
  /// Whether it can be had of this layer.
  static bool fits(const ConvSpec& spec) {
    // Beyond so many inputs an output's sum could overflow.
    return spec.out > kVnniNarrow && spec.kernel * spec.kernel * spec.in <= 2147483647 / (255 * 127);
  }

  /// Nothing in `in` is below 0.
  void run(VnniCores& cores, const VnniImage& in, VnniImage& out) const;

 private:
  struct Call;
  void runRow(const Call& call, int window, int row, int group, int worker) const;

  VnniFinish finish_;
  int kernel_;
  int stride_;
  int in_;
  int groups_;  // of kVnniChannels outputs
  std::ptrdiff_t groupBytes_;
  std::vector<std::int8_t> weights_;  // groups x taps x in / 4 x kVnniChannels x 4
  std::vector<float> scale_;          // in slots
};

/// The first layer: a 3x3 convolution of one channel, which stays in fp32 until it is written.
class VnniStemConv {
 public:
  VnniStemConv(const ConvSpec& spec, const TensorMap& weights);
  /// Whether it can be had of this layer.
  static bool fits(const ConvSpec& spec);

  void run(VnniCores& cores, const Image& in, VnniImage& out) const;

 private:
  VnniFinish finish_;
  int group_;
  int groups_;
  std::vector<float> weights_;  // groups x 9 x group, in slots
};

}  // namespace whospeaks
