#include "engines/reference/reference.h"

#include <cmath>

namespace whospeaks {
namespace {

/// height (frequency) x width (time) x channels, row-major.
struct Plain {
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

Plain convolve(const TensorMap& weights, const ConvSpec& spec, const Plain& in) {
  const auto w = outputsLast(weights.at(spec.name + ".weight").data, spec);
  const float* bias = weights.at(spec.name + ".bias").data;
  const int pad = spec.kernel / 2;
  Plain out{(in.height + spec.stride - 1) / spec.stride, (in.width + spec.stride - 1) / spec.stride, spec.out, {}};
  out.data.resize(static_cast<std::size_t>(out.height) * out.width * out.channels);
  for (int h = 0; h < out.height; ++h) {
    for (int t = 0; t < out.width; ++t) {
      double* sums = &out.at(h, t, 0);
      for (int o = 0; o < spec.out; ++o) sums[o] = bias[o];
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
    }
  }
  return out;
}

void relu(Plain& image) {
  for (double& value : image.data) value = value > 0 ? value : 0;
}

}  // namespace

std::vector<float> referenceEmbed(const Architecture& net, const TensorMap& weights, const float* features,
                                  int frames) {
  const int bins = net.config.featureSize;
  Plain x{bins, frames, 1, std::vector<double>(static_cast<std::size_t>(bins) * frames)};
  for (int t = 0; t < frames; ++t) {
    for (int f = 0; f < bins; ++f) x.at(f, t, 0) = features[static_cast<std::size_t>(t) * bins + f];
  }
  x = convolve(weights, net.stem, x);
  relu(x);
  for (const auto& stage : net.stages) {
    for (const auto& block : stage) {
      Plain y = convolve(weights, block.conv1, x);
      relu(y);
      y = convolve(weights, block.conv2, y);
      const Plain shortcut = block.hasShortcut ? convolve(weights, block.shortcut, x) : x;
      for (std::size_t i = 0; i < y.data.size(); ++i) y.data[i] += shortcut.data[i];
      relu(y);
      x = std::move(y);
    }
  }
  const std::size_t half = static_cast<std::size_t>(x.channels) * x.height;
  std::vector<double> statistics(2 * half);
  for (int c = 0; c < x.channels; ++c) {
    for (int h = 0; h < x.height; ++h) {
      double mean = 0;
      for (int t = 0; t < x.width; ++t) mean += x.at(h, t, c);
      mean /= x.width;
      double squares = 0;
      for (int t = 0; t < x.width; ++t) squares += (x.at(h, t, c) - mean) * (x.at(h, t, c) - mean);
      statistics[static_cast<std::size_t>(c) * x.height + h] = mean;
      statistics[half + static_cast<std::size_t>(c) * x.height + h] = std::sqrt(squares / (x.width - 1) + 1e-7);
    }
  }
  const float* w = weights.at("embedding.weight").data;
  const float* bias = weights.at("embedding.bias").data;
  std::vector<float> embedding(net.config.dimension);
  for (int d = 0; d < net.config.dimension; ++d) {
    double sum = bias[d];
    for (std::size_t k = 0; k < 2 * half; ++k) sum += w[d * 2 * half + k] * statistics[k];
    embedding[d] = static_cast<float>(sum);
  }
  return embedding;
}

}  // namespace whospeaks
