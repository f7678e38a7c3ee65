#include "layers/spec.h"

namespace whospeaks {
namespace {

/// Padding kernel / 2 keeps the size; a stride then rounds up.
int strided(int size, int stride) { return (size + stride - 1) / stride; }

Shape after(const ConvSpec& conv, const Shape& in) {
  return {strided(in.height, conv.stride), strided(in.width, conv.stride), conv.out};
}
Shape after(const StatisticsSpec&, const Shape& in) { return {2 * in.height, 1, in.channels}; }
Shape after(const LinearSpec& linear, const Shape&) { return {1, 1, linear.out}; }

std::vector<WeightSpec> weights(const ConvSpec& conv) {
  return {{conv.name + ".weight", {conv.out, conv.kernel, conv.kernel, conv.in}}, {conv.name + ".bias", {conv.out}}};
}
std::vector<WeightSpec> weights(const StatisticsSpec&) { return {}; }
std::vector<WeightSpec> weights(const LinearSpec& linear) {
  const std::int64_t inputs = std::int64_t{1} * linear.groups * linear.rows * linear.channels;
  return {{linear.name + ".weight", {linear.out, inputs}}, {linear.name + ".bias", {linear.out}}};
}

}  // namespace

Shape shapeAfter(const LayerSpec& layer, const Shape& in) {
  return std::visit([&](const auto& spec) { return after(spec, in); }, layer);
}

std::vector<WeightSpec> weightsOf(const LayerSpec& layer) {
  return std::visit([](const auto& spec) { return weights(spec); }, layer);
}

}  // namespace whospeaks
