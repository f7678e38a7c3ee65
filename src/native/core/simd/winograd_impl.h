// Winograd's transforms of tiles, once, over a vector type whose lanes are channels. Included by each
// isa_*.cpp; see simd.h for the rules. The matrices are those of Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks" (2016), at the points 0, 1, -1, 2, -2, (1/2, (-1/2,)) infinity, factored
// into the sums and differences that rows share.
#pragma once

#include "simd/kernels.h"
#include "simd/simd.h"

namespace whospeaks {
namespace {

template <class V, int M>
struct Winograd1d;

template <class V>
struct Winograd1d<V, 2> {
  static WS_INLINE void weights(const V* g, V* u) {
    const V half = V::broadcast(0.5f);
    const V ends = half * (g[0] + g[2]);
    u[0] = g[0];
    u[1] = fma(half, g[1], ends);
    u[2] = ends - half * g[1];
    u[3] = g[2];
  }
  static WS_INLINE void input(const V* d, V* v) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[1] - d[3];
  }
  static WS_INLINE void output(const V* m, V* y) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] - m[3];
  }
};

template <class V>
struct Winograd1d<V, 4> {
  static WS_INLINE void weights(const V* g, V* u) {
    const V ends = V::broadcast(-1.0f / 6) * (g[0] + g[2]);
    const V middle = V::broadcast(1.0f / 6) * g[1];
    const V wideEnds = fma(V::broadcast(1.0f / 24), g[0], V::broadcast(1.0f / 6) * g[2]);
    const V wideMiddle = V::broadcast(1.0f / 12) * g[1];
    u[0] = V::broadcast(0.25f) * g[0];
    u[1] = ends - middle;
    u[2] = ends + middle;
    u[3] = wideEnds + wideMiddle;
    u[4] = wideEnds - wideMiddle;
    u[5] = g[2];
  }
  static WS_INLINE void input(const V* d, V* v) {
    const V two = V::broadcast(2);
    const V four = V::broadcast(4);
    const V minusFive = V::broadcast(-5);
    const V even = fma(V::broadcast(-4), d[2], d[4]);
    const V odd = fma(V::broadcast(-4), d[1], d[3]);
    const V evenTwo = d[4] - d[2];
    const V oddTwo = two * (d[3] - d[1]);
    v[0] = fma(four, d[0], fma(minusFive, d[2], d[4]));
    v[1] = even + odd;
    v[2] = even - odd;
    v[3] = evenTwo + oddTwo;
    v[4] = evenTwo - oddTwo;
    v[5] = fma(four, d[1], fma(minusFive, d[3], d[5]));
  }
  static WS_INLINE void output(const V* m, V* y) {
    const V sum1 = m[1] + m[2];
    const V difference1 = m[1] - m[2];
    const V sum2 = m[3] + m[4];
    const V difference2 = m[3] - m[4];
    y[0] = m[0] + sum1 + sum2;
    y[1] = fma(V::broadcast(2), difference2, difference1);
    y[2] = fma(V::broadcast(4), sum2, sum1);
    y[3] = fma(V::broadcast(8), difference2, difference1) + m[5];
  }
};

template <class V>
struct Winograd1d<V, 5> {
  static WS_INLINE void weights(const V* g, V* u) {
    const V ends = g[0] + g[2];
    const V wideEnds = fma(V::broadcast(4), g[2], g[0]);
    const V wideMiddle = g[1] + g[1];
    u[0] = V::broadcast(-0.5f) * g[0];
    u[1] = V::broadcast(-1.0f / 3) * (ends + g[1]);
    u[2] = V::broadcast(1.0f / 9) * (ends - g[1]);
    u[3] = V::broadcast(1.0f / 36) * (wideEnds + wideMiddle);
    u[4] = V::broadcast(-1.0f / 60) * (wideEnds - wideMiddle);
    u[5] = g[2];
    u[6] = V::broadcast(8.0f / 45) * fma(V::broadcast(4), g[0], fma(V::broadcast(2), g[1], g[2]));
  }
  /// A factor (x - 1/2) more in the polynomials of six points, whose transform does the rest.
  static WS_INLINE void input(const V* d, V* v) {
    V turned[6];
    WS_UNROLL
    for (int i = 0; i < 6; ++i) turned[i] = fma(V::broadcast(-0.5f), d[i], d[i + 1]);
    Winograd1d<V, 4>::input(turned, v);
    v[6] = fma(V::broadcast(4), d[1], fma(V::broadcast(-5), d[3], d[5]));
  }
  static WS_INLINE void output(const V* m, V* y) {
    const V sum1 = m[1] + m[2];
    const V difference1 = m[1] - m[2];
    const V sum2 = m[3] + m[4];
    const V difference2 = m[3] - m[4];
    y[0] = m[0] + sum1 + (sum2 + m[6]);
    y[1] = fma(V::broadcast(0.5f), m[6], fma(V::broadcast(2), difference2, difference1));
    y[2] = fma(V::broadcast(0.25f), m[6], fma(V::broadcast(4), sum2, sum1));
    y[3] = fma(V::broadcast(0.125f), m[6], fma(V::broadcast(8), difference2, difference1));
    y[4] = fma(V::broadcast(0.0625f), m[6], fma(V::broadcast(16), sum2, sum1)) + m[5];
  }
};

