// One stretch of feature maps to an embedding a mask: weighted statistics, then the embedding's linear layer.
#pragma once

#include "layers/linear.h"

namespace whospeaks {

/// With weights w of the columns: mean = sum(w x) / v1, variance = sum(w (x - mean)^2) / (v1 - v2 / v1), where v1 = sum w
/// and v2 = sum w^2 (each + 1e-8); deviation = sqrt(variance + 1e-7). Of a mask of ones this is the network's own pooling.
class MaskedPooling {
 public:
  /// `rows` and `channels`: of the feature maps. `weights` has `embedding.weight` [dimension, 2 x rows x channels] and
  /// `embedding.bias`. Throws `model-shape`.
  MaskedPooling(int rows, int channels, int dimension, const TensorMap& weights);

  int columnSize() const { return rows_ * channels_; }
  int dimension() const { return dimension_; }

  /// `columns`: width x rows x channels; `masks`: count x width, not negative; `embeddings`: receives count x dimension,
  /// not L2-normalised. Not reentrant.
  void run(const float* columns, int width, const float* masks, int count, float* embeddings);

 private:
  int rows_;
  int channels_;
  int dimension_;
  const Kernels& kernels_;
  ThreadPool alone_{1};
  const Workspace none_;
  Linear linear_;
};

}  // namespace whospeaks
