#include "engines/vnni/vnni_layer.h"

#include <cmath>

namespace whospeaks {
namespace {

constexpr float kOne = 32768;

std::int16_t inFifteenBits(float ratio) {
  return static_cast<std::int16_t>(std::min(std::floor(ratio * kOne), kOne - 1));
}

}  // namespace

VnniInputScale vnniInputScale(const VnniImage::Level& level, int most) {
  const std::int16_t factor = inFifteenBits(static_cast<float>(most) / static_cast<float>(std::max(level.greatest, 1)));
  return {factor, level.scale * kOne / static_cast<float>(factor)};
}

VnniFinish::VnniFinish(const ConvSpec& spec, const TensorMap& weights)
    : relu_(spec.relu),
      add_(spec.add),
      group_(vnniGroup(spec.out)),
      reach_(static_cast<std::size_t>(vnniStored(spec.out))),
      bias_(reach_.size()) {
  const float* w = weights.at(spec.name + ".weight").data;
  const int taps = spec.kernel * spec.kernel * spec.in;
  for (int o = 0; o < spec.out; ++o) {
    // What is read is at least 0 but for the stem's input, which may have any sign.
    float above = 0;
    float below = 0;
    for (int k = 0; k < taps; ++k, ++w) {
      above += std::max(*w, 0.0f);
      below += std::max(-*w, 0.0f);
    }
    const bool anySign = spec.in == 1;
    // A ReLU makes 0 of whatever lies below it, saturated or not.
    reach_[static_cast<std::size_t>(o)] = anySign ? above + below : spec.relu ? above : std::max(above, below);
  }
  std::copy_n(weights.at(spec.name + ".bias").data, spec.out, bias_.begin());
}

VnniFinish::Window VnniFinish::begin(float most, VnniImage::Level& level) const {
  float reach = 0;
  for (std::size_t o = 0; o < reach_.size(); ++o) {
    reach = std::max(reach, reach_[o] * most + (relu_ ? bias_[o] : std::fabs(bias_[o])));
  }
  float scale = (reach + (add_ ? level.most() : 0)) / kVnniMostNumber;
  if (!isScale(scale)) scale = 1;
  Window window{scale, 0, std::vector<float>(bias_.size())};
  // Zeros have no scale to keep.
  if (add_ && level.greatest > 0) {
    // What is added to can be made coarser, not finer.
    window.scale = std::max(scale, level.scale);
    window.residual = inFifteenBits(level.scale / window.scale);
  }
  for (std::size_t o = 0; o < bias_.size(); ++o) {
    window.bias[static_cast<std::size_t>(vnniSlot(static_cast<int>(o), group_))] = bias_[o] / window.scale;
  }
  level.scale = window.scale;
  return window;
}

void VnniGreatest::tell(std::vector<VnniImage::Level>& levels) const {
  for (int window = 0; window < windows_; ++window) levels[static_cast<std::size_t>(window)].greatest = 0;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& greatest = levels[i / kVnniChannels % static_cast<std::size_t>(windows_)].greatest;
    greatest = std::max(greatest, static_cast<int>(lanes_.data()[i]));
  }
}

}  // namespace whospeaks
