#include "network_args.h"

#include <limits>

namespace whospeaks {
namespace {

constexpr std::int64_t kMostInt = std::numeric_limits<int>::max();
constexpr std::uint32_t kMostAxes = 8;
constexpr std::uint32_t kMostSizes = 64;

int size(const Arg& arg) { return static_cast<int>(arg.integer(0, kMostInt, "model-shape")); }

}  // namespace

NetworkConfig readNetwork(const Arg& arg) {
  NetworkConfig network;
  network.name = arg.get("name").text();
  const Arg sizes = arg.get("sizes");
  for (const std::string& key : sizes.keys()) {
    const Arg list = sizes.get(key);
    const std::uint32_t count = list.length();
    if (count > kMostSizes) list.refuseRange("model-shape", "at most " + std::to_string(kMostSizes) + " numbers");
    for (std::uint32_t i = 0; i < count; ++i) network.sizes[key].push_back(size(list.at(i)));
  }
  return network;
}

OwnedTensors readTensors(const Arg& list) {
  OwnedTensors tensors;
  const std::uint32_t count = list.length();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Arg entry = list.at(i);
    const std::string name = entry.get("name").text();
    TensorView view{{}, nullptr};
    const Arg shape = entry.get("shape");
    const std::uint32_t axes = shape.length();
    if (axes > kMostAxes) shape.refuseRange("model-shape", "at most 8 axes");
    double wanted = 1;
    for (std::uint32_t axis = 0; axis < axes; ++axis) {
      view.shape.push_back(size(shape.at(axis)));
      wanted *= static_cast<double>(view.shape.back());
    }
    // Last, and copied at once: reading a property can run code that frees the numbers.
    const Arg data = entry.get("data");
    const auto numbers = data.numbers<float>();
    if (wanted != static_cast<double>(numbers.size)) {
      data.refuseRange("model-shape", "as many numbers as the shape of tensor \"" + name + "\" says");
    }
    tensors.storage.push_back(numbers.copy());
    view.data = tensors.storage.back().data();
    tensors.map.emplace(name, std::move(view));
  }
  return tensors;
}

}  // namespace whospeaks
