// A network run plainly, in double precision: what the fast engines are tested against.
#pragma once

#include <vector>

#include "networks/network.h"

namespace whospeaks {

/// One window, frames x inputSize, to each of the network's outputs.
std::vector<std::vector<float>> referenceRun(const Network& network, const TensorMap& weights, const float* input,
                                             int frames);

}  // namespace whospeaks
