// Random weights with the true names and shapes, scaled so that activations keep their size.
#pragma once

#include <cmath>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "networks/resnet.h"

namespace whospeaks {

class RandomModel {
 public:
  explicit RandomModel(const ResNetConfig& config, unsigned seed = 1) : net(describe(config)), random_(seed) {
    addConv(net.stem);
    for (const auto& stage : net.stages) {
      for (const auto& block : stage) {
        addConv(block.conv1);
        addConv(block.conv2);
        if (block.hasShortcut) addConv(block.shortcut);
      }
    }
    const int pooled = 2 * net.pooledChannels * net.pooledBins;
    add("embedding.weight", {config.dimension, pooled}, std::sqrt(1.0f / static_cast<float>(pooled)));
    add("embedding.bias", {config.dimension}, 0.1f);
  }

  std::vector<float> features(int count) { return values(static_cast<std::size_t>(count), 2.0f); }

  const Architecture net;
  TensorMap weights;

 private:
  std::vector<float> values(std::size_t count, float scale) {
    std::uniform_real_distribution<float> uniform(-scale, scale);
    std::vector<float> list(count);
    for (float& value : list) value = uniform(random_);
    return list;
  }
  void add(const std::string& name, std::vector<std::int64_t> shape, float scale) {
    std::size_t size = 1;
    for (const auto n : shape) size *= static_cast<std::size_t>(n);
    storage_.push_back(values(size, scale));
    weights[name] = {std::move(shape), storage_.back().data()};
  }
  void addConv(const ConvSpec& spec) {
    const float fanIn = static_cast<float>(spec.kernel * spec.kernel * spec.in);
    add(spec.name + ".weight", {spec.out, spec.kernel, spec.kernel, spec.in}, std::sqrt(3.0f / fanIn));
    add(spec.name + ".bias", {spec.out}, 0.1f);
  }

  std::mt19937 random_;
  std::deque<std::vector<float>> storage_;
};

struct Difference {
  double cosine;
  /// Greatest absolute difference between the two vectors, each scaled to length 1.
  double greatest;
};

inline Difference compare(const float* a, const float* b, int size) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (int i = 0; i < size; ++i) {
    ab += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  Difference difference{ab / std::sqrt(aa * bb), 0};
  for (int i = 0; i < size; ++i) {
    difference.greatest = std::max(difference.greatest, std::abs(a[i] / std::sqrt(aa) - b[i] / std::sqrt(bb)));
  }
  return difference;
}

}  // namespace whospeaks
