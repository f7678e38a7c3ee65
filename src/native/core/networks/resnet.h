// WeSpeaker's ResNet: a speaker embedding from log-mel features.
#pragma once

#include "networks/network.h"

namespace whospeaks {

/// Sizes: `block` (0: BasicBlocks, 1: Bottlenecks, 2: BasicBlocks with SimAM), `blocks` (of the four stages), `channels` (of
/// the first stage; each later one has twice as many, and a Bottleneck gives out four times as many), `featureSize` (mel
/// bins), `pooling` (0: statistics, 1: attentive ones as WeSpeaker's ASTP has them, 2: as its ASP), `attention` (units of
/// the attention's hidden layer; 0 where there is none), `hidden` (of a first embedding layer; 0 where there is but one),
/// `dimension` (of the embedding), `overlap` (0, or 1 where the weights have that readout).
/// Outputs: `embedding`, as the network gives it, not L2-normalised; `overlap`, the log-odds of two voices at once.
/// Throws `model-shape` where a size is not one of the family.
Network resnet(const NetworkConfig& config);

/// The same up to the pooling, for `MaskedPooling`. Sizes: `block`, `blocks`, `channels`, `featureSize`. Output: `features`,
/// one window's featureSize / 8 rows x ceil(frames / 8) columns x the last stage's channels; column j stands for the frames
/// around 8 j.
Network resnetFeatures(const NetworkConfig& config);

/// What comes after the feature maps, of a ResNet with these sizes; `name` is what weights are called by.
LayerSpec poolingOf(const NetworkConfig& config);
/// From the pooled statistics to the embedding, one layer or two.
std::vector<LinearSpec> embeddingOf(const NetworkConfig& config);

}  // namespace whospeaks
