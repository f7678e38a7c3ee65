// A convolution as a matrix product over the image itself: no im2col, taps of a kernel row are neighbours.
#pragma once

#include "networks/resnet.h"
#include "simd/buffer.h"
#include "layers/image.h"
#include "simd/kernels.h"
#include "layers/thread_pool.h"

namespace whospeaks {

class DirectConv {
 public:
  /// `paddedIn` is the channel count of the images it will read (spec.in, rounded up to kPanel or not).
  DirectConv(const ConvSpec& spec, const TensorMap& weights, int paddedIn);

  /// out = relu?(conv(in) + bias [+ out]): with `addOut` the residual is what `out` holds already.
  void run(const Kernels& kernels, ThreadPool& pool, const Image& in, const Image& out, bool relu, bool addOut) const;

 private:
  void runRows(const Kernels& kernels, const Image& in, const Image& out, int image, int panel, int panels, int firstRow,
               int lastRow, bool relu, bool addOut) const;

  int kernel_;
  int stride_;
  int paddedIn_;
  int panels_;
  std::ptrdiff_t panelFloats_;
  Buffer weights_;
  Buffer bias_;
};

}  // namespace whospeaks
