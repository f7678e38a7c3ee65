#include "engines/amx_engine.h"

namespace whospeaks {

std::unique_ptr<Engine> makeAmxEngine(Network, const TensorMap&, const EngineOptions&) {
  throw EngineError("engine-unavailable", "bf16 needs a processor with AMX under Linux; use precision fp32");
}

}  // namespace whospeaks
