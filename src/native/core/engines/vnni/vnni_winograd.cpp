#include "engines/vnni/vnni_winograd.h"

#include <algorithm>
#include <cmath>

namespace whospeaks {
namespace {

constexpr int kSide = kVnniTile + 2;
/// Weights beyond this many numbers do not stay in a core's cache from one block to the next.
constexpr std::ptrdiff_t kOwnWeights = (512 << 10) / sizeof(std::int16_t);
constexpr int kBlocksPerThread = 4;
constexpr int kMostTiles = 96;

/// How far Bt reaches above 0 and below, for inputs of 0 to 1.
constexpr int kAbove[kSide] = {5, 2, 5, 3, 3, 5};
constexpr int kBelow[kSide] = {5, 8, 5, 3, 3, 5};

/// G g of three taps, each of `count` inputs; points lie `step` apart.
void transform(const float* first, const float* second, const float* third, std::ptrdiff_t count, float* u,
               std::ptrdiff_t step) {
  for (std::ptrdiff_t c = 0; c < count; ++c) {
    const float ends = (first[c] + third[c]) * (-1.0f / 6);
    const float middle = second[c] * (1.0f / 6);
    const float wide = first[c] * (1.0f / 24) + third[c] * (1.0f / 6);
    u[c] = first[c] * 0.25f;
    u[step + c] = ends - middle;
    u[2 * step + c] = ends + middle;
    u[3 * step + c] = wide + 0.5f * middle;
    u[4 * step + c] = wide - 0.5f * middle;
    u[5 * step + c] = third[c];
  }
}

}  // namespace

struct VnniWinograd::Call {
  const VnniImage& in;
  VnniImage& out;
  int tilesDown;
  int tilesAcross;
  std::vector<VnniInputScale> inputs;
  std::vector<VnniFinish::Window> windows;
  VnniGreatest& greatest;
  const std::vector<VnniScratch>& scratch;  // one a thread
};

VnniWinograd::VnniWinograd(const ConvSpec& spec, const TensorMap& weights, ThreadPool& pool)
    : finish_(spec, weights),
      in_(vnniStored(spec.in)),
      group_(vnniGroup(spec.out)),
      groups_(vnniStored(spec.out) / group_),
      weights_(static_cast<std::size_t>(groups_) * kVnniPoints * in_ * group_),
      scale_(static_cast<std::size_t>(groups_) * kVnniPoints * group_) {
  const std::ptrdiff_t numbers = static_cast<std::ptrdiff_t>(weights_.size());
  blockTiles_ = numbers > kOwnWeights ? kMostTiles : kVnniRows;
  const float* taps = weights.at(spec.name + ".weight").data;
  pool.parallelFor(spec.out, [&](int output, int) { pack(spec, taps, output); });
}

void VnniWinograd::pack(const ConvSpec& spec, const float* weights, int output) {
  const std::ptrdiff_t in = spec.in;
  const float* taps = weights + output * 9 * in;
  std::vector<float> half(static_cast<std::size_t>(3 * kSide * in));
  std::vector<float> points(static_cast<std::size_t>(kVnniPoints * in));
  // Of each column of taps, then of each row of what came out.
  for (int w = 0; w < 3; ++w) {
    transform(taps + w * in, taps + (3 + w) * in, taps + (6 + w) * in, in, half.data() + w * in, 3 * in);
  }
  for (int h = 0; h < kSide; ++h) {
    const float* row = half.data() + h * 3 * in;
    transform(row, row + in, row + 2 * in, in, points.data() + h * kSide * in, in);
  }
  const int group = output / group_;
  const int slot = vnniSlot(output % group_, group_);
  for (int point = 0; point < kVnniPoints; ++point) {
    const float* u = points.data() + point * in;
    float greatest = 0;
    float sum = 0;
    for (int c = 0; c < spec.in; ++c) {
      greatest = std::max(greatest, std::fabs(u[c]));
      sum += std::fabs(u[c]);
    }
    const int h = point / kSide;
    const int w = point % kSide;
    const int most = kVnniMost * std::max(kAbove[h] * kAbove[w] + kBelow[h] * kBelow[w],
                                          kAbove[h] * kBelow[w] + kBelow[h] * kAbove[w]);
    // As fine as 16 bits allow, and as no sum of products can overflow: rounding adds half a step a channel at most, and the
    // sum of magnitudes is itself rounded.
    const float room = 2147483647.0f / static_cast<float>(most) * 0.9999f - 0.5f * static_cast<float>(spec.in);
    const float steps = isScale(greatest / kVnniMostNumber) ? std::min(kVnniMostNumber / greatest, room / sum) : 1;
    scale_.data()[(static_cast<std::ptrdiff_t>(group) * kVnniPoints + point) * group_ + slot] = 1 / steps;
    std::int16_t* to = weights_.data() + (static_cast<std::ptrdiff_t>(group) * kVnniPoints + point) * in_ * group_;
    for (int c = 0; c < spec.in; ++c) {
      to[(static_cast<std::ptrdiff_t>(c / kVnniPair) * group_ + slot) * kVnniPair + c % kVnniPair] =
          static_cast<std::int16_t>(u[c] * steps + (u[c] < 0 ? -0.5f : 0.5f));
    }
  }
}

void VnniWinograd::run(VnniCores& cores, const VnniImage& in, VnniImage& out) const {
  ThreadPool& pool = cores.pool;
  VnniGreatest greatest(pool.threads(), in.count());
  const std::size_t room = static_cast<std::size_t>(blockTiles_ * tileStride());
  for (VnniScratch& scratch : cores.scratch) {
    if (scratch.v.size() < room) scratch.v = VnniBuffer(room);
    const auto tiles = static_cast<std::size_t>(blockTiles_);
    if (scratch.sums.size() < tiles * sumStride()) scratch.sums = BufferOf<std::int32_t>(tiles * sumStride());
    if (scratch.half.size() < tiles * halfStride()) scratch.half = Buffer(tiles * halfStride());
  }
  Call call{in,
            out,
            (out.height() + kVnniTile - 1) / kVnniTile,
            roundUp((out.width() + kVnniTile - 1) / kVnniTile, together()),
            {},
            {},
            greatest,
            cores.scratch};
  for (int window = 0; window < in.count(); ++window) {
    const auto at = static_cast<std::size_t>(window);
    call.inputs.push_back(vnniInputScale(in.levels[at], kVnniMost));
    call.windows.push_back(finish_.begin(in.levels[at].most(), out.levels[at]));
  }
  const int tiles = in.count() * call.tilesDown * call.tilesAcross;
  int blocks = (tiles + blockTiles_ - 1) / blockTiles_;
  if (pool.threads() > 1) blocks = std::max(blocks, std::min(kBlocksPerThread * pool.threads(), tiles / kVnniRows + 1));
  const auto edge = [&](int block) {
    return static_cast<int>(static_cast<long long>(tiles / together()) * block / blocks) * together();
  };
  pool.parallelFor(blocks, [&](int index, int worker) { block(call, edge(index), edge(index + 1), worker); });
  greatest.tell(out.levels);
}

void VnniWinograd::block(const Call& call, int first, int last, int worker) const {
  const VnniScratch& scratch = call.scratch[static_cast<std::size_t>(worker)];
  std::int16_t* v = scratch.v.data();
  std::int32_t* sums = scratch.sums.data();
  float* half = scratch.half.data();
  const int across = call.tilesAcross;
  const int each = call.tilesDown * across;
  const int tiles = last - first;
  for (int tile = first; tile < last;) {
    const int window = tile / each;
    const int count = std::min({kVnniTiles, last - tile, across - tile % across});
    const VnniInput input{
        call.in.at(window, tile / across % call.tilesDown * kVnniTile - 1, tile % across * kVnniTile - 1),
        call.in.rowStride(),
        in_,
        call.inputs[static_cast<std::size_t>(window)].factor,
        count,
        v + (tile - first) / together() * tileStride(),
        tileStride()};
    (isNarrow() ? vnniNarrowInput : vnniInput)(input);
    tile += count;
  }
  const int pieces = (tiles + kVnniRows - 1) / kVnniRows;
  int edges[kMostTiles / kVnniRows + 1];
  for (int piece = 0; piece <= pieces; ++piece) edges[piece] = tiles / together() * piece / pieces * together();
  const std::ptrdiff_t pointNumbers = static_cast<std::ptrdiff_t>(in_) * group_;
  // One row of points at once, where weights need not be shared by pieces.
  const int points = pieces > 1 ? 1 : kSide;
  VnniProduct product{nullptr,         tileStride(), points,
                      in_ / kVnniPair, nullptr,      nullptr,
                      sumStride(),     nullptr,      kVnniPair * kVnniChannels / pieces};
  for (int group = 0; group < groups_; ++group) {
    const float* scale = scale_.data() + static_cast<std::ptrdiff_t>(group) * kVnniPoints * group_;
    const std::int16_t* weights = weights_.data() + group * kVnniPoints * pointNumbers;
    for (int h = 0; h < kSide; ++h) {
      for (int w = 0; w < kSide; w += points) {
        const int point = h * kSide + w;
        product.b = weights + point * pointNumbers;
        for (int piece = 0; piece < pieces; ++piece) {
          const int from = edges[piece];
          product.a = v + from / together() * tileStride() + static_cast<std::ptrdiff_t>(point) * in_ * together();
          product.c = sums + from * sumStride() + w * group_;
          // While one point's weights are used, the next one's are fetched.
          product.ahead = product.b + pointNumbers + pointNumbers * piece / pieces;
          (isNarrow() ? vnniNarrowProduct : vnniProduct)(product, edges[piece + 1] - from);
        }
      }
      (isNarrow() ? vnniNarrowOutputRow : vnniOutputRow)(
          {sums, sumStride(), scale + h * kSide * group_, tiles, half + h * kVnniTile * group_, halfStride()});
    }
    for (int tile = first; tile < last; ++tile) {
      const int window = tile / each;
      const int h = tile / across % call.tilesDown * kVnniTile;
      const int w = tile % across * kVnniTile;
      if (w >= call.out.width()) continue;
      const VnniFinish::Window& end = call.windows[static_cast<std::size_t>(window)];
      const float outScale = call.inputs[static_cast<std::size_t>(window)].scale / end.scale;
      const VnniOutput output{half + (tile - first) * halfStride(), call.out.rowStride(), call.out.channels(),
                              std::min(kVnniTile, call.out.height() - h), std::min(kVnniTile, call.out.width() - w)};
      const VnniEpilogue epilogue{&outScale,
                                  end.bias.data() + static_cast<std::ptrdiff_t>(group) * group_,
                                  call.out.at(window, h, w) + static_cast<std::ptrdiff_t>(group) * group_,
                                  finish_.add(),
                                  end.residual,
                                  finish_.relu(),
                                  call.greatest.of(worker, window)};
      (isNarrow() ? vnniNarrowOutput : vnniOutput)(output, epilogue);
    }
  }
}

}  // namespace whospeaks
