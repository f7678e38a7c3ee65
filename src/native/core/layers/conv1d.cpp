#include "layers/conv1d.h"

#include <algorithm>

namespace whospeaks {
namespace {

/// Steps that go through all panels before the next ones: what they read stays in the cache.
constexpr int kChunk = 480;

}  // namespace

Conv1d::Conv1d(const Conv1dSpec& spec, const TensorMap& weights, int paddedIn)
    : kernel_(spec.kernel),
      stride_(spec.stride),
      slope_(spec.slope),
      paddedIn_(paddedIn),
      panels_(roundUp(spec.out, kPanel) / kPanel),
      panelFloats_(static_cast<std::ptrdiff_t>(spec.kernel) * paddedIn * kPanel),
      weights_(static_cast<std::size_t>(panels_ * panelFloats_)),
      bias_(static_cast<std::size_t>(panels_) * kPanel) {
  const float* from = weights.at(spec.name + ".weight").data;
  for (int o = 0; o < spec.out; ++o) {
    float* column = weights_.data() + (o / kPanel) * panelFloats_ + o % kPanel;
    for (int tap = 0; tap < spec.kernel; ++tap) {
      for (int c = 0; c < spec.in; ++c) column[(static_cast<std::ptrdiff_t>(tap) * paddedIn + c) * kPanel] = *from++;
    }
  }
  if (spec.bias) std::copy_n(weights.at(spec.name + ".bias").data, spec.out, bias_.data());
}

void Conv1d::run(const Cores& cores, const Image& in, const Image& out) const {
  const int chunks = (out.width + kChunk - 1) / kChunk;
  cores.pool.parallelFor(in.count * chunks, [&](int unit, int) {
    const int image = unit / chunks;
    const int first = unit % chunks * kChunk;
    const int last = std::min(first + kChunk, out.width);
    for (int panel = 0; panel < panels_; panel += cores.kernels.maxPanels) {
      runSteps(cores.kernels, in, out, image, panel, first, last);
    }
    if (slope_ == 1) return;
    cores.kernels.leakyRelu(out.at(image, 0, first), static_cast<std::size_t>(last - first) * out.channels, slope_);
  });
}

void Conv1d::runSteps(const Kernels& kernels, const Image& in, const Image& out, int image, int panel, int first,
                      int last) const {
  GemmTask task{};
  task.aRow = static_cast<std::ptrdiff_t>(stride_) * paddedIn_;
  task.segments = 1;
  task.segmentLength = kernel_ * paddedIn_;
  task.b = weights_.data() + panel * panelFloats_;
  task.bPanel = panelFloats_;
  task.ahead = 16 * kPanel;
  task.aheadStep = kPanel;
  task.bias = bias_.data() + static_cast<std::ptrdiff_t>(panel) * kPanel;
  task.cRow = out.channels;
  const int blocks = (last - first + kernels.maxRows - 1) / kernels.maxRows;
  for (int block = 0; block < blocks; ++block) {
    const int from = first + (last - first) * block / blocks;
    const int to = first + (last - first) * (block + 1) / blocks;
    task.a = in.at(image, 0, from * stride_);
    task.c = out.at(image, 0, from) + static_cast<std::ptrdiff_t>(panel) * kPanel;
    kernels.gemm(task, to - from, std::min(kernels.maxPanels, panels_ - panel));
  }
}

}  // namespace whospeaks
