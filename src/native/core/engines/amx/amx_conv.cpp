#include "engines/amx/amx_conv.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "simd/buffer.h"
#include "simd/kernels.h"

namespace whospeaks {
namespace {

constexpr int kRows = 32;

}  // namespace

Bf16 toBf16(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<Bf16>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

AmxConv::AmxConv(const ConvSpec& spec, const TensorMap& weights)
    : kernel_(spec.kernel),
      stride_(spec.stride),
      relu_(spec.relu),
      add_(spec.add),
      channelsIn_(roundUp(spec.in, kPanel)),
      panels_(roundUp(spec.out, kPanel) / kPanel),
      chunks_(roundUp(spec.kernel * channelsIn_, kAmxDepth) / kAmxDepth),
      panelSize_(static_cast<std::ptrdiff_t>(spec.kernel) * chunks_ * kAmxTile),
      weights_(static_cast<std::size_t>(panels_ * panelSize_)),
      bias_(static_cast<std::size_t>(panels_) * kPanel) {
  const float* w = weights.at(spec.name + ".weight").data;
  for (int o = 0; o < spec.out; ++o) {
    for (int kf = 0; kf < kernel_; ++kf) {
      Bf16* tiles = weights_.data() + o / kPanel * panelSize_ + static_cast<std::ptrdiff_t>(kf) * chunks_ * kAmxTile;
      for (int kt = 0; kt < kernel_; ++kt) {
        for (int c = 0; c < spec.in; ++c) {
          // Tile row r holds the pair of k = 2r and 2r + 1 for each of 16 columns.
          const int k = kt * channelsIn_ + c;
          const int inTile = k % kAmxDepth;
          tiles[k / kAmxDepth * kAmxTile + inTile / 2 * 32 + o % kPanel * 2 + inTile % 2] =
              toBf16(w[((static_cast<std::ptrdiff_t>(o) * kernel_ + kf) * kernel_ + kt) * spec.in + c]);
        }
      }
    }
  }
  std::copy_n(weights.at(spec.name + ".bias").data, spec.out, bias_.data());
}

AmxTask AmxConv::task(const AmxImage& in, AmxImage& out, int panel) const {
  AmxTask task{};
  task.aRow = static_cast<std::ptrdiff_t>(stride_) * channelsIn_;
  task.aSegment = in.rowStride();
  task.segments = kernel_;
  task.chunks = chunks_;
  task.b = weights_.data() + panel * panelSize_;
  task.bPanel = panelSize_;
  task.bias = bias_.data() + static_cast<std::ptrdiff_t>(panel) * kPanel;
  task.outRow = out.channels();
  task.out = out.at(0, 0) + static_cast<std::ptrdiff_t>(panel) * kPanel;
  task.residual = add_ ? task.out : nullptr;
  task.period = std::numeric_limits<int>::max();
  task.relu = relu_;
  return task;
}

void AmxConv::run(ThreadPool& pool, const AmxImage& in, AmxImage& out) const {
  const bool flat = stride_ == 1;
  const int lines = flat ? (out.height() * out.period() + kRows - 1) / kRows : out.height();
  const int groups = (panels_ + 1) / 2;
  const int wanted = pool.threads() == 1 ? 1 : 4 * pool.threads();
  const int pieces = std::clamp((wanted + groups - 1) / groups, 1, lines);
  pool.parallelFor(groups * pieces, [&](int unit, int) {
    const int panel = unit / pieces * 2;
    const int piece = unit % pieces;
    const AmxTask base = task(in, out, panel);
    const int panels = std::min(2, panels_ - panel);
    const int first = lines * piece / pieces;
    const int last = lines * (piece + 1) / pieces;
    amxBegin();
    if (flat) {
      runFlat(in, out, base, panels, first, last);
    } else {
      runRows(in, out, base, panels, first, last);
    }
    amxEnd();
  });
}

/// Stride 1: the outputs, borders between rows included, are one run of positions.
void AmxConv::runFlat(const AmxImage& in, AmxImage& out, const AmxTask& base, int panels, int first, int last) const {
  const int positions = out.height() * out.period();
  const int pad = kernel_ / 2;
  for (int block = first; block < last; ++block) {
    const int position = block * kRows;
    AmxTask task = base;
    task.a = in.at(-pad, -pad) + static_cast<std::ptrdiff_t>(position) * channelsIn_;
    task.out += position * task.outRow;
    if (task.residual) task.residual += position * task.outRow;
    task.rows = std::min(kRows, positions - position);
    task.phase = position % out.period();
    task.period = out.period();
    amxGemm(task, panels);
  }
}

void AmxConv::runRows(const AmxImage& in, AmxImage& out, const AmxTask& base, int panels, int first, int last) const {
  const int pad = kernel_ / 2;
  for (int h = first; h < last; ++h) {
    for (int w = 0; w < out.width(); w += kRows) {
      AmxTask task = base;
      const std::ptrdiff_t offset = h * out.rowStride() + w * task.outRow;
      task.a = in.at(h * stride_ - pad, w * stride_ - pad);
      task.out += offset;
      if (task.residual) task.residual += offset;
      task.rows = std::min(kRows, out.width() - w);
      amxGemm(task, panels);
    }
  }
}

}  // namespace whospeaks
