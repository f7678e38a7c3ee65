#include "winograd_weights.h"

#include <algorithm>

namespace whospeaks {
namespace {

struct Kernel1d {
  int points;
  float g[8][3];
};

const Kernel1d kKernel2{4, {{1, 0, 0}, {0.5f, 0.5f, 0.5f}, {0.5f, -0.5f, 0.5f}, {0, 0, 1}}};
const Kernel1d kKernel4{6,
                        {{1.0f / 4, 0, 0},
                         {-1.0f / 6, -1.0f / 6, -1.0f / 6},
                         {-1.0f / 6, 1.0f / 6, -1.0f / 6},
                         {1.0f / 24, 1.0f / 12, 1.0f / 6},
                         {1.0f / 24, -1.0f / 12, 1.0f / 6},
                         {0, 0, 1}}};
const Kernel1d kKernel6{8,
                        {{1, 0, 0},
                         {-2.0f / 9, -2.0f / 9, -2.0f / 9},
                         {-2.0f / 9, 2.0f / 9, -2.0f / 9},
                         {1.0f / 90, 1.0f / 45, 2.0f / 45},
                         {1.0f / 90, -1.0f / 45, 2.0f / 45},
                         {1.0f / 45, 1.0f / 90, 1.0f / 180},
                         {1.0f / 45, -1.0f / 90, 1.0f / 180},
                         {0, 0, 1}}};

const Kernel1d& kernelFor(int outputs) { return outputs == 2 ? kKernel2 : outputs == 4 ? kKernel4 : kKernel6; }

/// One input channel and kPanel outputs: taps [9][kPanel] to points, `stride` floats apart.
void transform(const float (*taps)[kPanel], const Kernel1d& rows, const Kernel1d& columns, float* to,
               std::ptrdiff_t stride) {
  float half[8][3][kPanel];
  for (int p = 0; p < rows.points; ++p) {
    for (int kt = 0; kt < 3; ++kt) {
      for (int o = 0; o < kPanel; ++o) {
        half[p][kt][o] = rows.g[p][0] * taps[kt][o] + rows.g[p][1] * taps[3 + kt][o] + rows.g[p][2] * taps[6 + kt][o];
      }
    }
  }
  for (int p = 0; p < rows.points; ++p) {
    for (int q = 0; q < columns.points; ++q) {
      float* out = to + (p * columns.points + q) * stride;
      for (int o = 0; o < kPanel; ++o) {
        out[o] = half[p][0][o] * columns.g[q][0] + half[p][1][o] * columns.g[q][1] + half[p][2][o] * columns.g[q][2];
      }
    }
  }
}

}  // namespace

Buffer winogradWeights(const ConvSpec& spec, const float* weights, int paddedIn, WinogradTile tile) {
  const Kernel1d& rows = kernelFor(tileHeight(tile));
  const Kernel1d& columns = kernelFor(tileWidth(tile));
  const int panels = roundUp(spec.out, kPanel) / kPanel;
  const std::ptrdiff_t pointFloats = static_cast<std::ptrdiff_t>(paddedIn) * kPanel;
  Buffer packed(static_cast<std::size_t>(panels * tilePoints(tile) * pointFloats));
  for (int panel = 0; panel < panels; ++panel) {
    const int outputs = std::min(kPanel, spec.out - panel * kPanel);
    for (int c = 0; c < spec.in; ++c) {
      float taps[9][kPanel] = {};
      for (int o = 0; o < outputs; ++o) {
        for (int tap = 0; tap < 9; ++tap) {
          taps[tap][o] = weights[(static_cast<std::ptrdiff_t>(panel * kPanel + o) * 9 + tap) * spec.in + c];
        }
      }
      transform(taps, rows, columns,
                packed.data() + panel * tilePoints(tile) * pointFloats + static_cast<std::ptrdiff_t>(c) * kPanel,
                pointFloats);
    }
  }
  return packed;
}

}  // namespace whospeaks
