// Scores to log-probabilities.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"

namespace whospeaks {

/// Images of height 1 without a border. Few channels: computed plainly, in double precision.
class LogSoftmax final : public Layer {
 public:
  explicit LogSoftmax(const LogSoftmaxSpec& spec) : spec_(spec) {}

  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  LogSoftmaxSpec spec_;
};

}  // namespace whospeaks
