// A convolution as a matrix product over the image itself: no im2col, taps of a kernel row are neighbours.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

class DirectConv final : public Layer {
 public:
  /// `paddedIn` is the channel count of the images it will read (spec.in, rounded up to kPanel or not).
  DirectConv(const ConvSpec& spec, const TensorMap& weights, int paddedIn);

  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  void runRows(const Kernels& kernels, const Image& in, const Image& out, int image, int panel, int panels, int firstRow,
               int lastRow) const;

  int kernel_;
  int stride_;
  bool relu_;
  bool add_;
  int paddedIn_;
  int panels_;
  std::ptrdiff_t panelFloats_;
  Buffer weights_;
  Buffer bias_;
};

}  // namespace whospeaks
