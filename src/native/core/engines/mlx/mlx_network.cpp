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

mx::array leaky(const mx::array& x, float slope) {
  return slope == 1 ? x : mx::maximum(x, mx::multiply(x, mx::array(slope)));
}

/// A layer's own arrays, so that they are made ready once.
template <class Layer>
void collect(const Layer& layer, std::vector<mx::array>& all) {
  if constexpr (requires { layer.weight; }) all.push_back(layer.weight);
  if constexpr (requires { layer.gain; }) all.push_back(layer.gain);
  if constexpr (requires { layer.bias; }) all.push_back(layer.bias);
  if constexpr (requires { layer.scores; }) all.push_back(layer.scores);
}

}  // namespace

/// One layer's result from the values before it.
struct MlxNetwork::Run {
  const Places& places;
  const Step& step;

  const mx::array& in() const { return places.at(step.from); }

  mx::array operator()(const MlxNetwork::Conv& layer) const {
    const ConvSpec& spec = layer.spec;
    const int pad = spec.kernel / 2;
    mx::array y = mx::add(mx::conv2d(in(), layer.weight, {spec.stride, spec.stride}, {pad, pad}), layer.bias);
    if (spec.add) y = mx::add(y, places.at(step.to));
    return spec.relu ? mx::maximum(y, mx::array(0.0f, y.dtype())) : y;
  }

  mx::array operator()(const MlxNetwork::SimAm& layer) const {
    const std::vector<int> image{1, 2};
    const mx::array x = mx::astype(in(), mx::float32);
    const mx::array away = mx::square(mx::subtract(x, mx::mean(x, image, true)));
    const mx::array scale = mx::add(mx::multiply(mx::var(x, image, true, 1), mx::array(4.0f)), mx::array(4e-4f));
    const mx::array energy = mx::add(mx::divide(away, scale), mx::array(0.5f));
    mx::array y = mx::astype(mx::multiply(x, mx::sigmoid(energy)), in().dtype());
    if (layer.spec.add) y = mx::add(y, places.at(step.to));
    return layer.spec.relu ? mx::maximum(y, mx::array(0.0f, y.dtype())) : y;
  }

  mx::array operator()(const MlxNetwork::AttentiveStatistics& layer) const {
    const AttentiveStatisticsSpec& spec = layer.spec;
    const int batch = in().shape(0);
    const int steps = in().shape(2);
    const int time = 1;
    const int column = spec.channels * spec.rows;
    // batch x steps x column, channel-major as checkpoints have it
    const mx::array x = mx::reshape(mx::transpose(mx::astype(in(), mx::float32), {0, 2, 3, 1}), {batch, steps, column});
    const mx::array sum = mx::add(mx::matmul(x, layer.weight), layer.bias);
    const mx::array hidden = spec.activation == Activation::tanh ? mx::tanh(sum) : mx::maximum(sum, mx::array(0.0f));
    const mx::array share = mx::softmax(mx::matmul(hidden, layer.scores), time);
    const mx::array mean = mx::sum(mx::multiply(share, x), time, true);
    const mx::array variance = mx::sum(mx::multiply(share, mx::square(mx::subtract(x, mean))), time, true);
    const mx::array deviation = mx::sqrt(mx::maximum(variance, mx::array(spec.floor)));
    const mx::array both = mx::reshape(mx::concatenate({mean, deviation}, time), {batch, 2, spec.channels, spec.rows});
    return mx::reshape(mx::transpose(both, {0, 1, 3, 2}), {batch, 2 * spec.rows, 1, spec.channels});
  }

  /// The variance is the unbiased one: MLX divides by n where it isn't told otherwise.
  mx::array operator()(const MlxNetwork::Statistics&) const {
    const int frequency = 1;
    const int time = 2;
    const mx::array x = mx::astype(in(), mx::float32);
    const mx::array mean = mx::mean(x, time, true);
    const mx::array deviation = mx::sqrt(mx::add(mx::var(x, time, true, 1), mx::array(1e-7f)));
    return mx::concatenate({mean, deviation}, frequency);
  }

  mx::array operator()(const MlxNetwork::Linear& layer) const {
    const LinearSpec& spec = layer.spec;
    const mx::array grouped = mx::reshape(in(), {in().shape(0), spec.groups, spec.rows, spec.channels});
    const mx::array flat = mx::flatten(mx::transpose(grouped, {0, 1, 3, 2}), 1, 3);
    mx::array y = mx::addmm(layer.bias, flat, layer.weight);
    if (spec.relu) y = mx::maximum(y, mx::array(0.0f));
    return mx::reshape(y, {y.shape(0), 1, 1, spec.out});
  }

  mx::array operator()(const MlxNetwork::Conv1d& layer) const {
    const mx::array y = mx::conv1d(mx::squeeze(in(), 1), layer.weight, layer.spec.stride);
    return leaky(mx::expand_dims(mx::add(y, layer.bias), 1), layer.spec.slope);
  }

  mx::array operator()(const MlxNetwork::MaxPool& layer) const {
    const int size = layer.spec.size;
    const int batch = in().shape(0);
    const int steps = in().shape(2) / size;
    const int channels = in().shape(3);
    const mx::array x = mx::slice(in(), {0, 0, 0, 0}, {batch, 1, steps * size, channels});
    const mx::array groups = mx::reshape(layer.spec.absolute ? mx::abs(x) : x, {batch, 1, steps, size, channels});
    return mx::max(groups, 3);
  }

