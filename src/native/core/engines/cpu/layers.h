// The layers of a network in fp32, each in whichever form is fastest for it.
#pragma once

#include <memory>

#include "layers/layer.h"
#include "networks/network.h"

namespace whospeaks {

/// The layer of one step, with its weights packed for `kernels`.
std::unique_ptr<Layer> makeLayer(const Network& network, std::size_t step, const TensorMap& weights,
                                 const Kernels& kernels, ThreadPool& pool);

/// Windows of `frames` that go through the network together.
int windowsAtOnce(const Network& network, int frames);

}  // namespace whospeaks
