#include "layers/spec.h"

namespace whospeaks {
namespace {

/// Padding kernel / 2 keeps the size; a stride then rounds up.
int strided(int size, int stride) { return (size + stride - 1) / stride; }

Shape after(const ConvSpec& conv, const Shape& in) {
  return {strided(in.height, conv.stride), strided(in.width, conv.stride), conv.out};
}
Shape after(const SimAmSpec&, const Shape& in) { return in; }
Shape after(const AttentiveStatisticsSpec&, const Shape& in) { return {2 * in.height, 1, in.channels}; }
Shape after(const StatisticsSpec&, const Shape& in) { return {2 * in.height, 1, in.channels}; }
Shape after(const LinearSpec& linear, const Shape&) { return {1, 1, linear.out}; }
Shape after(const Conv1dSpec& conv, const Shape& in) {
  return {in.height, (in.width - conv.kernel) / conv.stride + 1, conv.out};
}
Shape after(const MaxPoolSpec& pool, const Shape& in) { return {in.height, in.width / pool.size, in.channels}; }
Shape after(const InstanceNormSpec&, const Shape& in) { return in; }
Shape after(const LstmSpec& lstm, const Shape& in) { return {in.height, in.width, 2 * lstm.units}; }
Shape after(const LogSoftmaxSpec&, const Shape& in) { return in; }

std::vector<WeightSpec> weights(const ConvSpec& conv) {
  return {{conv.name + ".weight", {conv.out, conv.kernel, conv.kernel, conv.in}}, {conv.name + ".bias", {conv.out}}};
}
std::vector<WeightSpec> weights(const SimAmSpec&) { return {}; }
std::vector<WeightSpec> weights(const StatisticsSpec&) { return {}; }
std::vector<WeightSpec> weights(const AttentiveStatisticsSpec& pooling) {
  const std::int64_t column = std::int64_t{1} * pooling.rows * pooling.channels;
  // The second layer's bias is the same at every step: a softmax over time takes no notice of it.
  return {{pooling.name + "1.weight", {pooling.units, column}},
          {pooling.name + "1.bias", {pooling.units}},
          {pooling.name + "2.weight", {column, pooling.units}}};
}
std::vector<WeightSpec> weights(const LinearSpec& linear) {
  const std::int64_t inputs = std::int64_t{1} * linear.groups * linear.rows * linear.channels;
  return {{linear.name + ".weight", {linear.out, inputs}}, {linear.name + ".bias", {linear.out}}};
}
std::vector<WeightSpec> weights(const Conv1dSpec& conv) {
  std::vector<WeightSpec> all{{conv.name + ".weight", {conv.out, conv.kernel, conv.in}}};
  if (conv.bias) all.push_back({conv.name + ".bias", {conv.out}});
  return all;
}
std::vector<WeightSpec> weights(const MaxPoolSpec&) { return {}; }
std::vector<WeightSpec> weights(const InstanceNormSpec& norm) {
  return {{norm.name + ".weight", {norm.channels}}, {norm.name + ".bias", {norm.channels}}};
}
std::vector<WeightSpec> weights(const LstmSpec& lstm) {
  return {{lstm.name + ".recurrent", {2, 4 * lstm.units, lstm.units}}};
}
std::vector<WeightSpec> weights(const LogSoftmaxSpec&) { return {}; }

}  // namespace

Shape shapeAfter(const LayerSpec& layer, const Shape& in) {
  return std::visit([&](const auto& spec) { return after(spec, in); }, layer);
}

std::vector<WeightSpec> weightsOf(const LayerSpec& layer) {
  return std::visit([](const auto& spec) { return weights(spec); }, layer);
}

}  // namespace whospeaks
