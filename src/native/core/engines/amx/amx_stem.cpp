#include "engines/amx/amx_stem.h"

#include <algorithm>

#include "error.h"
#include "simd/kernels.h"

namespace whospeaks {
namespace {

constexpr int kTaps = 9;

}  // namespace

AmxStem::AmxStem(const ConvSpec& spec, const TensorMap& weights)
    : channels_(roundUp(spec.out, kPanel)),
      weights_(static_cast<std::size_t>(kTaps) * channels_),
      bias_(static_cast<std::size_t>(channels_)) {
  if (spec.in != 1 || spec.kernel != 3 || spec.stride != 1 || !spec.relu || spec.add) {
    throw EngineError("engine-unavailable", "bf16 has no kernel for this network's first layer; use precision fp32");
  }
  const float* taps = weights.at(spec.name + ".weight").data;
  for (int o = 0; o < spec.out; ++o) {
    for (int tap = 0; tap < kTaps; ++tap) weights_.data()[tap * channels_ + o] = taps[o * kTaps + tap];
  }
  std::copy_n(weights.at(spec.name + ".bias").data, spec.out, bias_.data());
}

void AmxStem::run(const Image& in, AmxImage& out) const {
  for (int h = 0; h < in.height; ++h) {
    amxStem({in.at(0, h - 1, -1), in.rowStride(), weights_.data(), bias_.data(), channels_, in.width, out.at(h, 0)});
  }
}

}  // namespace whospeaks
