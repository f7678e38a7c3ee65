#include "engines/reference/reference.h"

#include <algorithm>
#include <cmath>

namespace whospeaks {
namespace {

/// height (frequency) x width (time) x channels, row-major.
struct Plain {
  explicit Plain(const Shape& shape)
      : height(shape.height),
        width(shape.width),
        channels(shape.channels),
        data(std::size_t{1} * shape.height * shape.width * shape.channels) {}
  int height;
  int width;
  int channels;
  std::vector<double> data;
  double& at(int h, int w, int c) { return data[(static_cast<std::size_t>(h) * width + w) * channels + c]; }
  double at(int h, int w, int c) const { return data[(static_cast<std::size_t>(h) * width + w) * channels + c]; }
};

/// Weights [out, taps, in] turned to [taps, in, out], so that the innermost loop runs over neighbours.
std::vector<double> outputsLast(const float* w, const ConvSpec& spec) {
  const std::size_t inner = static_cast<std::size_t>(spec.kernel) * spec.kernel * spec.in;
  std::vector<double> turned(inner * spec.out);
  for (int o = 0; o < spec.out; ++o) {
    for (std::size_t i = 0; i < inner; ++i) turned[i * spec.out + o] = w[o * inner + i];
  }
  return turned;
}

void run(const ConvSpec& spec, const TensorMap& weights, const Plain& in, Plain& out) {
  const auto w = outputsLast(weights.at(spec.name + ".weight").data, spec);
  const float* bias = weights.at(spec.name + ".bias").data;
  const int pad = spec.kernel / 2;
  for (int h = 0; h < out.height; ++h) {
    for (int t = 0; t < out.width; ++t) {
      double* sums = &out.at(h, t, 0);
      for (int o = 0; o < spec.out; ++o) sums[o] = bias[o] + (spec.add ? sums[o] : 0);
      for (int kf = 0; kf < spec.kernel; ++kf) {
        const int row = h * spec.stride + kf - pad;
        if (row < 0 || row >= in.height) continue;
        for (int kt = 0; kt < spec.kernel; ++kt) {
          const int column = t * spec.stride + kt - pad;
          if (column < 0 || column >= in.width) continue;
          for (int c = 0; c < spec.in; ++c) {
            const double x = in.at(row, column, c);
            const double* tap = &w[(static_cast<std::size_t>(kf * spec.kernel + kt) * spec.in + c) * spec.out];
            for (int o = 0; o < spec.out; ++o) sums[o] += tap[o] * x;
          }
        }
      }
      for (int o = 0; o < spec.out; ++o) sums[o] = spec.relu && sums[o] < 0 ? 0 : sums[o];
    }
  }
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

void run(const SimAmSpec& spec, const TensorMap&, const Plain& in, Plain& out) {
  const double count = static_cast<double>(in.height) * in.width;
  const auto overImage = [&](auto value) {
    double sum = 0;
    for (int h = 0; h < in.height; ++h) {
      for (int t = 0; t < in.width; ++t) sum += value(h, t);
    }
    return sum;
  };
  for (int c = 0; c < in.channels; ++c) {
    const double mean = overImage([&](int h, int t) { return in.at(h, t, c); }) / count;
    const auto away = [&](int h, int t) { return (in.at(h, t, c) - mean) * (in.at(h, t, c) - mean); };
    const double variance = overImage(away) / (count - 1);
    for (int h = 0; h < in.height; ++h) {
      for (int t = 0; t < in.width; ++t) {
        double y = in.at(h, t, c) * sigmoid(away(h, t) / (4 * (variance + 1e-4)) + 0.5);
        if (spec.add) y += out.at(h, t, c);
        out.at(h, t, c) = spec.relu && y < 0 ? 0 : y;
      }
    }
  }
}

void run(const AttentiveStatisticsSpec& spec, const TensorMap& weights, const Plain& in, Plain& out) {
  const float* w1 = weights.at(spec.name + "1.weight").data;
  const float* bias = weights.at(spec.name + "1.bias").data;
  const float* w2 = weights.at(spec.name + "2.weight").data;
  std::vector<std::vector<double>> hidden(in.width, std::vector<double>(spec.units));
  for (int t = 0; t < in.width; ++t) {
    for (int u = 0; u < spec.units; ++u) {
      double sum = bias[u];
      const float* w = w1 + static_cast<std::size_t>(u) * spec.channels * spec.rows;
      for (int c = 0; c < spec.channels; ++c) {
        for (int h = 0; h < spec.rows; ++h) sum += *w++ * in.at(h, t, c);
      }
      hidden[t][u] = spec.activation == Activation::tanh ? std::tanh(sum) : std::max(sum, 0.0);
    }
  }
  for (int c = 0; c < spec.channels; ++c) {
    for (int h = 0; h < spec.rows; ++h, w2 += spec.units) {
      std::vector<double> share(in.width);
      double total = 0;
      for (int t = 0; t < in.width; ++t) {
        for (int u = 0; u < spec.units; ++u) share[t] += w2[u] * hidden[t][u];
        total += share[t] = std::exp(share[t]);
      }
      double mean = 0;
      double squares = 0;
      for (int t = 0; t < in.width; ++t) {
        mean += share[t] / total * in.at(h, t, c);
        squares += share[t] / total * in.at(h, t, c) * in.at(h, t, c);
      }
      out.at(h, 0, c) = mean;
      out.at(in.height + h, 0, c) = std::sqrt(std::max(squares - mean * mean, static_cast<double>(spec.floor)));
    }
  }
}

void run(const StatisticsSpec&, const TensorMap&, const Plain& in, Plain& out) {
  for (int c = 0; c < in.channels; ++c) {
    for (int h = 0; h < in.height; ++h) {
      double mean = 0;
      for (int t = 0; t < in.width; ++t) mean += in.at(h, t, c);
      mean /= in.width;
      double squares = 0;
      for (int t = 0; t < in.width; ++t) squares += (in.at(h, t, c) - mean) * (in.at(h, t, c) - mean);
      out.at(h, 0, c) = mean;
      out.at(in.height + h, 0, c) = std::sqrt(squares / (in.width - 1) + 1e-7);
    }
  }
}

void run(const LinearSpec& spec, const TensorMap& weights, const Plain& in, Plain& out) {
  const float* w = weights.at(spec.name + ".weight").data;
  const float* bias = weights.at(spec.name + ".bias").data;
  for (int o = 0; o < spec.out; ++o) {
    double sum = bias[o];
    for (int group = 0; group < spec.groups; ++group) {
      for (int c = 0; c < spec.channels; ++c) {
        for (int row = 0; row < spec.rows; ++row) sum += *w++ * in.at(group * spec.rows + row, 0, c);
      }
    }
    out.at(0, 0, o) = spec.relu && sum < 0 ? 0 : sum;
  }
}

void run(const Conv1dSpec& spec, const TensorMap& weights, const Plain& in, Plain& out) {
  const float* w = weights.at(spec.name + ".weight").data;
  for (int t = 0; t < out.width; ++t) {
    for (int o = 0; o < spec.out; ++o) {
      const float* tap = w + static_cast<std::size_t>(o) * spec.kernel * spec.in;
      double sum = spec.bias ? weights.at(spec.name + ".bias").data[o] : 0;
      for (int k = 0; k < spec.kernel; ++k) {
        for (int c = 0; c < spec.in; ++c) sum += *tap++ * in.at(0, t * spec.stride + k, c);
      }
      out.at(0, t, o) = sum < 0 ? spec.slope * sum : sum;
    }
  }
}

void run(const MaxPoolSpec& spec, const TensorMap&, const Plain& in, Plain& out) {
  for (int t = 0; t < out.width; ++t) {
    for (int c = 0; c < in.channels; ++c) {
      double most = -HUGE_VAL;
      for (int k = 0; k < spec.size; ++k) {
        const double x = in.at(0, t * spec.size + k, c);
        most = std::max(most, spec.absolute ? std::abs(x) : x);
      }
      out.at(0, t, c) = most;
    }
  }
}

void run(const InstanceNormSpec& spec, const TensorMap& weights, const Plain& in, Plain& out) {
  for (int c = 0; c < spec.channels; ++c) {
    double mean = 0;
    for (int t = 0; t < in.width; ++t) mean += in.at(0, t, c) / in.width;
    double variance = 0;
    for (int t = 0; t < in.width; ++t) variance += (in.at(0, t, c) - mean) * (in.at(0, t, c) - mean) / in.width;
    const double scale = weights.at(spec.name + ".weight").data[c] / std::sqrt(variance + 1e-5);
    for (int t = 0; t < in.width; ++t) {
      const double y = (in.at(0, t, c) - mean) * scale + weights.at(spec.name + ".bias").data[c];
      out.at(0, t, c) = y < 0 ? spec.slope * y : y;
    }
  }
}

void run(const LstmSpec& spec, const TensorMap& weights, const Plain& in, Plain& out) {
  const int n = spec.units;
  for (int direction = 0; direction < 2; ++direction) {
    const float* w = weights.at(spec.name + ".recurrent").data + static_cast<std::size_t>(direction) * 4 * n * n;
    std::vector<double> hidden(n);
    std::vector<double> cell(n);
    for (int i = 0; i < in.width; ++i) {
      const int t = direction == 0 ? i : in.width - 1 - i;
      std::vector<double> z(4 * n);
      for (int row = 0; row < 4 * n; ++row) {
        z[row] = in.at(0, t, direction * 4 * n + row);
        for (int k = 0; k < n; ++k) z[row] += w[static_cast<std::size_t>(row) * n + k] * hidden[k];
      }
      for (int u = 0; u < n; ++u) {
        cell[u] = sigmoid(z[n + u]) * cell[u] + sigmoid(z[u]) * std::tanh(z[2 * n + u]);
        hidden[u] = sigmoid(z[3 * n + u]) * std::tanh(cell[u]);
        out.at(0, t, direction * n + u) = hidden[u];
      }
    }
  }
}

void run(const LogSoftmaxSpec& spec, const TensorMap&, const Plain& in, Plain& out) {
  for (int t = 0; t < in.width; ++t) {
    double sum = 0;
    for (int c = 0; c < spec.channels; ++c) sum += std::exp(in.at(0, t, c));
    for (int c = 0; c < spec.channels; ++c) out.at(0, t, c) = in.at(0, t, c) - std::log(sum);
  }
}

}  // namespace

std::vector<std::vector<float>> referenceRun(const Network& network, const TensorMap& weights, const float* input,
                                             int frames) {
  std::vector<Plain> places;
  for (const Shape& shape : shapesOf(network, frames)) places.emplace_back(shape);
  for (int t = 0; t < frames; ++t) {
    for (int f = 0; f < network.inputSize; ++f) {
      places[kInput].at(f, t, 0) = input[static_cast<std::size_t>(t) * network.inputSize + f];
    }
  }
  for (const Step& step : network.steps) {
    std::visit([&](const auto& spec) { run(spec, weights, places[step.from], places[step.to]); }, step.layer);
  }
  std::vector<std::vector<float>> outputs;
  for (const Output& output : network.outputs) {
    const auto& data = places[output.place].data;
    outputs.emplace_back(data.begin(), data.end());
  }
  return outputs;
}

}  // namespace whospeaks
