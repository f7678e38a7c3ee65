// The kernels, once, over a vector type. Included by each isa_*.cpp; see simd.h for the rules.
#pragma once

#include "simd/kernels.h"
#include "simd/simd.h"

namespace whospeaks {
namespace {

/// ROWS x VECTORS sums at once, in registers: all columns of the panels, or one part of them after the other.
template <class V, int ROWS, int PANELS, int VECTORS>
WS_INLINE void gemmColumns(const GemmTask& task, int first) {
  constexpr int perPanel = kPanel / V::width;
  // Three rows share a pointer: base, base + stride, base + 2 * stride are all one addressing mode away.
  constexpr int groups = (ROWS + 2) / 3;
  V sum[ROWS][VECTORS];
  WS_UNROLL
  for (int r = 0; r < ROWS; ++r) {
    WS_UNROLL
    for (int v = 0; v < VECTORS; ++v) sum[r][v] = V::zero();
  }
  const std::ptrdiff_t stride = task.aRow;
  const std::ptrdiff_t panel = task.bPanel;
  const std::ptrdiff_t step = task.aheadStep;
  const float* next = task.b + task.ahead;
  const float* b = task.b + first;
  float* const c = task.c + first;
  for (int segment = 0; segment < task.segments; ++segment) {
    const float* a[groups];
    WS_UNROLL
    for (int g = 0; g < groups; ++g) a[g] = task.a + segment * task.aSegment + g * 3 * stride;
    for (int k = 0; k < task.segmentLength; ++k) {
      V w[VECTORS];
      WS_UNROLL
      for (int v = 0; v < VECTORS; ++v) w[v] = V::load(b + (v / perPanel) * panel + (v % perPanel) * V::width);
      WS_UNROLL
      for (int p = 0; p < PANELS; ++p) prefetch(next + p * panel);
      next += step;
      WS_UNROLL
      for (int r = 0; r < ROWS; ++r) {
        const V x = V::broadcast(a[r / 3][(r % 3) * stride]);
        WS_UNROLL
        for (int v = 0; v < VECTORS; ++v) sum[r][v] = fma(x, w[v], sum[r][v]);
      }
      WS_UNROLL
      for (int g = 0; g < groups; ++g) ++a[g];
      b += kPanel;
    }
  }
  if (!task.bias && !task.residual && !task.relu) {
    WS_UNROLL
    for (int r = 0; r < ROWS; ++r) {
      WS_UNROLL
      for (int v = 0; v < VECTORS; ++v) sum[r][v].store(c + r * task.cRow + v * V::width);
    }
    return;
  }
  WS_UNROLL
  for (int r = 0; r < ROWS; ++r) {
    WS_UNROLL
    for (int v = 0; v < VECTORS; ++v) {
      V y = sum[r][v];
      const std::ptrdiff_t at = r * task.cRow + v * V::width;
      if (task.bias) y = y + V::load(task.bias + first + v * V::width);
      if (task.residual) y = y + V::load(task.residual + first + at);
      if (task.relu) y = relu(y);
      y.store(c + at);
    }
  }
}

/// VECTORS: how many vectors of columns at once.
template <class V, int ROWS, int PANELS, int VECTORS>
void gemmTile(const GemmTask& task) {
  constexpr int all = PANELS * kPanel / V::width;
  static_assert(VECTORS == all || (PANELS == 1 && all % VECTORS == 0), "a part of the columns lies in one panel");
  WS_UNROLL
  for (int part = 0; part < all / VECTORS; ++part) {
    gemmColumns<V, ROWS, PANELS, VECTORS>(task, part * VECTORS * V::width);
  }
}

using GemmTile = void (*)(const GemmTask& task);

/// tiles[rows - 1] for 1 to maxRows.
template <class V, int PANELS, int VECTORS>
struct GemmTiles {
  GemmTile tiles[V::maxRows];
  constexpr GemmTiles() : tiles() { fill<V::maxRows>(); }

