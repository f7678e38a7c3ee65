#include "layers/mirrored_conv1d.h"

#include <algorithm>

namespace whospeaks {
namespace {

/// Steps whose folded rows are made at once, few enough to stay in the cache.
constexpr int kChunk = 192;

/// 1 where a filter is even, -1 where it is odd, 0 where it is neither.
int parity(const float* filter, int kernel) {
  bool even = true;
  bool odd = filter[kernel / 2] == 0;
  for (int k = 0; k < kernel / 2; ++k) {
    even = even && filter[k] == filter[kernel - 1 - k];
    odd = odd && filter[k] == -filter[kernel - 1 - k];
  }
  return even ? 1 : odd ? -1 : 0;
}

}  // namespace

bool MirroredConv1d::fits(const Conv1dSpec& spec, const TensorMap& weights) {
  if (spec.in != 1 || spec.bias || spec.slope != 1 || spec.kernel % 2 == 0) return false;
  const float* w = weights.at(spec.name + ".weight").data;
  int before = 1;
  for (int o = 0; o < spec.out; ++o) {
    const int own = parity(w + static_cast<std::ptrdiff_t>(o) * spec.kernel, spec.kernel);
    if (own == 0 || own > before) return false;
    before = own;
  }
  return true;
}

MirroredConv1d::MirroredConv1d(const Conv1dSpec& spec, const TensorMap& weights)
    : kernel_(spec.kernel),
      half_(spec.kernel / 2),
      stride_(spec.stride),
      rowFloats_(roundUp(spec.kernel, kPanel)),
      weights_(static_cast<std::size_t>(roundUp(spec.out, kPanel)) * spec.kernel) {
  const float* w = weights.at(spec.name + ".weight").data;
  for (int panel = 0; panel < roundUp(spec.out, kPanel) / kPanel; ++panel) {
    const int first = panel * kPanel;
    const int last = std::min(first + kPanel, spec.out);
    const bool anyEven = parity(w + static_cast<std::ptrdiff_t>(first) * kernel_, kernel_) > 0;
    const bool anyOdd = parity(w + static_cast<std::ptrdiff_t>(last - 1) * kernel_, kernel_) < 0;
    const int from = anyEven ? 0 : half_ + 1;
    const int to = anyOdd ? kernel_ : half_ + 1;
    parts_.push_back({from, to - from});
    for (int o = first; o < last; ++o) {
      const float* filter = w + static_cast<std::ptrdiff_t>(o) * kernel_;
      const bool even = parity(filter, kernel_) > 0;
      float* column = weights_.data() + static_cast<std::ptrdiff_t>(first) * kernel_ + o % kPanel;
      for (int k = 0; k < (even ? half_ + 1 : half_); ++k) {
        column[static_cast<std::ptrdiff_t>((even ? 0 : half_ + 1) + k - from) * kPanel] = filter[k];
      }
    }
  }
}

WorkspaceSize MirroredConv1d::scratch() const {
  return {static_cast<std::size_t>(kChunk) * rowFloats_, static_cast<std::size_t>(kChunk) * stride_ + kernel_};
}

void MirroredConv1d::fold(const Kernels& kernels, const float* samples, int steps, float* reversed, float* rows) const {
  const int count = (steps - 1) * stride_ + kernel_;
  std::reverse_copy(samples, samples + count, reversed);
  for (int t = 0; t < steps; ++t) {
    const float* from = samples + static_cast<std::ptrdiff_t>(t) * stride_;
    const float* mirrored = reversed + count - kernel_ - static_cast<std::ptrdiff_t>(t) * stride_;
    float* row = rows + static_cast<std::ptrdiff_t>(t) * rowFloats_;
    kernels.sumAndDifference(from, mirrored, half_, row, row + half_ + 1);
    row[half_] = from[half_];
  }
}

void MirroredConv1d::run(const Cores& cores, const Image& in, const Image& out) const {
  const int chunks = (out.width + kChunk - 1) / kChunk;
  const int panels = static_cast<int>(parts_.size());
  const Kernels& kernels = cores.kernels;
  cores.pool.parallelFor(in.count * chunks, [&](int unit, int worker) {
    const int image = unit / chunks;
    const int first = unit % chunks * kChunk;
    const int steps = std::min(kChunk, out.width - first);
    float* rows = cores.workspace.v(worker);
    fold(kernels, in.at(image, 0, first * stride_), steps, cores.workspace.m(worker), rows);
    GemmTask task{};
    task.aRow = rowFloats_;
    task.segments = 1;
    task.bPanel = static_cast<std::ptrdiff_t>(kernel_) * kPanel;
    task.ahead = 16 * kPanel;
    task.aheadStep = kPanel;
    task.cRow = out.channels;
    for (int panel = 0, taken = 1; panel < panels; panel += taken) {
      const Part& part = parts_[static_cast<std::size_t>(panel)];
      taken = 1;
      while (taken < kernels.maxPanels && panel + taken < panels &&
             parts_[static_cast<std::size_t>(panel + taken)] == part) {
        ++taken;
      }
      // Panels are 1 or maxPanels.
      if (taken < kernels.maxPanels) taken = 1;
      task.segmentLength = part.length;
      task.b = weights_.data() + panel * task.bPanel;
      for (int t = 0; t < steps; t += kernels.maxRows) {
        task.a = rows + static_cast<std::ptrdiff_t>(t) * rowFloats_ + part.first;
        task.c = out.at(image, 0, first + t) + static_cast<std::ptrdiff_t>(panel) * kPanel;
        kernels.gemm(task, std::min(kernels.maxRows, steps - t), taken);
      }
    }
  });
}

}  // namespace whospeaks