  mx::array operator()(const MlxNetwork::InstanceNorm& layer) const {
    const int time = 2;
    // From the first step on, as the cpu engine: of silence the mean is then exact.
    const mx::array first = mx::slice(in(), {0, 0, 0, 0}, {in().shape(0), 1, 1, in().shape(3)});
    const mx::array x = mx::subtract(in(), first);
    const mx::array away = mx::subtract(x, mx::mean(x, time, true));
    const mx::array variance = mx::mean(mx::square(away), time, true);
    const mx::array scaled = mx::multiply(away, mx::rsqrt(mx::add(variance, mx::array(1e-5f))));
    return leaky(mx::add(mx::multiply(scaled, layer.gain), layer.bias), layer.spec.slope);
  }

  /// Both directions take each step together: the backward one on steps in reverse.
  mx::array operator()(const MlxNetwork::Lstm& layer) const {
    const int units = layer.spec.units;
    const int batch = in().shape(0);
    const int steps = in().shape(2);
    const mx::array x = mx::reshape(in(), {batch, steps, 2, 4 * units});
    // [steps, direction, batch, 4 x units]
    const std::vector<mx::array> inputs = mx::split(
        mx::transpose(mx::stack({direction(x, 0), reversed(direction(x, 1))}), {2, 0, 1, 3}), steps, 0);
    mx::array hidden = mx::zeros({2, batch, units});
    mx::array cell = hidden;
    std::vector<mx::array> states;
    for (int t = 0; t < steps; ++t) {
      const mx::array z = mx::add(mx::squeeze(inputs[static_cast<std::size_t>(t)], 0), mx::matmul(hidden, layer.weight));
      const std::vector<mx::array> gates = mx::split(z, 4, 2);
      cell = mx::add(mx::multiply(mx::sigmoid(gates[1]), cell),
                     mx::multiply(mx::sigmoid(gates[0]), mx::tanh(gates[2])));
      hidden = mx::multiply(mx::sigmoid(gates[3]), mx::tanh(cell));
      states.push_back(hidden);
    }
    // [batch, steps, direction, units]
    const mx::array all = mx::transpose(mx::stack(states), {2, 0, 1, 3});
    const mx::array y = mx::concatenate({direction(all, 0), reversed(direction(all, 1))}, 2);
    return mx::expand_dims(y, 1);
  }

  mx::array operator()(const MlxNetwork::LogSoftmax&) const {
    return mx::subtract(in(), mx::logsumexp(in(), 3, true));
  }

 private:
  /// Of batch x steps x 2 x size.
  static mx::array direction(const mx::array& x, int index) { return mx::take(x, index, 2); }
  /// In time, of batch x steps x size.
  static mx::array reversed(const mx::array& x) {
    return mx::slice(x, {0, x.shape(1) - 1, 0}, {x.shape(0), -x.shape(1) - 1, x.shape(2)}, {1, -1, 1});
  }
};

MlxNetwork::MlxNetwork(const Network& network, const TensorMap& weights, mx::Dtype dtype)
    : network_(network), parts_(partsOf(network)), dtype_(dtype) {
  std::vector<mx::array> all;
  for (const Step& step : network.steps) {
    layers_.push_back(std::visit([&](const auto& spec) { return load(spec, weights); }, step.layer));
    std::visit([&](const auto& layer) { collect(layer, all); }, layers_.back());
  }
  mx::eval(all);
}

MlxNetwork::Layer MlxNetwork::load(const ConvSpec& spec, const TensorMap& weights) {
  return Conv{mx::astype(copy(weights.at(spec.name + ".weight")), dtype_),
              mx::astype(copy(weights.at(spec.name + ".bias")), dtype_), spec};
}

MlxNetwork::Layer MlxNetwork::load(const SimAmSpec& spec, const TensorMap&) { return SimAm{spec}; }

MlxNetwork::Layer MlxNetwork::load(const AttentiveStatisticsSpec& spec, const TensorMap& weights) {
  return AttentiveStatistics{mx::transpose(copy(weights.at(spec.name + "1.weight"))),
                             copy(weights.at(spec.name + "1.bias")),
                             mx::transpose(copy(weights.at(spec.name + "2.weight"))), spec};
}

MlxNetwork::Layer MlxNetwork::load(const StatisticsSpec&, const TensorMap&) { return Statistics{}; }

MlxNetwork::Layer MlxNetwork::load(const LinearSpec& spec, const TensorMap& weights) {
  return Linear{mx::transpose(copy(weights.at(spec.name + ".weight"))), copy(weights.at(spec.name + ".bias")), spec};
}

MlxNetwork::Layer MlxNetwork::load(const Conv1dSpec& spec, const TensorMap& weights) {
  return Conv1d{copy(weights.at(spec.name + ".weight")),
                spec.bias ? copy(weights.at(spec.name + ".bias")) : mx::zeros({spec.out}), spec};
}

MlxNetwork::Layer MlxNetwork::load(const MaxPoolSpec& spec, const TensorMap&) { return MaxPool{spec}; }

MlxNetwork::Layer MlxNetwork::load(const InstanceNormSpec& spec, const TensorMap& weights) {
  return InstanceNorm{copy(weights.at(spec.name + ".weight")), copy(weights.at(spec.name + ".bias")), spec};
}

MlxNetwork::Layer MlxNetwork::load(const LstmSpec& spec, const TensorMap& weights) {
  return Lstm{mx::contiguous(mx::transpose(copy(weights.at(spec.name + ".recurrent")), {0, 2, 1})), spec};
}

MlxNetwork::Layer MlxNetwork::load(const LogSoftmaxSpec& spec, const TensorMap&) { return LogSoftmax{spec}; }

std::vector<mx::array> MlxNetwork::run(std::size_t index, const mx::array& input) const {
  const Part& part = parts_[index];
  Places places;
  places.insert_or_assign(part.from, index == 0 ? toImage(input, dtype_) : input);
  for (std::size_t i = part.first; i < part.last; ++i) {
    const Run run{places, network_.steps[i]};
    mx::array y = std::visit(run, layers_[i]);
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
