#include "layers/winograd_conv.h"

#include <algorithm>

namespace whospeaks {
namespace {

/// Transformed tiles of a block fill at most this much: half of a common second-level cache.
constexpr std::ptrdiff_t kBlockFloats = (640 << 10) / sizeof(float);
/// Weights beyond this do not stay in a core's cache from one block to the next.
constexpr std::size_t kOwnWeights = (1 << 20) / sizeof(float);
/// Weights beyond this outweigh the tiles, where those are few (in blocks of rows a thread).
constexpr std::size_t kHugeWeights = (4 << 20) / sizeof(float);
constexpr int kFewBlocks = 3;
/// Blocks of the layers that stream their weights: the more tiles, the less often.
constexpr std::ptrdiff_t kSharedBlockFloats = (2048 << 10) / sizeof(float);

constexpr int kBlocksPerThread = 4;

}  // namespace

/// What every step of one run needs.
struct WinogradConv::Call {
  const Kernels& kernels;
  const Image& in;
  const Image& out;
  int tilesDown;
  int tilesAcross;
};

WinogradConv::WinogradConv(const ConvSpec& spec, const TensorMap& weights, int paddedIn, WinogradTile tile,
                           const Kernels& kernels, ThreadPool& pool)
    : tile_(tile),
      relu_(spec.relu),
      add_(spec.add),
      paddedIn_(paddedIn),
      panels_(roundUp(spec.out, kPanel) / kPanel),
      weights_(static_cast<std::size_t>(panels_) * kPanel * tileFloats(), paddedIn != spec.in),
      bias_(static_cast<std::size_t>(panels_) * kPanel) {
  largeWeights_ = weights_.size() > kOwnWeights;
  const std::ptrdiff_t room = largeWeights_ ? kSharedBlockFloats : kBlockFloats;
  blockTiles_ = std::clamp(static_cast<int>(room / tileFloats()) / 12 * 12, 12, 96);
  const float* taps = weights.at(spec.name + ".weight").data;
  pool.parallelFor(panels_, [&](int panel, int) { packWeights(spec, taps, kernels, panel); });
  std::copy_n(weights.at(spec.name + ".bias").data, spec.out, bias_.data());
}

void WinogradConv::packWeights(const ConvSpec& spec, const float* weights, const Kernels& kernels, int panel) {
  const int outputs = std::min(kPanel, spec.out - panel * kPanel);
  const std::ptrdiff_t pointFloats = static_cast<std::ptrdiff_t>(paddedIn_) * kPanel;
  float* u = weights_.data() + panel * tileFloats() * kPanel;
  for (int c = 0; c < spec.in; ++c) {
    float taps[9][kPanel] = {};
    for (int o = 0; o < outputs; ++o) {
      const float* from = weights + static_cast<std::ptrdiff_t>(panel * kPanel + o) * 9 * spec.in + c;
      for (int tap = 0; tap < 9; ++tap) taps[tap][o] = from[static_cast<std::ptrdiff_t>(tap) * spec.in];
    }
    kernels.winogradWeights(tile_, taps[0], u + static_cast<std::ptrdiff_t>(c) * kPanel, pointFloats);
  }
}

WorkspaceSize WinogradConv::scratch() const {
  const std::size_t tiles = static_cast<std::size_t>(blockTiles_);
  return {tiles * static_cast<std::size_t>(tileStride()), tiles * static_cast<std::size_t>(tilePoints(tile_) * 2 + 1) * kPanel};
}

void WinogradConv::run(const Cores& cores, const Image& in, const Image& out) const {
  const Kernels& kernels = cores.kernels;
  ThreadPool& pool = cores.pool;
  const Workspace& workspace = cores.workspace;
  const Call call{kernels,
                  in,
                  out,
                  (out.height + tileHeight(tile_) - 1) / tileHeight(tile_),
                  (out.width + tileWidth(tile_) - 1) / tileWidth(tile_)};
  const int tiles = in.count * call.tilesDown * call.tilesAcross;
  const int groups = (panels_ + kernels.maxPanels - 1) / kernels.maxPanels;
  int blocks = (tiles + blockTiles_ - 1) / blockTiles_;
  const int threads = pool.threads();
  bool splitTiles = !largeWeights_;
  if (threads > 1 && !largeWeights_) {
    // Enough blocks that all threads end together, but none smaller than a block of rows.
    blocks = std::max(blocks, std::min(kBlocksPerThread * threads, tiles / kernels.maxRows));
  }
  const int least = threads * kernels.maxRows * (weights_.size() > kHugeWeights ? kFewBlocks : 1);
  if (largeWeights_ && tiles >= least) {
    // Each thread streams all the weights, once: cheaper than to pass transformed tiles between cores.
    blocks = roundUp(blocks, threads);
    splitTiles = true;
  }
  const auto edge = [&](int block) { return static_cast<int>(static_cast<long long>(tiles) * block / blocks); };
  if (splitTiles) {
    pool.parallelFor(blocks, [&](int block, int worker) {
      float* v = workspace.v(worker);
      transformIn(call, edge(block), edge(block + 1), v);
      for (int group = 0; group < groups; ++group) {
        mix(call, edge(block), edge(block + 1), group * kernels.maxPanels, v, workspace.m(worker));
      }
    });
    return;
  }
  for (int block = 0; block < blocks; ++block) {
    const int first = edge(block);
    const int count = edge(block + 1) - first;
    const int pieces = pool.threads() == 1 ? 1 : std::min(count, 4 * pool.threads());
    float* v = workspace.v(0);
    pool.parallelFor(pieces, [&](int piece, int) {
      const int from = count * piece / pieces;
      transformIn(call, first + from, first + count * (piece + 1) / pieces, v + from * tileStride());
    });
    pool.parallelFor(groups, [&](int group, int worker) {
      mix(call, first, first + count, group * kernels.maxPanels, v, workspace.m(worker));
    });
  }
}

void WinogradConv::transformIn(const Call& call, int first, int last, float* v) const {
  for (int tile = first; tile < last; ++tile) {
    const int image = tile / (call.tilesDown * call.tilesAcross);
    const int down = tile / call.tilesAcross % call.tilesDown;
    const int across = tile % call.tilesAcross;
    const float* from = call.in.at(image, down * tileHeight(tile_) - 1, across * tileWidth(tile_) - 1);
    call.kernels.winogradInput(tile_, {from, call.in.rowStride(), paddedIn_, v});
    v += tileStride();
  }
}

void WinogradConv::mix(const Call& call, int first, int last, int panel, const float* v, float* m) const {
  const Kernels& kernels = call.kernels;
  const int points = tilePoints(tile_);
  const int panels = std::min(kernels.maxPanels, panels_ - panel);
  const int channels = panels * kPanel;
  const int tiles = last - first;
  const int blocks = (tiles + kernels.maxRows - 1) / kernels.maxRows;
  GemmTask task{};
  task.aRow = tileStride();
  task.segments = 1;
  task.segmentLength = paddedIn_;
  task.bPanel = static_cast<std::ptrdiff_t>(points) * paddedIn_ * kPanel;
  task.cRow = static_cast<std::ptrdiff_t>(points) * channels + kPanel;  // as tileStride()
  // While one point's weights are used, the next one's are fetched, evenly over the blocks of rows.
  const std::ptrdiff_t pointFloats = static_cast<std::ptrdiff_t>(paddedIn_) * kPanel;
  task.aheadStep = std::max(1, kPanel / blocks);
  for (int point = 0; point < points; ++point) {
    task.b = weights_.data() + panel * task.bPanel + point * pointFloats;
    for (int block = 0; block < blocks; ++block) {
      const int from = tiles * block / blocks;
      task.a = v + from * task.aRow + static_cast<std::ptrdiff_t>(point) * paddedIn_;
      task.ahead = pointFloats + pointFloats * block / blocks;
      task.c = m + from * task.cRow + static_cast<std::ptrdiff_t>(point) * channels;
      kernels.gemm(task, tiles * (block + 1) / blocks - from, panels);
    }
  }
  for (int tile = first; tile < last; ++tile) {
    const int image = tile / (call.tilesDown * call.tilesAcross);
    const int h = tile / call.tilesAcross % call.tilesDown * tileHeight(tile_);
    const int w = tile % call.tilesAcross * tileWidth(tile_);
    kernels.winogradOutput(tile_, {m + (tile - first) * task.cRow, channels, bias_.data() + panel * kPanel,
                                   call.out.at(image, h, w) + static_cast<std::ptrdiff_t>(panel) * kPanel,
                                   call.out.rowStride(), call.out.channels,
                                   std::min(tileHeight(tile_), call.out.height - h),
                                   std::min(tileWidth(tile_), call.out.width - w), add_, relu_});
  }
}

}  // namespace whospeaks
