// The greatest of a few steps.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"

namespace whospeaks {

/// Images of height 1 without a border, channels padded.
class MaxPool final : public Layer {
 public:
  explicit MaxPool(const MaxPoolSpec& spec) : spec_(spec) {}

  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  MaxPoolSpec spec_;
};

}  // namespace whospeaks
