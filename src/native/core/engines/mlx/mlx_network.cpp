#include "engines/mlx/mlx_network.h"

namespace whospeaks {
namespace {

mx::array relu(const mx::array& x) { return mx::maximum(x, mx::array(0.0f, x.dtype())); }

}  // namespace

MlxNetwork::MlxNetwork(const Architecture& net, const TensorMap& weights, mx::Dtype dtype)
    : dtype_(dtype),
      stem_(load(net.stem, weights)),
      weight_(mx::transpose(copy(weights.at("embedding.weight")))),
      bias_(copy(weights.at("embedding.bias"))) {
  std::vector<mx::array> all{stem_.weight, stem_.bias, weight_, bias_};
  const auto keep = [&all](const Conv& conv) {
    all.push_back(conv.weight);
    all.push_back(conv.bias);
  };
  for (int stage = 0; stage < 4; ++stage) {
    for (const BlockSpec& spec : net.stages[stage]) {
      Block block{load(spec.conv1, weights), load(spec.conv2, weights), {}};
      if (spec.hasShortcut) block.shortcut.push_back(load(spec.shortcut, weights));
      keep(block.conv1);
      keep(block.conv2);
      for (const Conv& conv : block.shortcut) keep(conv);
      stages_[stage].push_back(std::move(block));
    }
  }
  mx::eval(all);
}

mx::array MlxNetwork::copy(const TensorView& tensor) {
  mx::Shape shape;
  for (const auto size : tensor.shape) shape.push_back(static_cast<mx::ShapeElem>(size));
  return mx::array(tensor.data, shape, mx::float32);
}

MlxNetwork::Conv MlxNetwork::load(const ConvSpec& spec, const TensorMap& weights) const {
  return {mx::astype(copy(weights.at(spec.name + ".weight")), dtype_),
          mx::astype(copy(weights.at(spec.name + ".bias")), dtype_), spec.stride, spec.kernel / 2};
}

mx::array MlxNetwork::part(int index, const mx::array& input) const {
  if (index == kParts - 1) return embedding(input);
  const auto run = [](const Conv& conv, const mx::array& x) {
    return mx::add(mx::conv2d(x, conv.weight, {conv.stride, conv.stride}, {conv.padding, conv.padding}), conv.bias);
  };
  mx::array x = index == 0 ? relu(run(stem_, stem(input))) : input;
  for (const Block& block : stages_[index]) {
    const mx::array shortcut = block.shortcut.empty() ? x : run(block.shortcut[0], x);
    x = relu(mx::add(run(block.conv2, relu(run(block.conv1, x))), shortcut));
  }
  return x;
}

/// batch x frames x bins to an image of one channel: batch x bins x frames x 1.
mx::array MlxNetwork::stem(const mx::array& features) const {
  return mx::astype(mx::expand_dims(mx::transpose(features, {0, 2, 1}), 3), dtype_);
}

/// Mean and standard deviation over time, each flattened channel-major as the checkpoint's last layer expects, and
/// that layer. The variance is the unbiased one: MLX divides by n where it isn't told otherwise.
mx::array MlxNetwork::embedding(const mx::array& image) const {
  const int time = 2;
  const mx::array x = mx::astype(image, mx::float32);
  const mx::array mean = mx::mean(x, time);
  const mx::array deviation = mx::sqrt(mx::add(mx::var(x, time, false, 1), mx::array(1e-7f)));
  const auto flatten = [](const mx::array& statistics) {
    return mx::flatten(mx::transpose(statistics, {0, 2, 1}), 1, 2);
  };
  return mx::addmm(bias_, mx::concatenate({flatten(mean), flatten(deviation)}, 1), weight_);
}

}  // namespace whospeaks
