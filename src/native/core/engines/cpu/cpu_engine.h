// The portable engine: the host's cores and vector units.
#pragma once

#include "engines/engine.h"

namespace whospeaks {

EngineInfo cpuEngineInfo();
std::unique_ptr<Engine> makeCpuEngine(Network network, const TensorMap& weights, const EngineOptions& options);

}  // namespace whospeaks
