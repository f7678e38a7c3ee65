// A convolution in 8-bit integers: the input is scaled to 0 to 255, window by window, by its greatest value (it comes
// out of a ReLU), weights to -127 to 127, one scale an output channel; sums are exact, and what is added to them
// and handed on stays fp32.
#pragma once

#include <cstdint>
#include <vector>

#include "layers/layer.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

class Int8Conv final : public Layer {
 public:
  /// `paddedIn` is the channel count of the images it will read, a multiple of kPanel.
  Int8Conv(const ConvSpec& spec, const TensorMap& weights, int paddedIn);

  /// Nothing in `in` is below 0.
  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  struct Call;
  void runRow(const Call& call, int image, int row, int panel) const;

  int kernel_;
  int stride_;
  bool relu_;
  bool add_;
  int paddedIn_;
  int panels_;
  std::ptrdiff_t panelBytes_;
  std::vector<std::int8_t> weights_;  // panels x taps x paddedIn / 4 x kPanel x 4
  Buffer scale_;
  Buffer bias_;
};

}  // namespace whospeaks
