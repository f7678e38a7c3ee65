#include "layers/int8_conv.h"

#include <algorithm>
#include <cmath>

#include "simd/kernels.h"
#include "simd/vnni_kernels.h"

namespace whospeaks {
namespace {

constexpr float kMostInput = 255;
constexpr float kMostWeight = 127;

/// The scale that brings `greatest` to `most`; 1 where all is zero.
float scaleFor(float greatest, float most) { return greatest > 0 ? greatest / most : 1; }

}  // namespace

/// What every row of one run needs.
struct Int8Conv::Call {
  const Image& in;
  const Image& out;
  const std::uint8_t* bytes;
  const float* scales;  // one a window
};

Int8Conv::Int8Conv(const ConvSpec& spec, const TensorMap& weights, int paddedIn)
    : kernel_(spec.kernel),
      stride_(spec.stride),
      relu_(spec.relu),
      add_(spec.add),
      paddedIn_(paddedIn),
      panels_(roundUp(spec.out, kPanel) / kPanel),
      panelBytes_(static_cast<std::ptrdiff_t>(spec.kernel) * spec.kernel * paddedIn * kPanel),
      weights_(static_cast<std::size_t>(panels_ * panelBytes_)),
      scale_(static_cast<std::size_t>(panels_) * kPanel),
      bias_(static_cast<std::size_t>(panels_) * kPanel) {
  const int taps = spec.kernel * spec.kernel;
  for (int o = 0; o < spec.out; ++o) {
    const float* from = weights.at(spec.name + ".weight").data + static_cast<std::ptrdiff_t>(o) * taps * spec.in;
    float greatest = 0;
    for (int k = 0; k < taps * spec.in; ++k) greatest = std::max(greatest, std::fabs(from[k]));
    const float scale = scaleFor(greatest, kMostWeight);
    scale_.data()[o] = scale;
    std::int8_t* panel = weights_.data() + o / kPanel * panelBytes_;
    for (int tap = 0; tap < taps; ++tap) {
      for (int c = 0; c < spec.in; ++c) {
        const int k = tap * paddedIn + c;
        panel[(k / kVnniDepth * kPanel + o % kPanel) * kVnniDepth + k % kVnniDepth] =
            static_cast<std::int8_t>(std::lround(*from++ / scale));
      }
    }
  }
  std::copy_n(weights.at(spec.name + ".bias").data, spec.out, bias_.data());
}

void Int8Conv::run(const Cores& cores, const Image& in, const Image& out) const {
  ThreadPool& pool = cores.pool;
  std::uint8_t* bytes = cores.workspace.bytes(in.size());
  // Borders are zeros, before and after; so whole rows of the image are taken, borders too.
  const int rows = static_cast<int>(in.imageStride() / in.rowStride());
  const auto rowFloats = static_cast<std::size_t>(in.rowStride());
  std::vector<float> greatest(static_cast<std::size_t>(in.count) * rows);
  pool.parallelFor(in.count * rows, [&](int row, int) {
    greatest[static_cast<std::size_t>(row)] = vnniGreatest(in.origin + row * in.rowStride(), rowFloats);
  });
  std::vector<float> scales;
  for (int i = 0; i < in.count; ++i) {
    const auto first = greatest.begin() + static_cast<std::ptrdiff_t>(i) * rows;
    scales.push_back(scaleFor(*std::max_element(first, first + rows), kMostInput));
  }
  pool.parallelFor(in.count * rows, [&](int row, int) {
    const std::ptrdiff_t at = row * in.rowStride();
    vnniQuantize(in.origin + at, rowFloats, scales[static_cast<std::size_t>(row / rows)], bytes + at);
  });
  const Call call{in, out, bytes, scales.data()};
  const int groups = (panels_ + kVnniPanels - 1) / kVnniPanels;
  pool.parallelFor(in.count * groups * out.height, [&](int unit, int) {
    const int image = unit / (groups * out.height);
    runRow(call, image, unit % out.height, unit / out.height % groups * kVnniPanels);
  });
}

void Int8Conv::runRow(const Call& call, int image, int row, int panel) const {
  const Image& in = call.in;
  const Image& out = call.out;
  const int pad = kernel_ / 2;
  VnniTask task{};
  task.aRow = static_cast<std::ptrdiff_t>(stride_) * paddedIn_;
  task.aSegment = in.rowStride();
  task.segments = kernel_;
  task.steps = kernel_ * paddedIn_ / kVnniDepth;
  task.b = weights_.data() + panel * panelBytes_;
  task.bPanel = panelBytes_;
  task.scale = scale_.data() + static_cast<std::ptrdiff_t>(panel) * kPanel;
  task.aScale = call.scales[image];
  task.bias = bias_.data() + static_cast<std::ptrdiff_t>(panel) * kPanel;
  task.cRow = out.channels;
  task.relu = relu_;
  const int blocks = (out.width + kVnniRows - 1) / kVnniRows;
  for (int block = 0; block < blocks; ++block) {
    const int first = out.width * block / blocks;
    task.a = call.bytes + (in.at(image, row * stride_ - pad, first * stride_ - pad) - in.origin);
    task.c = out.at(image, row, first) + static_cast<std::ptrdiff_t>(panel) * kPanel;
    task.residual = add_ ? task.c : nullptr;
    vnniGemm(task, out.width * (block + 1) / blocks - first, std::min(kVnniPanels, panels_ - panel));
  }
}

}  // namespace whospeaks
