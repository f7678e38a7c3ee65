// A linear layer whose weights have 16 bits, one scale an output: read once a window, they take half the time to come.
#pragma once

#include "engines/vnni/vnni_layer.h"
#include "layers/layer.h"

namespace whospeaks {

class VnniLinearLayer final : public Layer {
 public:
  VnniLinearLayer(const LinearSpec& spec, const TensorMap& weights);
  /// Whether it can be had of this layer.
  static bool fits(const LinearSpec& spec) { return spec.out % kVnniOutputs == 0; }

  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  int outputs_;
  int inputs_;
  bool relu_;
  VnniBuffer weights_;  // outputs / kVnniOutputs x inputs x kVnniOutputs
  std::vector<float> scale_;
  std::vector<float> bias_;
};

}  // namespace whospeaks
