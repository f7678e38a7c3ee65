#include "engines/cpu/layers.h"

#include <algorithm>

#include "engines/cpu/arena.h"
#include "layers/attentive_statistics.h"
#include "layers/conv1d.h"
#include "layers/convolution.h"
#include "layers/instance_norm.h"
#include "layers/linear.h"
#include "layers/log_softmax.h"
#include "layers/lstm.h"
#include "layers/max_pool.h"
#include "layers/mirrored_conv1d.h"
#include "layers/sim_am.h"
#include "layers/statistics.h"

namespace whospeaks {
namespace {

/// Windows that go through the network together, and their steps, so that long windows do not multiply the memory.
struct Group {
  int windows;
  int frames;
  int of(int frameCount) const { return std::clamp(frames / frameCount, 1, windows); }
};
/// More of them would only push each other out of the cache.
constexpr Group kGroup{4, 1200};
/// As many as take a step of an LSTM together; the frames are samples.
constexpr Group kRecurrentGroup{6, 960'000};

/// Makes the layers of a network.
class Builder {
 public:
  Builder(const Network& network, const TensorMap& weights, const Kernels& kernels, ThreadPool& pool)
      : network_(network), weights_(weights), kernels_(kernels), pool_(pool) {}

  std::unique_ptr<Layer> operator()(std::size_t step) {
    return std::visit([&](const auto& spec) { return make(spec, step); }, network_.steps[step].layer);
  }

 private:
  std::unique_ptr<Layer> make(const ConvSpec& spec, std::size_t step) {
    const int channels = storedChannels(network_.steps[step].from, spec.in);
    return makeConvolution(spec, weights_, channels, kernels_, pool_);
  }
  std::unique_ptr<Layer> make(const Conv1dSpec& spec, std::size_t step) {
    if (MirroredConv1d::fits(spec, weights_)) return std::make_unique<MirroredConv1d>(spec, weights_);
    return std::make_unique<Conv1d>(spec, weights_, storedChannels(network_.steps[step].from, spec.in));
  }
  std::unique_ptr<Layer> make(const MaxPoolSpec& spec, std::size_t) { return std::make_unique<MaxPool>(spec); }
  std::unique_ptr<Layer> make(const InstanceNormSpec& spec, std::size_t) {
    return std::make_unique<InstanceNorm>(spec, weights_);
  }
  std::unique_ptr<Layer> make(const LstmSpec& spec, std::size_t) { return std::make_unique<Lstm>(spec, weights_); }
  std::unique_ptr<Layer> make(const LogSoftmaxSpec& spec, std::size_t) { return std::make_unique<LogSoftmax>(spec); }
  std::unique_ptr<Layer> make(const SimAmSpec& spec, std::size_t) { return std::make_unique<SimAm>(spec); }
  std::unique_ptr<Layer> make(const AttentiveStatisticsSpec& spec, std::size_t) {
    return std::make_unique<AttentiveStatistics>(spec, weights_);
  }
  std::unique_ptr<Layer> make(const StatisticsSpec&, std::size_t) { return std::make_unique<Statistics>(); }
  std::unique_ptr<Layer> make(const LinearSpec& spec, std::size_t) { return std::make_unique<Linear>(spec, weights_); }

  const Network& network_;
  const TensorMap& weights_;
  const Kernels& kernels_;
  ThreadPool& pool_;
};

}  // namespace

std::unique_ptr<Layer> makeLayer(const Network& network, std::size_t step, const TensorMap& weights,
                                 const Kernels& kernels, ThreadPool& pool) {
  return Builder(network, weights, kernels, pool)(step);
}

int windowsAtOnce(const Network& network, int frames) {
  return (isRecurrent(network) ? kRecurrentGroup : kGroup).of(frames);
}

}  // namespace whospeaks
