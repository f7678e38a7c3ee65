// The portable engine: the host's cores and vector units.
#pragma once

#include "networks/resnet.h"
#include "engines/engine.h"

namespace whospeaks {

EngineInfo cpuEngineInfo();
std::unique_ptr<Engine> makeCpuEngine(const Architecture& net, const TensorMap& weights, const EngineOptions& options);

}  // namespace whospeaks
