// The last layer: pooled statistics to embeddings.
#pragma once

#include "networks/resnet.h"
#include "simd/buffer.h"
#include "simd/kernels.h"
#include "layers/thread_pool.h"

namespace whospeaks {

/// Weights in the order in which the statistics are laid out: (mean | deviation, bin, padded channel).
class Embedding {
 public:
  Embedding(const Architecture& net, const TensorMap& weights, int maxCount);

  /// statistics: count x 2 x bins x padded channels; out: count x dimension.
  void run(const Kernels& kernels, ThreadPool& pool, const float* statistics, int count, float* out) const;

 private:
  int dimension_;
  int paddedDimension_;
  int inputs_;
  Buffer weights_;
  Buffer bias_;
  Buffer scratch_;
};

}  // namespace whospeaks
