#include "engines/cpu/cpu_engine.h"

#include <algorithm>
#include <optional>

#include "engines/amx_engine.h"
#include "engines/cpu/arena.h"
#include "layers/convolution.h"
#include "layers/linear.h"
#include "simd/kernels.h"
#include "layers/thread_pool.h"
#include "simd/vnni_kernels.h"

namespace whospeaks {
namespace {

/// Windows that go through the network together; more of them would only push each other out of the cache.
constexpr int kGroup = 4;
/// Frames that go through together, so that long windows do not multiply the memory.
constexpr int kGroupFrames = 1200;

struct Block {
  Convolution conv1;
  Convolution conv2;
  std::optional<Convolution> shortcut;
};

class CpuEngine final : public Engine {
 public:
  CpuEngine(const Architecture& net, const TensorMap& weights, const EngineOptions& options)
      : net_(net),
        kernels_(selectKernels()),
        precision_(options.precision),
        pool_(std::clamp(options.threads, 1, 256)),
        arena_(net_),
        stem_(net.stem, weights, 1),
        embedding_(net, weights, kGroup) {
    WorkspaceSize scratch;
    for (int stage = 0; stage < 4; ++stage) {
      for (const BlockSpec& spec : net.stages[stage]) {
        const int in = roundUp(spec.conv1.in, kPanel);
        Block block{Convolution(spec.conv1, weights, in, kernels_, pool_, precision_),
                    Convolution(spec.conv2, weights, roundUp(spec.conv2.in, kPanel), kernels_, pool_, precision_),
                    {}};
        scratch.include(block.conv1.scratch());
        scratch.include(block.conv2.scratch());
        if (spec.hasShortcut) block.shortcut.emplace(spec.shortcut, weights, in, kernels_, pool_, precision_);
        stages_[stage].push_back(std::move(block));
      }
    }
    workspace_ = Workspace(scratch, pool_.threads());
  }

  const char* name() const noexcept override { return "cpu"; }
  std::string device() const override {
    const int threads = pool_.threads();
    const char* const how = precision_ == Precision::int8 ? " vnni int8, " : ", ";
    return kernels_.name + std::string(how) + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
  }
  const ResNetConfig& config() const noexcept override { return net_.config; }

  void embed(const float* features, int batch, int frames, float* out, const CancelFlag& cancel) override {
    checkWindow(batch, frames);
    const std::ptrdiff_t window = static_cast<std::ptrdiff_t>(frames) * net_.config.featureSize;
    const int group = std::clamp(kGroupFrames / frames, 1, kGroup);
    for (int first = 0; first < batch; first += group) {
      embedGroup(features + first * window, std::min(group, batch - first), frames,
                 out + static_cast<std::ptrdiff_t>(first) * net_.config.dimension, cancel);
    }
  }

 private:
  static void stopIf(const CancelFlag& cancel) {
    if (cancel.load(std::memory_order_relaxed)) throw EngineError("engine-closed", "the engine was closed");
  }

  void embedGroup(const float* features, int count, int frames, float* out, const CancelFlag& cancel) {
    stopIf(cancel);
    arena_.plan(count, frames);
    transpose(features, frames);
    stem_.run(kernels_, pool_, arena_.input, arena_.carry[0], true, false);
    for (int stage = 0; stage < 4; ++stage) {
      const Image* in = &arena_.carry[stage > 0 ? stage - 1 : 0];
      for (const Block& block : stages_[stage]) {
        stopIf(cancel);
        runBlock(block, *in, arena_.inner[stage], arena_.carry[stage]);
        in = &arena_.carry[stage];
      }
    }
    pool();
    embedding_.run(kernels_, pool_, arena_.statistics, count, out);
  }

  void runBlock(const Block& block, const Image& in, const Image& inner, const Image& out) {
    block.conv1.run(kernels_, pool_, workspace_, in, inner, true, false);
    if (block.shortcut) block.shortcut->run(kernels_, pool_, workspace_, in, out, false, false);
    block.conv2.run(kernels_, pool_, workspace_, inner, out, true, true);
  }

  /// frames x bins to an image of bins x frames.
  void transpose(const float* features, int frames) {
    const Image& image = arena_.input;
    for (int i = 0; i < image.count; ++i) {
      for (int h = 0; h < image.height; ++h) {
        float* row = image.at(i, h, 0);
        const float* from = features + static_cast<std::ptrdiff_t>(i) * frames * image.height + h;
        for (int t = 0; t < frames; ++t) row[t] = from[static_cast<std::ptrdiff_t>(t) * image.height];
      }
    }
  }

  void pool() {
    const Image& image = arena_.carry[3];
    const std::ptrdiff_t half = static_cast<std::ptrdiff_t>(image.height) * image.channels;
    pool_.parallelFor(image.count * image.height, [&](int unit, int) {
      const int i = unit / image.height;
      const int h = unit % image.height;
      float* mean = arena_.statistics + i * 2 * half + static_cast<std::ptrdiff_t>(h) * image.channels;
      kernels_.statistics(image.at(i, h, 0), image.width, image.channels, mean, mean + half);
    });
  }

  const Architecture net_;
  const Kernels& kernels_;
  const Precision precision_;
  ThreadPool pool_;
  Arena arena_;
  Workspace workspace_;
  DirectConv stem_;
  std::array<std::vector<Block>, 4> stages_;
  Embedding embedding_;
};

}  // namespace

EngineInfo cpuEngineInfo() { return {"cpu", selectKernels().name, ""}; }

std::unique_ptr<Engine> makeCpuEngine(const Architecture& net, const TensorMap& weights, const EngineOptions& options) {
  if (options.precision == Precision::bf16) return makeAmxEngine(net, weights, options);
  if (options.precision == Precision::int8 && !vnniAvailable()) {
    throw EngineError("engine-unavailable", "int8 needs a processor with AVX-512 VNNI; use precision fp32");
  }
  return std::make_unique<CpuEngine>(net, weights, options);
}

}  // namespace whospeaks
