#include "layers/masked_pooling.h"

#include <algorithm>

#include "error.h"

namespace whospeaks {
namespace {

constexpr int kStatisticsGroups = 2;

LinearSpec readout(int rows, int channels, int dimension, const TensorMap& weights) {
  const LinearSpec spec{"embedding", kStatisticsGroups, rows, channels, dimension};
  for (const auto& [name, shape] : weightsOf(LayerSpec{spec})) {
    const auto found = weights.find(name);
    if (found == weights.end() || found->second.shape != shape) {
      throw EngineError("model-shape", "the tensor \"" + name + "\" is not that of the pooled feature maps");
    }
  }
  return spec;
}

/// `count` plain vectors as images of one column.
Image vectors(Buffer& storage, int count, int height, int channels) {
  const Image image{storage.data(), count, height, 1, channels, kNoBorder};
  return image;
}

}  // namespace

MaskedPooling::MaskedPooling(int rows, int channels, int dimension, const TensorMap& weights)
    : rows_(rows),
      channels_(channels),
      dimension_(dimension),
      kernels_(selectKernels()),
      linear_(readout(rows, channels, dimension, weights), weights) {}

void MaskedPooling::run(const float* columns, int width, const float* masks, int count, float* embeddings) {
  const int size = columnSize();
  const int padded = roundUp(channels_, kPanel);
  const int height = kStatisticsGroups * rows_;
  const int out = roundUp(dimension_, kPanel);
  Buffer pooled(static_cast<std::size_t>(count) * height * padded);
  Buffer embedded(static_cast<std::size_t>(count) * out);
  Buffer statistics(static_cast<std::size_t>(kStatisticsGroups) * size);
  const Image from = vectors(pooled, count, height, padded);
  const Image to = vectors(embedded, count, 1, out);
  for (int i = 0; i < count; ++i) {
    kernels_.weightedStatistics(columns, masks + static_cast<std::ptrdiff_t>(i) * width, width, size, statistics.data(),
                                statistics.data() + size);
    for (int h = 0; h < height; ++h) {
      std::copy_n(statistics.data() + static_cast<std::ptrdiff_t>(h) * channels_, channels_, from.at(i, h, 0));
    }
  }
  linear_.run({kernels_, alone_, none_}, from, to);
  for (int i = 0; i < count; ++i) std::copy_n(to.at(i, 0, 0), dimension_, embeddings + static_cast<std::ptrdiff_t>(i) * dimension_);
}

}  // namespace whospeaks
