// One stretch of feature maps to an embedding a mask: weighted statistics, then the embedding's linear layers.
#pragma once

#include <memory>
#include <vector>

#include "layers/attentive_statistics.h"
#include "layers/linear.h"

namespace whospeaks {

/// With weights w of the columns: mean = sum(w x) / v1, variance = sum(w (x - mean)^2) / (v1 - v2 / v1), where v1 = sum w
/// and v2 = sum w^2 (each + 1e-8); deviation = sqrt(variance + 1e-7). Where the pooling is attentive, w multiplies the
/// attention. Of a mask of ones this is the network's own pooling.
class MaskedPooling {
 public:
  /// `pooling`: statistics, plain or attentive; `embedding`: the layers that follow, the first of which reads the
  /// statistics of its rows and channels. Throws `model-shape` where a weight is missing or has another shape.
  MaskedPooling(const LayerSpec& pooling, const std::vector<LinearSpec>& embedding, const TensorMap& weights);

  int columnSize() const { return rows_ * channels_; }
  int dimension() const { return layers_.back().out; }

  /// `columns`: width x rows x channels; `masks`: count x width, not negative; `embeddings`: receives count x dimension,
  /// not L2-normalised. Not reentrant.
  void run(const float* columns, int width, const float* masks, int count, float* embeddings);

 private:
  struct LinearLayer {
    int out;
    std::unique_ptr<Linear> linear;
  };
  void pool(const Cores& cores, const float* columns, int width, const float* masks, const Image& to) const;

  int rows_;
  int channels_;
  const Kernels& kernels_;
  ThreadPool alone_{1};
  const Workspace workspace_;
  std::unique_ptr<AttentiveStatistics> attention_;
  std::vector<LinearLayer> layers_;
};

}  // namespace whospeaks
