// Kernels of layers over time: pooling, normalisation, the LSTM. Included by kernel_table.h; see simd.h for the rules.
#pragma once

#include "simd/exponential.h"
#include "simd/kernels.h"

namespace whospeaks {
namespace {

template <class V>
void maxPool(const float* in, int steps, int size, int channels, bool absolute, float* out) {
  const V signs = absolute ? V::broadcast(-1.0f) : V::broadcast(1.0f);
  for (int t = 0; t < steps; ++t) {
    const float* from = in + static_cast<std::ptrdiff_t>(t) * size * channels;
    for (int c = 0; c < channels; c += V::width) {
      V most = V::load(from + c);
      most = maximum(most, signs * most);
      for (int k = 1; k < size; ++k) {
        const V x = V::load(from + static_cast<std::ptrdiff_t>(k) * channels + c);
        most = maximum(most, maximum(x, signs * x));
      }
      most.store(out + static_cast<std::ptrdiff_t>(t) * channels + c);
    }
  }
}

/// x, or slope * x below 0; the slope is 0 to 1.
template <class V>
WS_INLINE V leaky(V x, V slope) {
  return maximum(x, x * slope);
}

template <class V>
void leakyRelu(float* values, std::size_t count, float slope) {
  const V factor = V::broadcast(slope);
  std::size_t i = 0;
  for (; i + V::width <= count; i += V::width) leaky(V::load(values + i), factor).store(values + i);
  for (; i < count; ++i) values[i] = values[i] > 0 ? values[i] : slope * values[i];
}

template <class V>
void sumAndDifference(const float* a, const float* b, int count, float* sums, float* differences) {
  int i = 0;
  for (; i + V::width <= count; i += V::width) {
    const V x = V::load(a + i);
    const V y = V::load(b + i);
    (x + y).store(sums + i);
    (x - y).store(differences + i);
  }
  for (; i < count; ++i) {
    sums[i] = a[i] + b[i];
    differences[i] = a[i] - b[i];
  }
}

constexpr float kNormEpsilon = 1e-5f;

/// Steps that are added up before their sum is added to that of all: a float loses little of so few.
constexpr int kSumSteps = 64;

/// Of the panel's values minus `centre`, or of their squares.
template <class V, bool SQUARES>
WS_INLINE void sumSteps(const NormalizeTask& task, const V* centre, V* total) {
  constexpr int vectors = kPanel / V::width;
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) total[v] = V::zero();
  const float* from = task.in;
  for (int first = 0; first < task.steps; first += kSumSteps) {
    const int last = task.steps - first < kSumSteps ? task.steps : first + kSumSteps;
    V sum[vectors];
    WS_UNROLL
    for (int v = 0; v < vectors; ++v) sum[v] = V::zero();
    for (int t = first; t < last; ++t, from += task.inStep) {
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
void normalize(const NormalizeTask& task) {
  constexpr int vectors = kPanel / V::width;
  const V perStep = V::broadcast(1.0f / static_cast<float>(task.steps));
  const V slope = V::broadcast(task.slope);
  // Summed from the first step on: of silence, whose steps are all alike, the mean is then exact. A last bit would be
  // made much of by the division, and more by the norms that follow.
  V mean[vectors];
  V total[vectors];
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) mean[v] = V::load(task.in + v * V::width);
  sumSteps<V, false>(task, mean, total);
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) mean[v] = fma(total[v], perStep, mean[v]);
  sumSteps<V, true>(task, mean, total);
  V scale[vectors];
  V shift[vectors];
  WS_UNROLL
  for (int v = 0; v < vectors; ++v) {
    scale[v] = V::load(task.gain + v * V::width) / squareRoot(fma(total[v], perStep, V::broadcast(kNormEpsilon)));
    shift[v] = V::load(task.bias + v * V::width);
  }
  const float* from = task.in;
  float* to = task.out;
  for (int t = 0; t < task.steps; ++t, from += task.inStep, to += task.outStep) {
    WS_UNROLL
    for (int v = 0; v < vectors; ++v) {
      const V y = fma(V::load(from + v * V::width) - mean[v], scale[v], shift[v]);
      leaky(y, slope).store(to + v * V::width);
    }
  }
}

/// Sums of `count` numbers minus `mean`, or of their squares, in pieces that a float adds up without loss.
template <class V, bool SQUARES>
double sumOver(const float* from, int count, float mean) {
  constexpr int piece = 64 * kPanel;
  const V centre = V::broadcast(mean);
  double total = 0;
  for (int first = 0; first < count; first += piece) {
    const int last = count - first < piece ? count : first + piece;
    V sum = V::zero();
    int i = first;
    for (; i + V::width <= last; i += V::width) {
      const V away = V::load(from + i) - centre;
      sum = SQUARES ? fma(away, away, sum) : sum + away;
    }
    float lanes[kPanel];
    sum.store(lanes);
    for (int lane = 0; lane < V::width; ++lane) total += static_cast<double>(lanes[lane]);
    for (; i < last; ++i) {
      const float away = from[i] - mean;
      total += static_cast<double>(SQUARES ? away * away : away);
    }
  }
  return total;
}

template <class V>
void normalizeLine(const NormalizeTask& task) {
  const auto mean = static_cast<float>(sumOver<V, false>(task.in, task.steps, 0) / task.steps);
  const auto variance = static_cast<float>(sumOver<V, true>(task.in, task.steps, mean) / task.steps);
  const float scale = *task.gain / sqrtf(variance + kNormEpsilon);
  const V centre = V::broadcast(mean);
  const V factor = V::broadcast(scale);
  const V shift = V::broadcast(*task.bias);
  const V slope = V::broadcast(task.slope);
  int t = 0;
  for (; t + V::width <= task.steps; t += V::width) {
    leaky(fma(V::load(task.in + t) - centre, factor, shift), slope).store(task.out + t);
  }
  for (; t < task.steps; ++t) {
    const float y = (task.in[t] - mean) * scale + *task.bias;
    task.out[t] = y > 0 ? y : task.slope * y;
  }
}

/// inputs + weights * before, in place of the inputs. A lone sequence has but four sums, and every product would wait for
/// the one before it: it takes two steps at a time.
template <class V, int ROWS>
WS_INLINE void lstmSums(const LstmStep& task) {
  constexpr int chains = ROWS == 1 ? 2 : 1;
  const int units = task.units;
  for (int i = 0; i < units; i += V::width) {
    const int unit = task.backwards ? units - V::width - i : i;
    const float* w = task.weights + static_cast<std::ptrdiff_t>(unit / kPanel) * units * 4 * kPanel + unit % kPanel;
    V z[chains][ROWS][4];
    WS_UNROLL
    for (int r = 0; r < ROWS; ++r) {
      WS_UNROLL
      for (int gate = 0; gate < 4; ++gate) {
        z[0][r][gate] = V::load(task.inputs + r * task.inputsRow + static_cast<std::ptrdiff_t>(gate) * units + unit);
        if (chains == 2) z[chains - 1][r][gate] = V::zero();
      }
    }
    for (int k = 0; k < units; k += chains) {
      WS_UNROLL
      for (int chain = 0; chain < chains; ++chain) {
        V weight[4];
        WS_UNROLL
        for (int gate = 0; gate < 4; ++gate) weight[gate] = V::load(w + (chain * 4 + gate) * kPanel);
        WS_UNROLL
        for (int r = 0; r < ROWS; ++r) {
          const V h = V::broadcast(task.before[r * task.beforeRow + k + chain]);
          WS_UNROLL
          for (int gate = 0; gate < 4; ++gate) z[chain][r][gate] = fma(h, weight[gate], z[chain][r][gate]);
        }
      }
      w += chains * 4 * kPanel;
    }
    WS_UNROLL
    for (int r = 0; r < ROWS; ++r) {
      WS_UNROLL
      for (int gate = 0; gate < 4; ++gate) {
        if (chains == 2) z[0][r][gate] = z[0][r][gate] + z[chains - 1][r][gate];
        z[0][r][gate].store(task.inputs + r * task.inputsRow + static_cast<std::ptrdiff_t>(gate) * units + unit);
      }
    }
  }
}

/// With sigmoid(x) = 1 / (1 + e^-x) and tanh(x) = (1 - e^-2x) / (1 + e^-2x) over common denominators: a division takes as
/// long as an exponential. After all sums, for one unit's gates wait for nothing of another's.
template <class V>
WS_INLINE void lstmGates(const LstmStep& task, int row) {
  const V one = V::broadcast(1.0f);
  const V two = V::broadcast(-2.0f);
  const float* z = task.inputs + row * task.inputsRow;
  float* cells = task.cell + static_cast<std::ptrdiff_t>(row) * task.units;
  float* out = task.out + row * task.outRow;
  for (int unit = 0; unit < task.units; unit += V::width) {
    const auto sum = [&](int gate) { return V::load(z + static_cast<std::ptrdiff_t>(gate) * task.units + unit); };
    const V input = one + exponentialOf(V::zero() - sum(0));
    const V forget = one + exponentialOf(V::zero() - sum(1));
    const V candidate = exponentialOf(two * sum(2));
    const V output = one + exponentialOf(V::zero() - sum(3));
    const V added = input * (one + candidate);
    const V cell = fma(V::load(cells + unit), added, (one - candidate) * forget) / (added * forget);
    cell.store(cells + unit);
    const V squashed = exponentialOf(two * cell);
    ((one - squashed) / (output * (one + squashed))).store(out + unit);
  }
}

template <class V, int ROWS>
void lstmRows(const LstmStep& task) {
  lstmSums<V, ROWS>(task);
  for (int row = 0; row < ROWS; ++row) lstmGates<V>(task, row);
}

using LstmRows = void (*)(const LstmStep& task);

/// rows[n - 1] for 1 to V::lstmRows.
template <class V>
struct LstmTable {
  LstmRows rows[V::lstmRows];
  constexpr LstmTable() : rows() { fill<V::lstmRows>(); }

 private:
  template <int ROWS>
  constexpr void fill() {
    rows[ROWS - 1] = lstmRows<V, ROWS>;
    if constexpr (ROWS > 1) fill<ROWS - 1>();
  }
};

template <class V>
void lstmStep(const LstmStep& task, int rows) {
  static constexpr LstmTable<V> table;
  table.rows[rows - 1](task);
}

}  // namespace
}  // namespace whospeaks
