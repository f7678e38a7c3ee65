// The portable engine: the host's cores and vector units.
#pragma once

#include "../architecture.h"
#include "../engine.h"

namespace whospeaks {

EngineInfo cpuEngineInfo();
std::unique_ptr<Engine> makeCpuEngine(const Architecture& net, const TensorMap& weights, const EngineOptions& options);

}  // namespace whospeaks
