#include "layers/masked_pooling.h"

#include <array>
#include <cmath>
#include <vector>

#include "error.h"
#include "harness.h"
#include "random_model.h"

using namespace whospeaks;

namespace {

struct Readout {
  int rows, channels, dimension;
  std::vector<float> weight, bias;

  /// Plain statistics, then one layer.
  std::vector<LinearSpec> layers() const { return {{"embedding", 2, rows, channels, dimension}}; }

  TensorMap tensors() const {
    return {{"embedding.weight", {{dimension, 2 * rows * channels}, weight.data()}}, {"embedding.bias", {{dimension}, bias.data()}}};
  }
};

std::vector<float> numbers(std::size_t count, unsigned seed, float from, float to) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(from, to);
  std::vector<float> list(count);
  for (float& value : list) value = uniform(random);
  return list;
}

Readout readoutOf(int rows, int channels, int dimension) {
  const auto inputs = static_cast<std::size_t>(2) * rows * channels;
  return {rows, channels, dimension, numbers(dimension * inputs, 1, -0.1f, 0.1f), numbers(dimension, 2, -1, 1)};
}

/// By the formula, in double: the statistics of every channel of every row, then the layer, whose inputs are in the order of
/// statistic, channel, row.
std::vector<double> plainly(const Readout& readout, const float* columns, int width, const float* mask) {
  const auto& [rows, channels, dimension, weight, bias] = readout;
  double v1 = 1e-8, v2 = 1e-8;
  for (int t = 0; t < width; ++t) {
    v1 += mask[t];
    v2 += static_cast<double>(mask[t]) * mask[t];
  }
  std::vector<double> inputs;
  for (const bool isDeviation : {false, true}) {
    for (int c = 0; c < channels; ++c) {
      for (int row = 0; row < rows; ++row) {
        const auto at = [&](int t) { return static_cast<double>(columns[(t * rows + row) * channels + c]); };
        double mean = 0, variance = 0;
        for (int t = 0; t < width; ++t) mean += mask[t] * at(t) / v1;
        for (int t = 0; t < width; ++t) variance += mask[t] * (at(t) - mean) * (at(t) - mean);
        inputs.push_back(isDeviation ? std::sqrt(variance / (v1 - v2 / v1) + 1e-7) : mean);
      }
    }
  }
  std::vector<double> embedding(bias.begin(), bias.end());
  for (int d = 0; d < dimension; ++d) {
    for (std::size_t i = 0; i < inputs.size(); ++i) embedding[d] += weight[d * inputs.size() + i] * inputs[i];
  }
  return embedding;
}

}  // namespace

TEST(maskedPoolingIsTheFormula) {
  // Sizes that fill no vector, and those of the network.
  for (const auto& [rows, channels, dimension] : {std::array{3, 5, 7}, std::array{10, 256, 256}}) {
    const Readout readout = readoutOf(rows, channels, dimension);
    MaskedPooling pooling(StatisticsSpec{}, readout.layers(), readout.tensors());
    for (const int width : {2, 31, 125}) {
      const auto columns = numbers(static_cast<std::size_t>(width) * rows * channels, 3, -3, 3);
      const int count = 3;
      // All of it, parts of it by halves, and a few columns alone.
      auto masks = numbers(static_cast<std::size_t>(count) * width, 4, 0, 1);
      for (int t = 0; t < width; ++t) {
        masks[t] = 1;
        masks[2 * width + t] = t < 2 ? 1.0f : 0.0f;
      }
      std::vector<float> embeddings(static_cast<std::size_t>(count) * dimension);
      pooling.run(columns.data(), width, masks.data(), count, embeddings.data());
      for (int i = 0; i < count; ++i) {
        const auto expected = plainly(readout, columns.data(), width, masks.data() + i * width);
        double greatest = 0;
        for (int d = 0; d < dimension; ++d) {
          greatest = std::max(greatest, std::abs(expected[d] - embeddings[i * dimension + d]));
        }
        CHECK(greatest <= 1e-4, "rows " << rows << ", width " << width << ", mask " << i << ": difference " << greatest);
      }
    }
  }
}

TEST(maskedPoolingOfOneColumnOrNoneIsFinite) {
  const Readout readout = readoutOf(3, 5, 7);
  MaskedPooling pooling(StatisticsSpec{}, readout.layers(), readout.tensors());
  const auto columns = numbers(4 * 3 * 5, 3, -3, 3);
  const std::vector<float> masks = {0, 1, 0, 0, 0, 0, 0, 0};
  std::vector<float> embeddings(2 * 7);
  pooling.run(columns.data(), 4, masks.data(), 2, embeddings.data());
  for (const float value : embeddings) CHECK(std::isfinite(value), value);
}

TEST(maskedPoolingRefusesOtherWeights) {
  const Readout readout = readoutOf(3, 5, 7);
  const TensorMap weights = readout.tensors();
  const auto refusal = [](int channels, int dimension, const TensorMap& tensors) {
    return codeOf([&] { MaskedPooling(StatisticsSpec{}, {{"embedding", 2, 3, channels, dimension}}, tensors); });
  };
  CHECK(refusal(5, 7, weights) == "no error", "its own");
  CHECK(refusal(6, 7, weights) == "model-shape", "more channels");
  CHECK(refusal(5, 8, weights) == "model-shape", "another dimension");
  CHECK(refusal(5, 7, {}) == "model-shape", "no weights");
}
