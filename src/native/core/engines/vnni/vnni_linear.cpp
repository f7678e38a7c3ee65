#include "engines/vnni/vnni_linear.h"

#include <cmath>

#include "simd/kernels.h"

namespace whospeaks {

VnniLinearLayer::VnniLinearLayer(const LinearSpec& spec, const TensorMap& weights)
    : outputs_(spec.out),
      inputs_(spec.groups * spec.rows * roundUp(spec.channels, kPanel)),
      relu_(spec.relu),
      weights_(static_cast<std::size_t>(outputs_) * inputs_),
      scale_(static_cast<std::size_t>(outputs_)),
      bias_(weights.at(spec.name + ".bias").data, weights.at(spec.name + ".bias").data + outputs_) {
  const int padded = roundUp(spec.channels, kPanel);
  const int numbers = spec.groups * spec.channels * spec.rows;
  for (int o = 0; o < outputs_; ++o) {
    const float* from = weights.at(spec.name + ".weight").data + static_cast<std::ptrdiff_t>(o) * numbers;
    float greatest = 0;
    for (int k = 0; k < numbers; ++k) greatest = std::max(greatest, std::fabs(from[k]));
    const float scale = vnniScale(greatest, kVnniMostNumber);
    scale_[static_cast<std::size_t>(o)] = scale;
    std::int16_t* column =
        weights_.data() + static_cast<std::ptrdiff_t>(o / kVnniOutputs) * inputs_ * kVnniOutputs + o % kVnniOutputs;
    for (int group = 0; group < spec.groups; ++group) {
      for (int c = 0; c < spec.channels; ++c) {
        for (int row = 0; row < spec.rows; ++row) {
          column[(static_cast<std::ptrdiff_t>(group * spec.rows + row) * padded + c) * kVnniOutputs] =
              static_cast<std::int16_t>(roundedOver(*from++, scale));
        }
      }
    }
  }
}

void VnniLinearLayer::run(const Cores& cores, const Image& in, const Image& out) const {
  const int groups = outputs_ / kVnniOutputs;
  cores.pool.parallelFor(groups * in.count, [&](int unit, int) {
    const int output = unit / in.count * kVnniOutputs;
    const int window = unit % in.count;
    vnniLinear({in.at(window, 0, 0), inputs_, weights_.data() + static_cast<std::ptrdiff_t>(output) * inputs_,
                scale_.data() + output, bias_.data() + output, out.at(window, 0, 0) + output, relu_});
  });
}

}  // namespace whospeaks
