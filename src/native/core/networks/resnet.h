// WeSpeaker's ResNet: a speaker embedding from log-mel features.
#pragma once

#include "networks/network.h"

namespace whospeaks {

/// Sizes: `blocks` (BasicBlocks of the four stages), `channels` (of the first stage; each later one has twice as many),
/// `featureSize` (mel bins), `dimension` (of the embedding), `overlap` (0, or 1 where the weights have that readout).
/// Outputs: `embedding`, as the network gives it, not L2-normalised; `overlap`, the log-odds of two voices at once.
/// Throws `model-shape` where a size is not one of the family.
Network resnet(const NetworkConfig& config);

/// The same up to the pooling, for `MaskedPooling`. Sizes: `blocks`, `channels`, `featureSize`. Output: `features`, one
/// window's featureSize / 8 rows x ceil(frames / 8) columns x 8 `channels`; column j stands for the frames around 8 j.
Network resnetFeatures(const NetworkConfig& config);

}  // namespace whospeaks
