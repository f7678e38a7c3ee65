// Kernels of attention: SimAM's, and that of pooling. Included by kernel_table.h; see simd.h for the rules.
#pragma once

#include "simd/exponential.h"
#include "simd/kernels.h"

namespace whospeaks {
namespace {

constexpr float kSimAmLambda = 1e-4f;

/// Of a panel's values minus `centre`, or of their squares, over the image; row by row, since a float loses little of one
/// row.
template <class V, bool SQUARES>
WS_INLINE void sumImage(const SimAmTask& task, const V* centre, V* total) {
  constexpr int vectors = kPanel / V::width;
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) total[v] = V::zero();
  for (int h = 0; h < task.rows; ++h) {
    const float* from = task.in + h * task.rowStride;
    V sum[vectors];
    WS_UNROLL
    for (int v = 0; v < vectors; ++v) sum[v] = V::zero();
    for (int t = 0; t < task.columns; ++t, from += task.columnStride) {
      WS_UNROLL
      for (int v = 0; v < vectors; ++v) {
        const V away = V::load(from + v * V::width) - centre[v];
        sum[v] = SQUARES ? fma(away, away, sum[v]) : sum[v] + away;
      }
    }
    WS_UNROLL
    for (int v = 0; v < vectors; ++v) total[v] = total[v] + sum[v];
  }
}

template <class V>
void simAm(const SimAmTask& task) {
  constexpr int vectors = kPanel / V::width;
  const float count = static_cast<float>(task.rows) * static_cast<float>(task.columns);
  const V one = V::broadcast(1.0f);
  const V perValue = V::broadcast(1.0f / count);
  const V perFreedom = V::broadcast(4.0f / (count - 1.0f));
  V mean[vectors];
  V scale[vectors];
  V total[vectors];
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) mean[v] = V::zero();
  sumImage<V, false>(task, mean, total);
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) mean[v] = total[v] * perValue;
  sumImage<V, true>(task, mean, total);
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) scale[v] = one / fma(total[v], perFreedom, V::broadcast(4.0f * kSimAmLambda));
  for (int h = 0; h < task.rows; ++h) {
    const float* from = task.in + h * task.rowStride;
    float* to = task.out + h * task.rowStride;
    for (int t = 0; t < task.columns; ++t, from += task.columnStride, to += task.columnStride) {
      WS_UNROLL
      for (int v = 0; v < vectors; ++v) {
        const V x = V::load(from + v * V::width);
        const V away = x - mean[v];
        const V energy = fma(away * away, scale[v], V::broadcast(0.5f));
        V y = x / (one + exponentialOf(V::zero() - energy));
        if (task.add) y = y + V::load(to + v * V::width);
        if (task.relu) y = relu(y);
        y.store(to + v * V::width);
      }
    }
  }
}

template <class V>
void attention(const AttentionTask& task) {
  const auto weightOf = [&](int t) { return task.weights == nullptr ? 1.0f : task.weights[t]; };
  for (int c = 0; c < kPanel; c += V::width) {
    float* scores = task.scores + c;
    const float* in = task.in + c;
    V most = V::broadcast(-3.0e38f);
    for (int t = 0; t < task.steps; ++t) {
      if (weightOf(t) > 0) most = maximum(most, V::load(scores + static_cast<std::ptrdiff_t>(t) * kPanel));
    }
    V total = V::zero();
    V sum = V::zero();
    for (int t = 0; t < task.steps; ++t) {
      float* score = scores + static_cast<std::ptrdiff_t>(t) * kPanel;
      const V share = V::broadcast(weightOf(t)) * exponentialOf(V::load(score) - most);
      share.store(score);
      total = total + share;
      sum = fma(share, V::load(in + t * task.inStep), sum);
    }
    // A mask of zeros gives a mean of 0.
    total = maximum(total, V::broadcast(1e-30f));
    const V mean = sum / total;
    V squares = V::zero();
    for (int t = 0; t < task.steps; ++t) {
      const V away = V::load(in + t * task.inStep) - mean;
      squares = fma(V::load(scores + static_cast<std::ptrdiff_t>(t) * kPanel) * away, away, squares);
    }
    mean.store(task.mean + c);
    squareRoot(maximum(squares / total, V::broadcast(task.floor))).store(task.deviation + c);
  }
}

/// tanh(x) = 1 - 2 / (1 + e^2x).
template <class V>
void hyperbolicTangent(float* values, std::size_t count) {
  const V one = V::broadcast(1.0f);
  const V two = V::broadcast(2.0f);
  for (std::size_t i = 0; i < count; i += V::width) {
    (one - two / (one + exponentialOf(two * V::load(values + i)))).store(values + i);
  }
}

}  // namespace
}  // namespace whospeaks
