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

/// Mean over time and sqrt(unbiased variance + 1e-7), of each frequency and channel: the means' rows, then the deviations'.
struct StatisticsSpec {};

/// weights x input + bias. The input is `groups` x `rows` x channels; the weights read it as groups x channels x rows, as
/// checkpoints have it for pooled statistics. A plain vector is one group of one row.
struct LinearSpec {
  std::string name;
  int groups;
  int rows;
  int channels;
  int out;
};

using LayerSpec = std::variant<ConvSpec, StatisticsSpec, LinearSpec>;

/// A tensor that a layer needs.
struct WeightSpec {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// What the layer makes of a value of this shape.
Shape shapeAfter(const LayerSpec& layer, const Shape& in);

std::vector<WeightSpec> weightsOf(const LayerSpec& layer);

}  // namespace whospeaks
