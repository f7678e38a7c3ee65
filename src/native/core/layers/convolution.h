// A convolution in whichever form is fastest for it.
#pragma once

#include <memory>

#include "layers/layer.h"
#include "layers/spec.h"
#include "tensor.h"

namespace whospeaks {

/// `paddedIn`: channels of the images that it will read, the spec's or those rounded up to kPanel.
std::unique_ptr<Layer> makeConvolution(const ConvSpec& spec, const TensorMap& weights, int paddedIn,
                                       const Kernels& kernels, ThreadPool& pool);

}  // namespace whospeaks
