#include "layers/direct_conv.h"

#include <algorithm>

namespace whospeaks {

DirectConv::DirectConv(const ConvSpec& spec, const TensorMap& weights, int paddedIn)
    : kernel_(spec.kernel),
      stride_(spec.stride),
      relu_(spec.relu),
      add_(spec.add),
      paddedIn_(paddedIn),
      panels_(roundUp(spec.out, kPanel) / kPanel),
      panelFloats_(static_cast<std::ptrdiff_t>(spec.kernel) * spec.kernel * paddedIn * kPanel),
      weights_(static_cast<std::size_t>(panels_ * panelFloats_)),
      bias_(static_cast<std::size_t>(panels_) * kPanel) {
  const float* w = weights.at(spec.name + ".weight").data;
  const int taps = spec.kernel * spec.kernel;
  for (int o = 0; o < spec.out; ++o) {
    for (int tap = 0; tap < taps; ++tap) {
      float* column = weights_.data() + (o / kPanel) * panelFloats_ +
                      static_cast<std::ptrdiff_t>(tap) * paddedIn * kPanel + o % kPanel;
      const float* from = w + (static_cast<std::ptrdiff_t>(o) * taps + tap) * spec.in;
      for (int c = 0; c < spec.in; ++c) column[static_cast<std::ptrdiff_t>(c) * kPanel] = from[c];
    }
  }
  std::copy_n(weights.at(spec.name + ".bias").data, spec.out, bias_.data());
}

void DirectConv::run(const Cores& cores, const Image& in, const Image& out) const {
  const Kernels& kernels = cores.kernels;
  ThreadPool& pool = cores.pool;
  const int panelGroups = (panels_ + kernels.maxPanels - 1) / kernels.maxPanels;
  const int wanted = pool.threads() == 1 ? 1 : pool.threads() * 6;
  const int rowChunks = std::clamp((wanted + panelGroups * in.count - 1) / (panelGroups * in.count), 1, out.height);
  pool.parallelFor(in.count * panelGroups * rowChunks, [&](int unit, int) {
    const int group = unit % panelGroups;
    const int chunk = unit / panelGroups % rowChunks;
    const int panel = group * kernels.maxPanels;
    runRows(kernels, in, out, unit / panelGroups / rowChunks, panel, std::min(kernels.maxPanels, panels_ - panel),
            out.height * chunk / rowChunks, out.height * (chunk + 1) / rowChunks);
  });
}

void DirectConv::runRows(const Kernels& kernels, const Image& in, const Image& out, int image, int panel, int panels,
                         int firstRow, int lastRow) const {
  const int pad = kernel_ / 2;
  GemmTask task{};
  task.aRow = static_cast<std::ptrdiff_t>(stride_) * paddedIn_;
  task.aSegment = in.rowStride();
  task.segments = kernel_;
  task.segmentLength = kernel_ * paddedIn_;
  task.b = weights_.data() + panel * panelFloats_;
  task.bPanel = panelFloats_;
  task.ahead = 16 * kPanel;
  task.aheadStep = kPanel;
  task.bias = bias_.data() + static_cast<std::ptrdiff_t>(panel) * kPanel;
  task.cRow = out.channels;
  task.relu = relu_;
  const int blocks = (out.width + kernels.maxRows - 1) / kernels.maxRows;
  for (int h = firstRow; h < lastRow; ++h) {
    for (int block = 0; block < blocks; ++block) {
      const int first = static_cast<int>(static_cast<long long>(out.width) * block / blocks);
      const int last = static_cast<int>(static_cast<long long>(out.width) * (block + 1) / blocks);
      task.a = in.at(image, h * stride_ - pad, first * stride_ - pad);
      task.c = out.at(image, h, first) + static_cast<std::ptrdiff_t>(panel) * kPanel;
      task.residual = add_ ? task.c : nullptr;
      // A last lone panel is narrower than the kernel's best; panels are 1 or maxPanels.
      kernels.gemm(task, last - first, panels);
    }
  }
}

}  // namespace whospeaks
