// A convolution in whichever form is fastest for it.
#pragma once

#include <memory>

#include "layers/layer.h"
#include "layers/spec.h"
#include "tensor.h"

namespace whospeaks {

/// What the network says of a convolution's place in it.
struct ConvInput {
  /// Channels of the images that it will read: the spec's, or those rounded up to kPanel.
  int channels;
  /// Nothing in them is below 0.
  bool rectified;
};

/// `int8`: in 8-bit integers where the input allows it.
std::unique_ptr<Layer> makeConvolution(const ConvSpec& spec, const TensorMap& weights, const ConvInput& input,
                                       const Kernels& kernels, ThreadPool& pool, bool int8);

}  // namespace whospeaks
