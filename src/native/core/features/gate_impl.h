// The speech gate's network, D::width rows of a matrix side by side: a projection, a recurrent layer of gated units (GRU,
// Cho et al. 2014, in PyTorch's form) and one output, the log-odds of speech.
#pragma once

#include "features/front_end.h"
#include "simd/elementary.h"

namespace whospeaks {
namespace {

template <class D>
WS_INLINE D sigmoid(D x) {
  const D one = D::broadcast(1);
  return one / (one + exponential(D::broadcast(0) - x));
}

template <class D>
WS_INLINE D hyperbolicTangent(D x) {
  const D one = D::broadcast(1);
  const D two = D::broadcast(2);
  return one - two / (one + exponential(two * x));
}

/// `rows` outputs of bias + matrix x vector, from row `first` of `all`: their sums run side by side.
template <class D, int rows>
WS_INLINE void dense(const float* matrix, const double* bias, int all, int first, int columns, const double* vector,
                     double* out) {
  constexpr int vectors = rows / D::width;
  D sums[vectors];
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) sums[v] = D::load(bias + first + v * D::width);
  for (int k = 0; k < columns; ++k) {
    const D x = D::broadcast(vector[k]);
    WS_UNROLL
    for (int v = 0; v < vectors; ++v) {
      sums[v] = sums[v] + D::widen(D::Floats::load(matrix + k * all + first + v * D::width)) * x;
    }
  }
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) sums[v].store(out + first + v * D::width);
}

template <class D>
void gate(const GateWeights& weights, const float* features, std::size_t count, double* scores, double* state) {
  constexpr int W = D::width;
  constexpr int U = kGateUnits;
  const D one = D::broadcast(1);
  double frame[kMelBins];
  double input[kGateInputs];
  double drive[3 * U];
  double recur[3 * U];
  for (std::size_t i = 0; i < count; ++i) {
    for (int k = 0; k < kMelBins; k += W) {
      (D::widen(D::Floats::load(features + i * kMelBins + k)) * D::broadcast(0.2) - D::broadcast(2)).store(frame + k);
    }
    dense<D, kGateInputs>(weights.project.data(), weights.projectBias.data(), kGateInputs, 0, kMelBins, frame, input);
    for (int k = 0; k < kGateInputs; k += W) hyperbolicTangent(D::load(input + k)).store(input + k);
    for (int part = 0; part < 3 * U; part += U) {
      dense<D, U>(weights.fromInput.data(), weights.fromInputBias.data(), 3 * U, part, kGateInputs, input, drive);
      dense<D, U>(weights.fromState.data(), weights.fromStateBias.data(), 3 * U, part, U, state, recur);
    }
    for (int u = 0; u < U; u += W) {
      const D reset = sigmoid(D::load(drive + u) + D::load(recur + u));
      const D update = sigmoid(D::load(drive + U + u) + D::load(recur + U + u));
      const D fresh = hyperbolicTangent(D::load(drive + 2 * U + u) + reset * D::load(recur + 2 * U + u));
      ((one - update) * fresh + update * D::load(state + u)).store(state + u);
    }
    double score = weights.outBias;
    for (int u = 0; u < U; ++u) score += weights.out[u] * state[u];
    scores[i] = score;
  }
}

template <class D>
void panelTimes(const float* panel, std::size_t columns, const float* vector, double* sums) {
  using F = typename D::Floats;
  constexpr int vectors = kMatrixPanel / D::width;
  D sum[vectors];
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) sum[v] = D::broadcast(0);
  for (std::size_t k = 0; k < columns; ++k) {
    const D x = D::broadcast(static_cast<double>(vector[k]));
    WS_UNROLL
    for (int v = 0; v < vectors; ++v) sum[v] = sum[v] + D::widen(F::load(panel + k * kMatrixPanel + v * D::width)) * x;
  }
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) sum[v].store(sums + v * D::width);
}

template <class D>
constexpr FrontEndKernels frontEndTable() {
  static_assert(D::width <= kMostLanes && kGateInputs % D::width == 0 && kGateUnits % D::width == 0, "lanes");
  return {D::width, logMel<D>, gate<D>, panelTimes<D>};
}

}  // namespace
}  // namespace whospeaks
