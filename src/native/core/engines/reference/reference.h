// The network written plainly, in double precision: what the fast engines are tested against.
#pragma once

#include <vector>

#include "networks/resnet.h"

namespace whospeaks {

/// One window, frames x featureSize, to its raw embedding.
std::vector<float> referenceEmbed(const Architecture& net, const TensorMap& weights, const float* features, int frames);

}  // namespace whospeaks
