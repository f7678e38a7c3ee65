#include "networks/network.h"

#include <algorithm>
#include <set>

#include "error.h"

namespace whospeaks {
namespace {

std::string text(const std::vector<std::int64_t>& shape) {
  std::string list = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) list += (i ? ", " : "") + std::to_string(shape[i]);
  return list + "]";
}

/// Whether the layer builds on what its output holds already.
bool adds(const LayerSpec& layer) {
  const auto* conv = std::get_if<ConvSpec>(&layer);
  const auto* simAm = std::get_if<SimAmSpec>(&layer);
  return (conv != nullptr && conv->add) || (simAm != nullptr && simAm->add);
}

bool changesTime(const LayerSpec& layer) {
  const auto* conv = std::get_if<ConvSpec>(&layer);
  return (conv != nullptr && conv->stride > 1) || std::holds_alternative<StatisticsSpec>(layer) ||
         std::holds_alternative<AttentiveStatisticsSpec>(layer) || std::holds_alternative<MaxPoolSpec>(layer) || std::holds_alternative<LstmSpec>(layer);
}

/// Places whose value is read from step `next` on.
std::set<int> alive(const Network& network, std::size_t next) {
  std::set<int> places;
  for (const Output& output : network.outputs) places.insert(output.place);
  for (std::size_t i = network.steps.size(); i-- > next;) {
    const Step& step = network.steps[i];
    if (!adds(step.layer)) places.erase(step.to);
    places.insert(step.from);
  }
  return places;
}

}  // namespace

std::vector<Shape> shapesOf(const Network& network, int frames) {
  std::vector<Shape> shapes(static_cast<std::size_t>(network.places), Shape{0, 0, 0});
  shapes[kInput] = {network.inputSize, frames, 1};
  for (const Step& step : network.steps) shapes[step.to] = shapeAfter(step.layer, shapes[step.from]);
  return shapes;
}

std::size_t outputSize(const Network& network, const Output& output, int frames) {
  const Shape shape = shapesOf(network, frames)[output.place];
  return std::size_t{1} * shape.height * shape.width * shape.channels;
}

std::vector<WeightSpec> weightsOf(const Network& network) {
  std::vector<WeightSpec> all;
  for (const Step& step : network.steps) {
    for (WeightSpec& weight : weightsOf(step.layer)) all.push_back(std::move(weight));
  }
  return all;
}

void checkWeights(const Network& network, const TensorMap& weights) {
  for (const auto& [name, shape] : weightsOf(network)) {
    const auto found = weights.find(name);
    if (found == weights.end()) throw EngineError("model-shape", "the model lacks the tensor \"" + name + "\"");
    if (found->second.shape != shape) {
      throw EngineError("model-shape", "tensor \"" + name + "\" has shape " + text(found->second.shape) +
                                           ", its config asks for " + text(shape));
    }
  }
}

void checkWindow(const Network& network, int batch, int frames) {
  if (batch < 1) throw EngineError("engine-failed", "a batch holds at least one window");
  if (frames < network.leastFrames) {
    throw EngineError("engine-failed", "a window needs at least " + std::to_string(network.leastFrames) +
                                           " frames, not " + std::to_string(frames) + "; give it more audio");
  }
  if (frames > network.mostFrames) {
    throw EngineError("engine-failed", "a window has at most " + std::to_string(network.mostFrames) + " frames, not " +
                                           std::to_string(frames) + "; cut it into pieces");
  }
}

bool isRecurrent(const Network& network) {
  return std::any_of(network.steps.begin(), network.steps.end(),
                     [](const Step& step) { return std::holds_alternative<LstmSpec>(step.layer); });
}

bool readsRectified(const Network& network, std::size_t step) {
  for (std::size_t i = step; i-- > 0;) {
    if (network.steps[i].to != network.steps[step].from) continue;
    const auto* conv = std::get_if<ConvSpec>(&network.steps[i].layer);
    const auto* simAm = std::get_if<SimAmSpec>(&network.steps[i].layer);
    return (conv != nullptr && conv->relu) || (simAm != nullptr && simAm->relu);
  }
  return false;
}

std::vector<Part> partsOf(const Network& network) {
  std::vector<Part> parts{{0, network.steps.size(), kInput}};
  for (std::size_t next = 1; next < network.steps.size(); ++next) {
    const Step& step = network.steps[next];
    if (!changesTime(step.layer) || alive(network, next) != std::set<int>{step.from}) continue;
    parts.back().last = next;
    parts.push_back({next, network.steps.size(), step.from});
  }
  return parts;
}

}  // namespace whospeaks
