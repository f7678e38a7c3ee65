// A network and its weights as JavaScript hands them in: see src/native/addon.ts for the types.
#pragma once

#include <vector>

#include "args.h"
#include "networks/network.h"

namespace whospeaks {

/// Weights copied out of JavaScript.
struct OwnedTensors {
  std::vector<std::vector<float>> storage;
  TensorMap map;
};

/// { name, sizes }. The core says which numbers are a network's; here they only have to be numbers that it can hold.
NetworkConfig readNetwork(const Arg& arg);

/// [{ name, shape, data }]. Throws `model-shape` where there are not as many numbers as the shape says.
OwnedTensors readTensors(const Arg& list);

}  // namespace whospeaks
