#include "engines/mlx/mlx_network.h"

#include <map>

namespace whospeaks {
namespace {

mx::array copy(const TensorView& tensor) {
  mx::Shape shape;
  for (const auto size : tensor.shape) shape.push_back(static_cast<mx::ShapeElem>(size));
  return mx::array(tensor.data, shape, mx::float32);
}

/// batch x frames x inputSize to an image of one channel: batch x inputSize x frames x 1.
mx::array toImage(const mx::array& input, mx::Dtype dtype) {
  return mx::astype(mx::expand_dims(mx::transpose(input, {0, 2, 1}), 3), dtype);
}

/// Values by place.
using Places = std::map<int, mx::array>;

struct Run {
  const Places& places;
  const Step& step;

  const mx::array& in() const { return places.at(step.from); }

  template <class Conv>
  mx::array conv(const Conv& layer) const {
    const ConvSpec& spec = layer.spec;
    const int pad = spec.kernel / 2;
    mx::array y = mx::add(mx::conv2d(in(), layer.weight, {spec.stride, spec.stride}, {pad, pad}), layer.bias);
    if (spec.add) y = mx::add(y, places.at(step.to));
    return spec.relu ? mx::maximum(y, mx::array(0.0f, y.dtype())) : y;
  }

  /// The variance is the unbiased one: MLX divides by n where it isn't told otherwise.
  mx::array statistics() const {
    const int frequency = 1;
    const int time = 2;
    const mx::array x = mx::astype(in(), mx::float32);
    const mx::array mean = mx::mean(x, time, true);
    const mx::array deviation = mx::sqrt(mx::add(mx::var(x, time, true, 1), mx::array(1e-7f)));
    return mx::concatenate({mean, deviation}, frequency);
  }

  template <class Linear>
  mx::array linear(const Linear& layer) const {
    const LinearSpec& spec = layer.spec;
    const mx::array grouped = mx::reshape(in(), {in().shape(0), spec.groups, spec.rows, spec.channels});
    const mx::array flat = mx::flatten(mx::transpose(grouped, {0, 1, 3, 2}), 1, 3);
    const mx::array y = mx::addmm(layer.bias, flat, layer.weight);
    return mx::reshape(y, {y.shape(0), 1, 1, spec.out});
  }
};

}  // namespace

MlxNetwork::MlxNetwork(const Network& network, const TensorMap& weights, mx::Dtype dtype)
    : network_(network), parts_(partsOf(network)), dtype_(dtype) {
  std::vector<mx::array> all;
  for (const Step& step : network.steps) {
    layers_.push_back(std::visit([&](const auto& spec) { return load(spec, weights); }, step.layer));
    if (const auto* conv = std::get_if<Conv>(&layers_.back())) all.insert(all.end(), {conv->weight, conv->bias});
    if (const auto* linear = std::get_if<Linear>(&layers_.back())) all.insert(all.end(), {linear->weight, linear->bias});
  }
  mx::eval(all);
}

MlxNetwork::Layer MlxNetwork::load(const ConvSpec& spec, const TensorMap& weights) {
  return Conv{mx::astype(copy(weights.at(spec.name + ".weight")), dtype_),
              mx::astype(copy(weights.at(spec.name + ".bias")), dtype_), spec};
}

MlxNetwork::Layer MlxNetwork::load(const StatisticsSpec&, const TensorMap&) { return Statistics{}; }

MlxNetwork::Layer MlxNetwork::load(const LinearSpec& spec, const TensorMap& weights) {
  return Linear{mx::transpose(copy(weights.at(spec.name + ".weight"))), copy(weights.at(spec.name + ".bias")), spec};
}

std::vector<mx::array> MlxNetwork::run(std::size_t index, const mx::array& input) const {
  const Part& part = parts_[index];
  Places places;
  places.insert_or_assign(part.from, index == 0 ? toImage(input, dtype_) : input);
  for (std::size_t i = part.first; i < part.last; ++i) {
    const Run run{places, network_.steps[i]};
    mx::array y = std::holds_alternative<Conv>(layers_[i])         ? run.conv(std::get<Conv>(layers_[i]))
                  : std::holds_alternative<Statistics>(layers_[i]) ? run.statistics()
                                                                   : run.linear(std::get<Linear>(layers_[i]));
    places.insert_or_assign(network_.steps[i].to, std::move(y));
  }
  if (index + 1 < parts_.size()) return {places.at(parts_[index + 1].from)};
  std::vector<mx::array> outputs;
  for (const Output& output : network_.outputs) {
    // What is read on the host must lie row-major.
    outputs.push_back(mx::contiguous(mx::astype(places.at(output.place), mx::float32)));
  }
  return outputs;
}

}  // namespace whospeaks
