#include "engines/cpu/cpu_engine.h"

#include <algorithm>

#include "engines/amx_engine.h"
#include "engines/cpu/arena.h"
#include "engines/cpu/layers.h"
#include "engines/vnni_engine.h"
#include "layers/rows.h"

namespace whospeaks {
namespace {

class CpuEngine final : public Engine {
 public:
  CpuEngine(Network net, const TensorMap& weights, const EngineOptions& options)
      : Engine(std::move(net)),
        kernels_(selectKernels()),
        pool_(std::clamp(options.threads, 1, 256)),
        arena_(network()) {
    WorkspaceSize scratch;
    for (std::size_t step = 0; step < network().steps.size(); ++step) {
      layers_.push_back(makeLayer(network(), step, weights, kernels_, pool_));
      scratch.include(layers_.back()->scratch());
    }
    workspace_ = Workspace(scratch, pool_.threads());
  }

  std::string device() const override {
    return kernels_.name + std::string(", ") + pool_.describe();
  }

  void run(const float* input, int batch, int frames, const std::vector<float*>& outputs,
           const CancelFlag& cancel) override {
    checkWindow(network(), batch, frames);
    const std::ptrdiff_t window = static_cast<std::ptrdiff_t>(frames) * network().inputSize;
    const int most = windowsAtOnce(network(), frames);
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
  if (options.precision == Precision::int8) return makeVnniEngine(std::move(network), weights, options);
  return std::make_unique<CpuEngine>(std::move(network), weights, options);
}

}  // namespace whospeaks
