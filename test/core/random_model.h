// Random weights with the true names and shapes, scaled so that activations keep their size.
#pragma once

#include <cmath>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "engines/engine.h"

namespace whospeaks {

/// A ResNet's config, as JavaScript writes it.
inline NetworkConfig resnetConfig(std::vector<int> blocks, int channels, int featureSize, int dimension,
                                  int overlap = 0) {
  return {"resnet",
          {{"block", {0}},
           {"blocks", std::move(blocks)},
           {"channels", {channels}},
           {"featureSize", {featureSize}},
           {"pooling", {0}},
           {"attention", {0}},
           {"hidden", {0}},
           {"dimension", {dimension}},
           {"overlap", {overlap}}}};
}

/// The same with some sizes changed.
inline NetworkConfig with(NetworkConfig config, const std::map<std::string, int>& sizes) {
  for (const auto& [name, size] : sizes) config.sizes[name] = {size};
  return config;
}

class RandomModel {
 public:
  explicit RandomModel(NetworkConfig wanted, unsigned seed = 1)
      : config(std::move(wanted)), net(describe(config)), random_(seed) {
    for (const auto& [name, shape] : weightsOf(net)) {
      float fanIn = 1;
      for (std::size_t axis = 1; axis < shape.size(); ++axis) fanIn *= static_cast<float>(shape[axis]);
      add(name, shape, shape.size() == 1 ? 0.1f : std::sqrt((shape.size() == 4 ? 3.0f : 1.0f) / fanIn));
    }
  }

  std::vector<float> features(int count) { return values(static_cast<std::size_t>(count), 2.0f); }

  const NetworkConfig config;
  const Network net;
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

  std::mt19937 random_;
  std::deque<std::vector<float>> storage_;
};

/// A network's outputs of `batch` windows.
inline std::vector<std::vector<float>> runEngine(Engine& engine, const float* input, int batch, int frames,
                                                 const CancelFlag& cancel = CancelFlag{false}) {
  std::vector<std::vector<float>> outputs;
  std::vector<float*> to;
  for (const Output& output : engine.network().outputs) {
    outputs.emplace_back(static_cast<std::size_t>(batch) * outputSize(engine.network(), output, frames));
  }
  for (auto& output : outputs) to.push_back(output.data());
  engine.run(input, batch, frames, to, cancel);
  return outputs;
}

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
