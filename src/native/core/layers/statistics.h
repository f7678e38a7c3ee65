// Mean and deviation over time.
#pragma once

#include "layers/layer.h"

namespace whospeaks {

/// `out` has no border: the rows of the means, then those of the deviations.
class Statistics final : public Layer {
 public:
  void run(const Cores& cores, const Image& in, const Image& out) const override;
};

}  // namespace whospeaks
