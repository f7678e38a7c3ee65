#include "engines/vnni_engine.h"

namespace whospeaks {

std::unique_ptr<Engine> makeVnniEngine(Network, const TensorMap&, const EngineOptions&) {
  throw EngineError("engine-unavailable", "int8 needs a processor with AVX-512 VNNI; use precision fp32");
}

}  // namespace whospeaks
