// The first convolution: one channel in fp32 to many in bf16.
#pragma once

#include "engines/amx/amx_image.h"
#include "layers/image.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

class AmxStem {
 public:
  /// Throws `engine-unavailable` for another convolution than 3x3, of one channel and stride 1, with a ReLU.
  AmxStem(const ConvSpec& spec, const TensorMap& weights);

  /// `in` has the border of a convolution.
  void run(const Image& in, AmxImage& out) const;

 private:
  int channels_;
  Buffer weights_;  // 9 x channels
  Buffer bias_;
};

}  // namespace whospeaks
