// U = G g Gt for every pair of channels.
#pragma once

#include "../architecture.h"
#include "buffer.h"
#include "kernels.h"

namespace whospeaks {

/// Packed as panels x points x paddedIn x kPanel.
Buffer winogradWeights(const ConvSpec& spec, const float* weights, int paddedIn, WinogradTile tile);

}  // namespace whospeaks
