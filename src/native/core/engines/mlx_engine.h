// The MLX engine's factory: `mlx/` implements it, or `no-mlx/` where the addon is built without MLX.
#pragma once

#include "engines/engine.h"

namespace whospeaks {

EngineInfo mlxEngineInfo();
std::unique_ptr<Engine> makeMlxEngine(Network network, const TensorMap& weights, const EngineOptions& options);

}  // namespace whospeaks
