// The cpu engine in int8: convolutions in integers, whatever else in fp32.
#pragma once

#include <memory>

#include "engines/engine.h"

namespace whospeaks {

/// Throws `engine-unavailable` where processor or compiler lacks the instructions.
std::unique_ptr<Engine> makeVnniEngine(Network network, const TensorMap& weights, const EngineOptions& options);

}  // namespace whospeaks