 private:
  template <int ROWS>
  constexpr void fill() {
    tiles[ROWS - 1] = gemmTile<V, ROWS, PANELS, VECTORS>;
    if constexpr (ROWS > 1) fill<ROWS - 1>();
  }
};

template <class V, int PANELS, int VECTORS>
void gemm(const GemmTask& task, int rows, int panels) {
  constexpr int perPanel = kPanel / V::width;
  static constexpr GemmTiles<V, PANELS, VECTORS> wide;
  static constexpr GemmTiles<V, 1, (VECTORS < perPanel ? VECTORS : perPanel)> narrow;
  (panels == PANELS ? wide.tiles : narrow.tiles)[rows - 1](task);
}

template <class V>
void statistics(const float* row, int width, int channels, float* mean, float* deviation) {
  const V perStep = V::broadcast(1.0f / static_cast<float>(width));
  const V perFreedom = V::broadcast(1.0f / static_cast<float>(width - 1));
  for (int c = 0; c < channels; c += V::width) {
    V sum = V::zero();
    for (int t = 0; t < width; ++t) sum = sum + V::load(row + static_cast<std::ptrdiff_t>(t) * channels + c);
    const V average = sum * perStep;
    V squares = V::zero();
    for (int t = 0; t < width; ++t) {
      const V away = V::load(row + static_cast<std::ptrdiff_t>(t) * channels + c) - average;
      squares = fma(away, away, squares);
    }
    average.store(mean + c);
    squareRoot(fma(squares, perFreedom, V::broadcast(1e-7f))).store(deviation + c);
  }
}

/// to += weight * from, or * (from - mean)^2 where there is a mean.
template <class V>
WS_INLINE void addWeighted(const float* from, float weight, const float* mean, int size, float* to) {
  const V w = V::broadcast(weight);
  const int whole = size - size % V::width;
  for (int c = 0; c < whole; c += V::width) {
    const V x = V::load(from + c);
    if (mean == nullptr) {
      fma(w, x, V::load(to + c)).store(to + c);
      continue;
    }
    const V away = x - V::load(mean + c);
    fma(w * away, away, V::load(to + c)).store(to + c);
  }
  for (int c = whole; c < size; ++c) {
    const float away = mean == nullptr ? 1.0f : from[c] - mean[c];
    to[c] += weight * away * (mean == nullptr ? from[c] : away);
  }
}

/// Column by column, so that the sums stay in the nearest cache; columns of no weight are passed over.
template <class V>
void weightedStatistics(const float* columns, const float* weights, int width, int size, float* mean,
                        float* deviation) {
  double total = 1e-8;
  double squares = 0;
  for (int t = 0; t < width; ++t) {
    total += weights[t];
    squares += static_cast<double>(weights[t]) * weights[t];
  }
  for (int c = 0; c < size; ++c) mean[c] = deviation[c] = 0;
  for (int t = 0; t < width; ++t) {
    if (weights[t] != 0) addWeighted<V>(columns + static_cast<std::ptrdiff_t>(t) * size, weights[t], nullptr, size, mean);
  }
  const float perTotal = static_cast<float>(1 / total);
  for (int c = 0; c < size; ++c) mean[c] *= perTotal;
  for (int t = 0; t < width; ++t) {
    if (weights[t] != 0) addWeighted<V>(columns + static_cast<std::ptrdiff_t>(t) * size, weights[t], mean, size, deviation);
  }
  const float perFreedom = static_cast<float>(1 / (total - squares / total + 1e-8));
  for (int c = 0; c < size; ++c) deviation[c] = sqrtf(deviation[c] * perFreedom + 1e-7f);
}

template <class V>
float dot(const float* a, const float* b, int count) {
  constexpr int vectors = kPanel / V::width;
  V sums[vectors];
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) sums[v] = V::zero();
  for (int k = 0; k < count; k += kPanel) {
    WS_UNROLL
    for (int v = 0; v < vectors; ++v) sums[v] = fma(V::load(a + k + v * V::width), V::load(b + k + v * V::width), sums[v]);
  }
  float lanes[kPanel];
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) sums[v].store(lanes + v * V::width);
  float sum = 0;
  for (int i = 0; i < kPanel; ++i) sum += lanes[i];
  return sum;
}

WS_INLINE int bitCount(std::uint64_t x) {
#if defined(__GNUC__)
  return __builtin_popcountll(x);
#else
  x -= (x >> 1) & 0x5555555555555555u;
  x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
  x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<int>((x * 0x0101010101010101u) >> 56);
#endif
}

/// A template, so that every instruction set has its own.
template <class V>
void hamming(const std::uint64_t* codes, std::size_t count, int words, const std::uint64_t* query,
             std::uint16_t* distances) {
  if (words == 4) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t* code = codes + 4 * i;
      distances[i] = static_cast<std::uint16_t>(bitCount(code[0] ^ query[0]) + bitCount(code[1] ^ query[1]) +
                                                bitCount(code[2] ^ query[2]) + bitCount(code[3] ^ query[3]));
    }
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    int bits = 0;
    for (int w = 0; w < words; ++w) bits += bitCount(codes[i * words + w] ^ query[w]);
    distances[i] = static_cast<std::uint16_t>(bits);
  }
}

}  // namespace
}  // namespace whospeaks
