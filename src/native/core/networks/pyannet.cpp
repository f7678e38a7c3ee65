#include "networks/pyannet.h"

#include "error.h"
#include "networks/sizes.h"

namespace whospeaks {
namespace {

constexpr int kFilterTaps = 251;
constexpr int kFilterStride = 10;
constexpr int kTaps = 5;
constexpr int kPool = 3;
constexpr float kSlope = 0.01f;
/// Two frames: a single one has no variance to be normalised by.
constexpr int kLeastSamples = 991 + 270;
/// One minute; bounds the memory that one call can ask for (75 MB, as six windows of 10 s).
constexpr int kMostSamples = 960'000;

/// Puts layers one after another, each from the place that the last one wrote.
class Chain {
 public:
  explicit Chain(Network& net) : net_(net) {}
  void add(LayerSpec layer) {
    net_.steps.push_back({std::move(layer), from_, net_.places});
    from_ = net_.places++;
  }
  void addInto(int place, LayerSpec layer) {
    net_.steps.push_back({std::move(layer), from_, place});
    from_ = place;
  }
  void addInPlace(LayerSpec layer) { net_.steps.push_back({std::move(layer), from_, from_}); }
  int end() const { return from_; }

 private:
  Network& net_;
  int from_ = kInput;
};

}  // namespace

Network pyannet(const NetworkConfig& config) {
  const int filters = sizeOf(config, "filters", 1, 1024);
  const int channels = sizeOf(config, "channels", 1, 1024);
  const int units = sizeOf(config, "units", 16, 1024);
  const int layers = sizeOf(config, "layers", 1, 16);
  const int linear = sizeOf(config, "linear", 1, 1024);
  const int classes = sizeOf(config, "classes", 1, 64);
  if (units % 16 != 0) throw EngineError("model-shape", "the units of an LSTM layer must be a multiple of 16");

  Network net{1, kLeastSamples, kMostSamples, kInput + 1, {}, {}};
  net.reducedPrecision = false;
  Chain chain(net);
  chain.addInPlace(InstanceNormSpec{"wav_norm", 1});
  chain.add(Conv1dSpec{"filters", 1, filters, kFilterTaps, kFilterStride, false});
  chain.add(MaxPoolSpec{kPool, true});
  chain.addInPlace(InstanceNormSpec{"norm0", filters, kSlope});
  chain.add(Conv1dSpec{"conv1", filters, channels, kTaps});
  chain.add(MaxPoolSpec{kPool});
  chain.addInPlace(InstanceNormSpec{"norm1", channels, kSlope});
  chain.add(Conv1dSpec{"conv2", channels, channels, kTaps});
  chain.add(MaxPoolSpec{kPool});
  chain.addInPlace(InstanceNormSpec{"norm2", channels, kSlope});
  // Every layer of the LSTM fills the same two places.
  const int inputs = net.places++;
  const int states = net.places++;
  for (int i = 0; i < layers; ++i) {
    const std::string name = "lstm." + std::to_string(i);
    chain.addInto(inputs, Conv1dSpec{name + ".input", i == 0 ? channels : 2 * units, 2 * 4 * units, 1});
    chain.addInto(states, LstmSpec{name, units});
  }
  chain.add(Conv1dSpec{"linear0", 2 * units, linear, 1, 1, true, kSlope});
  chain.add(Conv1dSpec{"linear1", linear, linear, 1, 1, true, kSlope});
  chain.add(Conv1dSpec{"classifier", linear, classes, 1});
  chain.addInPlace(LogSoftmaxSpec{classes});
  net.outputs.push_back({"activity", chain.end()});
  return net;
}

}  // namespace whospeaks
