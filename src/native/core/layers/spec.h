// What a layer computes. How an engine runs it is the engine's affair; a new kind of layer is one more struct here, its
// shape and weights in spec.cpp, and one implementation in each engine that is to have it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace whospeaks {

/// One window's values: height (frequency) x width (time) x channels.
struct Shape {
  int height;
  int width;
  int channels;
};

/// relu?(convolution + bias [+ what the output holds already]). Kernel 1 or 3 (padding kernel / 2), the same stride in
/// frequency and time.
struct ConvSpec {
  std::string name;
  int in;
  int out;
  int kernel;
  int stride;
  bool relu = false;
  bool add = false;
};

/// relu?(x * sigmoid(d / (4 (v + 1e-4)) + 1/2) [+ what the output holds]), where d = (x - mean)^2 and v is the unbiased
/// variance, both over frequency and time, of each channel: SimAM's attention without parameters (Yang et al. 2021).
struct SimAmSpec {
  int channels;
  bool relu = false;
  bool add = false;
};

/// Mean over time and sqrt(unbiased variance + 1e-7), of each frequency and channel: the means' rows, then the deviations'.
struct StatisticsSpec {};

enum class Activation { relu, tanh };

/// Attentive statistics: of each frequency and channel the mean and sqrt(max(variance, floor)) over time, each step
/// weighted by a softmax over time of attention2 x activation(attention1 x step + bias), where a step is all frequencies and
/// channels at one time, channel-major. Laid out as by `StatisticsSpec`.
struct AttentiveStatisticsSpec {
  std::string name;
  int rows;
  int channels;
  /// Of the hidden layer.
  int units;
  Activation activation;
  float floor;
};

/// relu?(weights x input + bias). The input is `groups` x `rows` x channels; the weights read it as groups x channels x rows, as
/// checkpoints have it for pooled statistics. A plain vector is one group of one row.
struct LinearSpec {
  std::string name;
  int groups;
  int rows;
  int channels;
  int out;
  bool relu = false;
};

/// Over time, on values of height 1, without padding: slope?(convolution [+ bias]). Kernel 1 is a linear layer on each
/// step. `slope` is the leaky ReLU's; 1 is none.
struct Conv1dSpec {
  std::string name;
  int in;
  int out;
  int kernel;
  int stride = 1;
  bool bias = true;
  float slope = 1;
};

/// The greatest of each `size` steps, or the greatest magnitude; a last incomplete group is dropped.
struct MaxPoolSpec {
  int size;
  bool absolute = false;
};

/// slope?(gain (x - mean) / sqrt(variance + 1e-5) + bias), mean and (biased) variance over time, of each channel.
struct InstanceNormSpec {
  std::string name;
  int channels;
  float slope = 1;
};

/// The recurrence of an LSTM that runs in both directions. Its input is what the inputs' weights and the biases give at
/// each step, 2 directions x 4 gates (i, f, g, o) x units; its output the hidden state, forward then backward.
struct LstmSpec {
  std::string name;
  int units;
};

/// x - log(sum of e^x) over the channels.
struct LogSoftmaxSpec {
  int channels;
};

using LayerSpec = std::variant<ConvSpec, SimAmSpec, StatisticsSpec, AttentiveStatisticsSpec, LinearSpec, Conv1dSpec,
                               MaxPoolSpec, InstanceNormSpec, LstmSpec, LogSoftmaxSpec>;

/// A tensor that a layer needs.
struct WeightSpec {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// What the layer makes of a value of this shape.
Shape shapeAfter(const LayerSpec& layer, const Shape& in);

std::vector<WeightSpec> weightsOf(const LayerSpec& layer);

}  // namespace whospeaks