template <class V>
struct Winograd1d<V, 6> {
  static WS_INLINE void weights(const V* g, V* u) {
    const V ends = V::broadcast(-2.0f / 9) * (g[0] + g[2]);
    const V middle = V::broadcast(2.0f / 9) * g[1];
    const V wideEnds = fma(V::broadcast(1.0f / 90), g[0], V::broadcast(2.0f / 45) * g[2]);
    const V wideMiddle = V::broadcast(1.0f / 45) * g[1];
    const V narrowEnds = fma(V::broadcast(1.0f / 45), g[0], V::broadcast(1.0f / 180) * g[2]);
    const V narrowMiddle = V::broadcast(1.0f / 90) * g[1];
    u[0] = g[0];
    u[1] = ends - middle;
    u[2] = ends + middle;
    u[3] = wideEnds + wideMiddle;
    u[4] = wideEnds - wideMiddle;
    u[5] = narrowEnds + narrowMiddle;
    u[6] = narrowEnds - narrowMiddle;
    u[7] = g[2];
  }
  static WS_INLINE void input(const V* d, V* v) {
    const V a = V::broadcast(5.25f);
    const V b = V::broadcast(-4.25f);
    v[0] = fma(a, d[4] - d[2], d[0] - d[6]);
    v[7] = fma(a, d[3] - d[5], d[7] - d[1]);
    const V even1 = fma(b, d[4], d[2] + d[6]);
    const V odd1 = fma(b, d[3], d[1] + d[5]);
    v[1] = even1 + odd1;
    v[2] = even1 - odd1;
    const V even2 = fma(V::broadcast(0.25f), d[2], fma(V::broadcast(-1.25f), d[4], d[6]));
    const V odd2 = fma(V::broadcast(0.5f), d[1], fma(V::broadcast(-2.5f), d[3], d[5] + d[5]));
    v[3] = even2 + odd2;
    v[4] = even2 - odd2;
    const V even3 = fma(V::broadcast(4), d[2], fma(V::broadcast(-5), d[4], d[6]));
    const V odd3 = fma(V::broadcast(2), d[1], fma(V::broadcast(-2.5f), d[3], V::broadcast(0.5f) * d[5]));
    v[5] = even3 + odd3;
    v[6] = even3 - odd3;
  }
  static WS_INLINE void output(const V* m, V* y) {
    const V sum1 = m[1] + m[2];
    const V difference1 = m[1] - m[2];
    const V sum2 = m[3] + m[4];
    const V difference2 = m[3] - m[4];
    const V sum3 = m[5] + m[6];
    const V difference3 = m[5] - m[6];
    y[0] = m[0] + sum1 + fma(V::broadcast(32), sum3, sum2);
    y[1] = fma(V::broadcast(16), difference3, fma(V::broadcast(2), difference2, difference1));
    y[2] = fma(V::broadcast(8), sum3, fma(V::broadcast(4), sum2, sum1));
    y[3] = fma(V::broadcast(4), difference3, fma(V::broadcast(8), difference2, difference1));
    y[4] = fma(V::broadcast(2), sum3, fma(V::broadcast(16), sum2, sum1));
    y[5] = fma(V::broadcast(32), difference2, difference1) + difference3 + m[7];
  }
};

template <class V, int MH, int MW>
void winogradWeightsTile(const float* taps, float* u, std::ptrdiff_t stride) {
  constexpr int height = MH + 2;
  constexpr int width = MW + 2;
  for (int o = 0; o < kPanel; o += V::width) {
    V half[3][height];
    WS_UNROLL
    for (int w = 0; w < 3; ++w) {
      V column[3];
      WS_UNROLL
      for (int h = 0; h < 3; ++h) column[h] = V::load(taps + (h * 3 + w) * kPanel + o);
      Winograd1d<V, MH>::weights(column, half[w]);
    }
    WS_UNROLL
    for (int h = 0; h < height; ++h) {
      const V row[3] = {half[0][h], half[1][h], half[2][h]};
      V points[width];
      Winograd1d<V, MW>::weights(row, points);
      WS_UNROLL
      for (int w = 0; w < width; ++w) points[w].store(u + (h * width + w) * stride + o);
    }
  }
}

