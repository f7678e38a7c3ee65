// The cpu engine in bf16 on a processor's matrix unit (Intel AMX). `no-amx/` implements it where the compiler
// or the system cannot.
#pragma once

#include "engines/engine.h"

namespace whospeaks {

std::unique_ptr<Engine> makeAmxEngine(Network network, const TensorMap& weights, const EngineOptions& options);

}  // namespace whospeaks
