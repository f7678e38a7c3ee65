// The network as a list of convolutions, and the names and shapes of its weights.
#pragma once

#include <string>
#include <vector>

#include "engines/engine.h"

namespace whospeaks {

/// One convolution: kernel 1 or 3 (padding kernel / 2), the same stride in frequency and time.
struct ConvSpec {
  std::string name;
  int in;
  int out;
  int kernel;
  int stride;
};

/// relu(conv2(relu(conv1(x))) + shortcut(x)); without a shortcut convolution x itself is added.
struct BlockSpec {
  ConvSpec conv1;
  ConvSpec conv2;
  bool hasShortcut;
  ConvSpec shortcut;
};

struct Architecture {
  ResNetConfig config;
  ConvSpec stem;
  std::array<std::vector<BlockSpec>, 4> stages;
  /// Channels and frequency bins after the last stage; the embedding reads 2 * channels * bins statistics.
  int pooledChannels;
  int pooledBins;
};

/// Throws `model-shape` where the config is not a network of the family.
Architecture describe(const ResNetConfig& config);

/// Throws `model-shape` unless every weight is there in its shape.
void checkWeights(const Architecture& architecture, const TensorMap& weights);

/// Size after a stride-2 stage: a 3x3 kernel with padding 1 rounds up.
constexpr int halved(int size) { return (size + 1) / 2; }

}  // namespace whospeaks
