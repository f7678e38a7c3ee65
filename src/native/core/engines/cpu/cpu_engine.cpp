#include "engines/cpu/cpu_engine.h"

#include <algorithm>

#include "engines/amx_engine.h"
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
#include "layers/rows.h"
#include "layers/sim_am.h"
#include "layers/statistics.h"
#include "simd/vnni_kernels.h"

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
  Builder(const Network& network, const TensorMap& weights, const Kernels& kernels, ThreadPool& pool, bool int8)
      : network_(network), weights_(weights), kernels_(kernels), pool_(pool), int8_(int8) {}

  std::unique_ptr<Layer> operator()(std::size_t step) {
    return std::visit([&](const auto& spec) { return make(spec, step); }, network_.steps[step].layer);
  }

 private:
  std::unique_ptr<Layer> make(const ConvSpec& spec, std::size_t step) {
    const ConvInput input{storedChannels(network_.steps[step].from, spec.in), readsRectified(network_, step)};
    return makeConvolution(spec, weights_, input, kernels_, pool_, int8_);
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
  const bool int8_;
};

class CpuEngine final : public Engine {
 public:
  CpuEngine(Network net, const TensorMap& weights, const EngineOptions& options)
      : Engine(std::move(net)),
        kernels_(selectKernels()),
        int8_(options.precision == Precision::int8),
        pool_(std::clamp(options.threads, 1, 256)),
        arena_(network()) {
    Builder build(network(), weights, kernels_, pool_, int8_);
    WorkspaceSize scratch;
    for (std::size_t step = 0; step < network().steps.size(); ++step) {
      layers_.push_back(build(step));
      scratch.include(layers_.back()->scratch());
    }
    workspace_ = Workspace(scratch, pool_.threads());
  }

  std::string device() const override {
    return kernels_.name + std::string(int8_ ? " vnni int8, " : ", ") + pool_.describe();
  }

  void run(const float* input, int batch, int frames, const std::vector<float*>& outputs,
           const CancelFlag& cancel) override {
    checkWindow(network(), batch, frames);
    const std::ptrdiff_t window = static_cast<std::ptrdiff_t>(frames) * network().inputSize;
    const int most = (isRecurrent(network()) ? kRecurrentGroup : kGroup).of(frames);
    for (int first = 0; first < batch; first += most) {
      arena_.plan(std::min(most, batch - first), frames);
      fromRows(input + first * window, arena_.at(kInput));
      runLayers(cancel);
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Output& output = network().outputs[i];
        toRows(arena_.at(output.place), shapesOf(network(), frames)[output.place].channels,
               outputs[i] + static_cast<std::size_t>(first) * outputSize(network(), output, frames));
      }
    }
  }

 private:
  void runLayers(const CancelFlag& cancel) {
    const Cores cores{kernels_, pool_, workspace_};
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      stopIf(cancel);
      layers_[i]->run(cores, arena_.at(network().steps[i].from), arena_.at(network().steps[i].to));
    }
  }

  const Kernels& kernels_;
  const bool int8_;
  ThreadPool pool_;
  Arena arena_;
  Workspace workspace_;
  std::vector<std::unique_ptr<Layer>> layers_;
};

}  // namespace

EngineInfo cpuEngineInfo() { return {selectKernels().name}; }

std::unique_ptr<Engine> makeCpuEngine(Network network, const TensorMap& weights, const EngineOptions& options) {
  if (options.precision == Precision::fp16) {
    throw EngineError("engine-unavailable", "the cpu engine has no fp16; use the mlx engine, or precision fp32");
  }
  if (options.precision == Precision::bf16) return makeAmxEngine(std::move(network), weights, options);
  if (options.precision == Precision::int8 && !vnniAvailable()) {
    throw EngineError("engine-unavailable", "int8 needs a processor with AVX-512 VNNI; use precision fp32");
  }
  return std::make_unique<CpuEngine>(std::move(network), weights, options);
}

}  // namespace whospeaks
