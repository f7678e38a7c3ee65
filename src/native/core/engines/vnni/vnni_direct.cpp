#include "engines/vnni/vnni_direct.h"

#include <algorithm>
#include <cmath>

namespace whospeaks {
namespace {

constexpr int kMostByte = 255;
constexpr float kMostWeight = 127;

}  // namespace

/// What every row of one run needs.
struct VnniDirectConv::Call {
  const VnniImage& in;
  VnniImage& out;
  const std::uint8_t* bytes;
  std::vector<VnniFinish::Window> windows;
  std::vector<std::vector<float>> scales;  // of the sums, by window, in slots
  VnniGreatest& greatest;
};

VnniDirectConv::VnniDirectConv(const ConvSpec& spec, const TensorMap& weights)
    : finish_(spec, weights),
      kernel_(spec.kernel),
      stride_(spec.stride),
      in_(vnniStored(spec.in)),
      groups_(roundUp(spec.out, kVnniChannels) / kVnniChannels),
      groupBytes_(static_cast<std::ptrdiff_t>(spec.kernel) * spec.kernel * in_ * kVnniChannels),
      weights_(static_cast<std::size_t>(groups_ * groupBytes_)),
      scale_(static_cast<std::size_t>(groups_) * kVnniChannels, 1.0f) {
  const int taps = spec.kernel * spec.kernel;
  const float* from = weights.at(spec.name + ".weight").data;
  for (int o = 0; o < spec.out; ++o) {
    float greatest = 0;
    for (int k = 0; k < taps * spec.in; ++k) greatest = std::max(greatest, std::fabs(from[k]));
    const float scale = vnniScale(greatest, kMostWeight);
    scale_[static_cast<std::size_t>(vnniSlot(o, kVnniChannels))] = scale;
    std::int8_t* group = weights_.data() + o / kVnniChannels * groupBytes_;
    for (int tap = 0; tap < taps; ++tap) {
      for (int c = 0; c < spec.in; ++c) {
        const std::ptrdiff_t k = static_cast<std::ptrdiff_t>(tap) * in_ + c;
        group[(k / kVnniBytes * kVnniChannels + vnniSlot(o % kVnniChannels, kVnniChannels)) * kVnniBytes +
              k % kVnniBytes] = static_cast<std::int8_t>(roundedOver(*from++, scale));
      }
    }
  }
}

void VnniDirectConv::run(VnniCores& cores, const VnniImage& in, VnniImage& out) const {
  ThreadPool& pool = cores.pool;
  const auto size = static_cast<std::size_t>(in.count()) * static_cast<std::size_t>(in.imageStride());
  if (cores.bytes.size() < size) cores.bytes.resize(size);
  VnniGreatest greatest(pool.threads(), in.count());
  Call call{in, out, cores.bytes.data(), {}, {}, greatest};
  std::vector<std::int16_t> factors;
  for (int window = 0; window < in.count(); ++window) {
    const auto at = static_cast<std::size_t>(window);
    const VnniInputScale input = vnniInputScale(in.levels[at], kMostByte);
    factors.push_back(input.factor);
    call.windows.push_back(finish_.begin(in.levels[at].most(), out.levels[at]));
    call.scales.push_back(scale_);
    for (float& scale : call.scales.back()) scale *= input.scale / call.windows.back().scale;
  }
  // Borders are zeros, before and after; so whole rows of the image are taken, borders too.
  const int rows = static_cast<int>(in.imageStride() / in.rowStride());
  pool.parallelFor(in.count() * rows, [&](int row, int) {
    const std::ptrdiff_t at = row * in.rowStride();
    vnniToBytes(in.at(0, -1, -1) + at, static_cast<std::size_t>(in.rowStride()),
                factors[static_cast<std::size_t>(row / rows)], cores.bytes.data() + at);
  });
  pool.parallelFor(in.count() * groups_ * out.height(), [&](int unit, int worker) {
    const int window = unit / (groups_ * out.height());
    runRow(call, window, unit % out.height(), unit / out.height() % groups_, worker);
  });
  greatest.tell(out.levels);
}

void VnniDirectConv::runRow(const Call& call, int window, int row, int group, int worker) const {
  const VnniImage& in = call.in;
  const VnniImage& out = call.out;
  const int pad = kernel_ / 2;
  const auto at = static_cast<std::size_t>(window);
  const std::ptrdiff_t channel = static_cast<std::ptrdiff_t>(group) * kVnniChannels;
  const int blocks = (out.width() + kVnniRows - 1) / kVnniRows;
  for (int block = 0; block < blocks; ++block) {
    const int first = out.width() * block / blocks;
    const std::int16_t* from = in.at(window, row * stride_ - pad, first * stride_ - pad);
    vnniDirect(
        {call.bytes + (from - in.at(0, -1, -1)), static_cast<std::ptrdiff_t>(stride_) * in_, in.rowStride(), kernel_,
         kernel_ * in_ / kVnniBytes, weights_.data() + group * groupBytes_, out.channels()},
        {call.scales[at].data() + channel, call.windows[at].bias.data() + channel, out.at(window, row, first) + channel,
         finish_.add(), call.windows[at].residual, finish_.relu(), call.greatest.of(worker, window)},
        out.width() * (block + 1) / blocks - first);
  }
}

bool VnniStemConv::fits(const ConvSpec& spec) {
  return spec.in == 1 && spec.kernel == 3 && spec.stride == 1 && !spec.add;
}

VnniStemConv::VnniStemConv(const ConvSpec& spec, const TensorMap& weights)
    : finish_(spec, weights),
      group_(vnniGroup(spec.out)),
      groups_(vnniStored(spec.out) / group_),
      weights_(static_cast<std::size_t>(groups_) * kVnniTaps * group_) {
  const float* taps = weights.at(spec.name + ".weight").data;
  for (int o = 0; o < spec.out; ++o) {
    for (int tap = 0; tap < kVnniTaps; ++tap) {
      weights_[static_cast<std::size_t>((o / group_ * kVnniTaps + tap) * group_ + vnniSlot(o % group_, group_))] =
          taps[o * kVnniTaps + tap];
    }
  }
}

void VnniStemConv::run(VnniCores& cores, const Image& in, VnniImage& out) const {
  VnniGreatest greatest(cores.pool.threads(), in.count);
  std::vector<VnniFinish::Window> windows;
  for (int window = 0; window < in.count; ++window) {
    float most = 0;
    for (int h = 0; h < in.height; ++h) {
      const float* row = in.at(window, h, 0);
      for (int t = 0; t < in.width; ++t) most = std::max(most, std::fabs(row[t]));
    }
    windows.push_back(finish_.begin(most, out.levels[static_cast<std::size_t>(window)]));
  }
  const auto stem = group_ == kVnniNarrow ? vnniNarrowStem : vnniStem;
  cores.pool.parallelFor(in.count * in.height, [&](int unit, int worker) {
    const int window = unit / in.height;
    const int h = unit % in.height;
    const VnniFinish::Window& end = windows[static_cast<std::size_t>(window)];
    const float scale = 1 / end.scale;
    for (int group = 0; group < groups_; ++group) {
      const std::ptrdiff_t channel = static_cast<std::ptrdiff_t>(group) * group_;
      stem({in.at(window, h - 1, -1), in.rowStride(), weights_.data() + channel * kVnniTaps, out.channels(), in.width},
           {&scale, end.bias.data() + channel, out.at(window, h, 0) + channel, false, 0, finish_.relu(),
            greatest.of(worker, window)});
    }
  });
  greatest.tell(out.levels);
}

}  // namespace whospeaks
