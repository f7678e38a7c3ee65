// A matrix times a vector: pooled statistics to embeddings.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

/// Images have no border. Weights are kept in the order in which the input lies: (group, row, padded channel).
class Linear final : public Layer {
 public:
  Linear(const LinearSpec& spec, const TensorMap& weights);

  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  int panels_;
  int inputs_;
  bool relu_;
  Buffer weights_;
  Buffer bias_;
};

}  // namespace whospeaks
