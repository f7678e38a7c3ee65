// A convolution over time as a matrix product over the steps themselves: the taps of an output lie side by side.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

/// Images of height 1 without a border.
class Conv1d final : public Layer {
 public:
  /// `paddedIn` is the channel count of the images it will read (spec.in, rounded up to kPanel or not).
  Conv1d(const Conv1dSpec& spec, const TensorMap& weights, int paddedIn);

  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  void runSteps(const Kernels& kernels, const Image& in, const Image& out, int image, int panel, int first,
                int last) const;

  int kernel_;
  int stride_;
  float slope_;
  int paddedIn_;
  int panels_;
  std::ptrdiff_t panelFloats_;
  Buffer weights_;
  Buffer bias_;
};

}  // namespace whospeaks
