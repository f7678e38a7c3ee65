#include "layers/attentive_statistics.h"

#include <algorithm>

namespace whospeaks {

AttentiveStatistics::AttentiveStatistics(const AttentiveStatisticsSpec& spec, const TensorMap& weights)
    : spec_(spec),
      paddedChannels_(roundUp(spec.channels, kPanel)),
      unitPanels_(roundUp(spec.units, kPanel) / kPanel),
      first_(static_cast<std::size_t>(unitPanels_) * kPanel * spec.rows * paddedChannels_),
      bias_(static_cast<std::size_t>(unitPanels_) * kPanel),
      second_(first_.size()) {
  const float* first = weights.at(spec.name + "1.weight").data;
  const std::ptrdiff_t column = static_cast<std::ptrdiff_t>(spec.rows) * paddedChannels_;
  for (int u = 0; u < spec.units; ++u) {
    float* to = first_.data() + u / kPanel * column * kPanel + u % kPanel;
    for (int c = 0; c < spec.channels; ++c) {
      for (int h = 0; h < spec.rows; ++h) to[(static_cast<std::ptrdiff_t>(h) * paddedChannels_ + c) * kPanel] = *first++;
    }
  }
  std::copy_n(weights.at(spec.name + "1.bias").data, spec.units, bias_.data());
  const float* second = weights.at(spec.name + "2.weight").data;
  const std::ptrdiff_t units = static_cast<std::ptrdiff_t>(unitPanels_) * kPanel;
  for (int c = 0; c < spec.channels; ++c) {
    for (int h = 0; h < spec.rows; ++h) {
      float* to = second_.data() + (static_cast<std::ptrdiff_t>(h) * paddedChannels_ + c / kPanel * kPanel) * units +
                  c % kPanel;
      for (int u = 0; u < spec.units; ++u) to[static_cast<std::ptrdiff_t>(u) * kPanel] = *second++;
    }
  }
}

void AttentiveStatistics::run(const Cores& cores, const Image& in, const Image& out) const {
  run(cores, in, out, nullptr);
}

/// The hidden layer: count x width x units, padded.
void AttentiveStatistics::attend(const Cores& cores, const Image& in, float* hidden) const {
  const Kernels& kernels = cores.kernels;
  const int units = unitPanels_ * kPanel;
  const int blocks = (in.width + kernels.maxRows - 1) / kernels.maxRows;
  cores.pool.parallelFor(in.count * blocks, [&](int unit, int) {
    const int image = unit / blocks;
    const int step = in.width * (unit % blocks) / blocks;
    const int steps = in.width * (unit % blocks + 1) / blocks - step;
    float* to = hidden + (static_cast<std::ptrdiff_t>(image) * in.width + step) * units;
    GemmTask task{};
    task.a = in.at(image, 0, step);
    task.aRow = in.channels;
    task.aSegment = in.rowStride();
    task.segments = in.height;
    task.segmentLength = in.channels;
    task.ahead = 16 * kPanel;
    task.aheadStep = kPanel;
    task.cRow = units;
    task.relu = spec_.activation == Activation::relu;
    for (int panel = 0; panel < unitPanels_; ++panel) {
      task.b = first_.data() + static_cast<std::ptrdiff_t>(panel) * in.height * in.channels * kPanel;
      task.bias = bias_.data() + panel * kPanel;
      task.c = to + panel * kPanel;
      kernels.gemm(task, steps, 1);
    }
    if (spec_.activation == Activation::tanh) {
      kernels.hyperbolicTangent(to, static_cast<std::size_t>(steps) * units);
    }
  });
}

void AttentiveStatistics::run(const Cores& cores, const Image& in, const Image& out, const float* masks) const {
  const Kernels& kernels = cores.kernels;
  const int units = unitPanels_ * kPanel;
  const int panels = in.channels / kPanel;
  const std::size_t hiddenFloats = static_cast<std::size_t>(in.count) * in.width * units;
  const std::size_t scoreFloats = static_cast<std::size_t>(in.width) * kPanel;
  float* hidden = reinterpret_cast<float*>(
      cores.workspace.bytes((hiddenFloats + scoreFloats * cores.pool.threads()) * sizeof(float)));
  attend(cores, in, hidden);
  cores.pool.parallelFor(out.count * in.height * panels, [&](int unit, int worker) {
    const int panel = unit % panels;
    const int h = unit / panels % in.height;
    const int result = unit / panels / in.height;
    const int image = masks == nullptr ? result : 0;
    float* scores = hidden + hiddenFloats + worker * scoreFloats;
    GemmTask task{};
    task.aRow = units;
    task.segments = 1;
    task.segmentLength = units;
    task.b = second_.data() + (static_cast<std::ptrdiff_t>(h) * in.channels + panel * kPanel) * units;
    task.cRow = kPanel;
    for (int step = 0; step < in.width; step += kernels.maxRows) {
      task.a = hidden + (static_cast<std::ptrdiff_t>(image) * in.width + step) * units;
      task.c = scores + static_cast<std::ptrdiff_t>(step) * kPanel;
      kernels.gemm(task, std::min(kernels.maxRows, in.width - step), 1);
    }
    kernels.attention({scores, in.at(image, h, 0) + panel * kPanel, in.channels, in.width,
                       masks == nullptr ? nullptr : masks + static_cast<std::ptrdiff_t>(result) * in.width, spec_.floor,
                       out.at(result, h, 0) + panel * kPanel, out.at(result, in.height + h, 0) + panel * kPanel});
  });
}

}  // namespace whospeaks
