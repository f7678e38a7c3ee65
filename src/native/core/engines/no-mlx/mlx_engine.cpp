// Stands in for the MLX engine in a build without MLX: it says why, and nothing else.
#include "engines/mlx_engine.h"

// Written by CMake: why there is no MLX here.
#include "no_mlx_reason.h"

namespace whospeaks {

EngineInfo mlxEngineInfo() { return {"", WS_NO_MLX_REASON}; }

std::unique_ptr<Engine> makeMlxEngine(Network, const TensorMap&, const EngineOptions&) {
  throw EngineError("engine-unavailable", mlxEngineInfo().reason);
}

}  // namespace whospeaks
