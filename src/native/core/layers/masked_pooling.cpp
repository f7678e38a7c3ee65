#include "layers/masked_pooling.h"

#include <algorithm>

#include "error.h"

namespace whospeaks {
namespace {

void check(const LayerSpec& layer, const TensorMap& weights) {
  for (const auto& [name, shape] : weightsOf(layer)) {
    const auto found = weights.find(name);
    if (found == weights.end() || found->second.shape != shape) {
      throw EngineError("model-shape", "the tensor \"" + name + "\" is not that of the pooled feature maps");
    }
  }
}

/// Images without a border, and the room that they lie in.
struct Room {
  Room(int count, int height, int width, int channels)
      : storage(static_cast<std::size_t>(count) * height * width * channels),
        image{storage.data(), count, height, width, channels, kNoBorder} {}
  Buffer storage;
  Image image;
};

}  // namespace

MaskedPooling::MaskedPooling(const LayerSpec& pooling, const std::vector<LinearSpec>& embedding,
                             const TensorMap& weights)
    : rows_(embedding.front().rows), channels_(embedding.front().channels), kernels_(selectKernels()) {
  check(pooling, weights);
  if (const auto* attentive = std::get_if<AttentiveStatisticsSpec>(&pooling)) {
    attention_ = std::make_unique<AttentiveStatistics>(*attentive, weights);
  }
  for (const LinearSpec& layer : embedding) {
    check(layer, weights);
    layers_.push_back({layer.out, std::make_unique<Linear>(layer, weights)});
  }
}

/// To an image a mask: the rows of the means, then those of the deviations.
void MaskedPooling::pool(const Cores& cores, const float* columns, int width, const float* masks,
                         const Image& to) const {
  const int size = columnSize();
  if (attention_ != nullptr) {
    const Room maps(1, rows_, width, to.channels);
    for (int t = 0; t < width; ++t) {
      for (int h = 0; h < rows_; ++h, columns += channels_) std::copy_n(columns, channels_, maps.image.at(0, h, t));
    }
    attention_->run(cores, maps.image, to, masks);
    return;
  }
  Buffer statistics(static_cast<std::size_t>(to.height) * channels_);
  for (int i = 0; i < to.count; ++i) {
    kernels_.weightedStatistics(columns, masks + static_cast<std::ptrdiff_t>(i) * width, width, size, statistics.data(),
                                statistics.data() + size);
    for (int h = 0; h < to.height; ++h) {
      std::copy_n(statistics.data() + static_cast<std::ptrdiff_t>(h) * channels_, channels_, to.at(i, h, 0));
    }
  }
}

void MaskedPooling::run(const float* columns, int width, const float* masks, int count, float* embeddings) {
  const Cores cores{kernels_, alone_, workspace_};
  Room value(count, 2 * rows_, 1, roundUp(channels_, kPanel));
  pool(cores, columns, width, masks, value.image);
  for (const LinearLayer& layer : layers_) {
    Room next(count, 1, 1, roundUp(layer.out, kPanel));
    layer.linear->run(cores, value.image, next.image);
    std::swap(value, next);
  }
  for (int i = 0; i < count; ++i) {
    std::copy_n(value.image.at(i, 0, 0), dimension(), embeddings + static_cast<std::ptrdiff_t>(i) * dimension());
  }
}

}  // namespace whospeaks
