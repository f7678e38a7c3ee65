#include "layers/linear.h"

#include <algorithm>

namespace whospeaks {

Linear::Linear(const LinearSpec& spec, const TensorMap& weights)
    : panels_(roundUp(spec.out, kPanel) / kPanel),
      inputs_(spec.groups * spec.rows * roundUp(spec.channels, kPanel)),
      relu_(spec.relu),
      weights_(static_cast<std::size_t>(panels_) * kPanel * inputs_),
      bias_(static_cast<std::size_t>(panels_) * kPanel) {
  const int padded = roundUp(spec.channels, kPanel);
  const float* from = weights.at(spec.name + ".weight").data;
  for (int o = 0; o < spec.out; ++o) {
    float* column = weights_.data() + static_cast<std::ptrdiff_t>(o / kPanel) * inputs_ * kPanel + o % kPanel;
    for (int group = 0; group < spec.groups; ++group) {
      for (int c = 0; c < spec.channels; ++c) {
        for (int row = 0; row < spec.rows; ++row) {
          column[(static_cast<std::ptrdiff_t>(group * spec.rows + row) * padded + c) * kPanel] = *from++;
        }
      }
    }
  }
  std::copy_n(weights.at(spec.name + ".bias").data, spec.out, bias_.data());
}

void Linear::run(const Cores& cores, const Image& in, const Image& out) const {
  cores.pool.parallelFor(panels_, [&](int panel, int) {
    GemmTask task{};
    task.aRow = inputs_;
    task.segments = 1;
    task.segmentLength = inputs_;
    task.b = weights_.data() + static_cast<std::ptrdiff_t>(panel) * inputs_ * kPanel;
    task.ahead = 64 * kPanel;
    task.aheadStep = kPanel;
    task.bias = bias_.data() + panel * kPanel;
    task.cRow = out.imageStride();
    task.relu = relu_;
    for (int first = 0; first < in.count; first += cores.kernels.maxRows) {
      task.a = in.at(first, 0, 0);
      task.c = out.at(first, 0, 0) + panel * kPanel;
      cores.kernels.gemm(task, std::min(cores.kernels.maxRows, in.count - first), 1);
    }
  });
}

}  // namespace whospeaks
