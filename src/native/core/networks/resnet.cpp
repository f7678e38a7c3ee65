#include "networks/resnet.h"

namespace whospeaks {
namespace {

std::string describeShape(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

void checkTensor(const TensorMap& weights, const std::string& name, const std::vector<std::int64_t>& shape) {
  const auto found = weights.find(name);
  if (found == weights.end()) throw EngineError("model-shape", "the model lacks the tensor \"" + name + "\"");
  if (found->second.shape != shape) {
    throw EngineError("model-shape", "tensor \"" + name + "\" has shape " + describeShape(found->second.shape) +
                                         ", its config asks for " + describeShape(shape));
  }
}

void checkConv(const TensorMap& weights, const ConvSpec& conv) {
  checkTensor(weights, conv.name + ".weight", {conv.out, conv.kernel, conv.kernel, conv.in});
  checkTensor(weights, conv.name + ".bias", {conv.out});
}

}  // namespace

Architecture describe(const ResNetConfig& config) {
  for (const int count : config.blocks) {
    if (count < 1 || count > 200) throw EngineError("model-shape", "a stage must have 1 to 200 blocks");
  }
  if (config.channels < 1 || config.channels > 1024) throw EngineError("model-shape", "channels must be 1 to 1024");
  if (config.featureSize < 8 || config.featureSize > 1024 || config.featureSize % 8 != 0) {
    throw EngineError("model-shape", "the feature size must be a multiple of 8, 8 to 1024");
  }
  if (config.dimension < 1 || config.dimension > 65536) {
    throw EngineError("model-shape", "the embedding size must be 1 to 65536");
  }
  Architecture net{config, {"conv1", 1, config.channels, 3, 1}, {}, config.channels * 8, config.featureSize / 8};
  int in = config.channels;
  for (int stage = 0; stage < 4; ++stage) {
    const int out = config.channels << stage;
    for (int i = 0; i < config.blocks[stage]; ++i) {
      const std::string prefix = "layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".";
      const int stride = (stage > 0 && i == 0) ? 2 : 1;
      const bool shortcut = stride != 1 || in != out;
      net.stages[stage].push_back({{prefix + "conv1", in, out, 3, stride},
                                   {prefix + "conv2", out, out, 3, 1},
                                   shortcut,
                                   {prefix + "shortcut", in, out, 1, stride}});
      in = out;
    }
  }
  return net;
}

void checkWeights(const Architecture& net, const TensorMap& weights) {
  checkConv(weights, net.stem);
  for (const auto& stage : net.stages) {
    for (const auto& block : stage) {
      checkConv(weights, block.conv1);
      checkConv(weights, block.conv2);
      if (block.hasShortcut) checkConv(weights, block.shortcut);
    }
  }
  const std::int64_t pooled = 2LL * net.pooledChannels * net.pooledBins;
  checkTensor(weights, "embedding.weight", {net.config.dimension, pooled});
  checkTensor(weights, "embedding.bias", {net.config.dimension});
}

}  // namespace whospeaks