template <class V, int MH, int MW>
void winogradInputTile(const WinogradInput& task) {
  constexpr int height = MH + 2;
  constexpr int width = MW + 2;
  for (int c = 0; c < task.channels; c += V::width) {
    V half[width][height];
    WS_UNROLL
    for (int w = 0; w < width; ++w) {
      V column[height];
      const float* from = task.image + static_cast<std::ptrdiff_t>(w) * task.channels + c;
      WS_UNROLL
      for (int h = 0; h < height; ++h) column[h] = V::load(from + h * task.rowStride);
      Winograd1d<V, MH>::input(column, half[w]);
    }
    WS_UNROLL
    for (int h = 0; h < height; ++h) {
      V row[width];
      V v[width];
      WS_UNROLL
      for (int w = 0; w < width; ++w) row[w] = half[w][h];
      Winograd1d<V, MW>::input(row, v);
      float* to = task.v + static_cast<std::ptrdiff_t>(h) * width * task.channels + c;
      WS_UNROLL
      for (int w = 0; w < width; ++w) v[w].store(to + static_cast<std::ptrdiff_t>(w) * task.channels);
    }
  }
}

template <class V, int MH, int MW>
void winogradOutputTile(const WinogradOutput& task) {
  constexpr int height = MH + 2;
  constexpr int width = MW + 2;
  for (int c = 0; c < task.channels; c += V::width) {
    V half[height][MW];
    WS_UNROLL
    for (int h = 0; h < height; ++h) {
      V row[width];
      const float* from = task.m + static_cast<std::ptrdiff_t>(h) * width * task.channels + c;
      WS_UNROLL
      for (int w = 0; w < width; ++w) row[w] = V::load(from + static_cast<std::ptrdiff_t>(w) * task.channels);
      Winograd1d<V, MW>::output(row, half[h]);
    }
    const V bias = V::load(task.bias + c);
    WS_UNROLL
    for (int w = 0; w < MW; ++w) {
      if (w >= task.columns) break;
      V column[height];
      V y[MH];
      WS_UNROLL
      for (int h = 0; h < height; ++h) column[h] = half[h][w];
      Winograd1d<V, MH>::output(column, y);
      float* to = task.out + w * task.columnStride + c;
      WS_UNROLL
      for (int h = 0; h < MH; ++h) {
        if (h >= task.rows) break;
        V value = y[h] + bias;
        if (task.addOut) value = value + V::load(to + h * task.rowStride);
        if (task.relu) value = relu(value);
        value.store(to + h * task.rowStride);
      }
    }
  }
}

template <class V>
void winogradWeights(WinogradTile tile, const float* taps, float* u, std::ptrdiff_t stride) {
  switch (tile) {
    case WinogradTile::f2x4: return winogradWeightsTile<V, 2, 4>(taps, u, stride);
    case WinogradTile::f4x4: return winogradWeightsTile<V, 4, 4>(taps, u, stride);
    case WinogradTile::f5x5: return winogradWeightsTile<V, 5, 5>(taps, u, stride);
    case WinogradTile::f6x6: return winogradWeightsTile<V, 6, 6>(taps, u, stride);
  }
}

template <class V>
void winogradInput(WinogradTile tile, const WinogradInput& task) {
  switch (tile) {
    case WinogradTile::f2x4: return winogradInputTile<V, 2, 4>(task);
    case WinogradTile::f4x4: return winogradInputTile<V, 4, 4>(task);
    case WinogradTile::f5x5: return winogradInputTile<V, 5, 5>(task);
    case WinogradTile::f6x6: return winogradInputTile<V, 6, 6>(task);
  }
}

template <class V>
void winogradOutput(WinogradTile tile, const WinogradOutput& task) {
  switch (tile) {
    case WinogradTile::f2x4: return winogradOutputTile<V, 2, 4>(task);
    case WinogradTile::f4x4: return winogradOutputTile<V, 4, 4>(task);
    case WinogradTile::f5x5: return winogradOutputTile<V, 5, 5>(task);
    case WinogradTile::f6x6: return winogradOutputTile<V, 6, 6>(task);
  }
}

}  // namespace
}  // namespace whospeaks
