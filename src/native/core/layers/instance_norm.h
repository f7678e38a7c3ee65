// Mean and variance over time taken out of each channel.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

/// Images of height 1 without a border. Channels that fill no panel have a gain of 0, and stay 0.
class InstanceNorm final : public Layer {
 public:
  InstanceNorm(const InstanceNormSpec& spec, const TensorMap& weights);

  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  float slope_;
  Buffer gain_;
  Buffer bias_;
};

}  // namespace whospeaks
