#include "engines/amx_engine.h"

#include <algorithm>
#include <optional>

#include "simd/buffer.h"
#include "layers/linear.h"
#include "layers/image.h"
#include "simd/kernels.h"
#include "layers/thread_pool.h"
#include "engines/amx/amx_conv.h"

namespace whospeaks {
namespace {

struct Block {
  AmxConv conv1;
  AmxConv conv2;
  std::optional<AmxConv> shortcut;
};

/// Windows go through one after the other: in bf16 a layer's weights fit the cache beside its activations.
class AmxEngine final : public Engine {
 public:
  AmxEngine(const Architecture& net, const TensorMap& weights, const EngineOptions& options)
      : net_(net),
        kernels_(selectKernels()),
        pool_(std::clamp(options.threads, 1, 256)),
        channels_(roundUp(net.config.channels, kPanel)),
        stemWeights_(static_cast<std::size_t>(9) * channels_),
        stemBias_(static_cast<std::size_t>(channels_)),
        statistics_(static_cast<std::size_t>(2) * net.pooledBins * roundUp(net.pooledChannels, kPanel)),
        embedding_(net, weights, 1) {
    const float* stem = weights.at("conv1.weight").data;
    for (int o = 0; o < net.config.channels; ++o) {
      for (int tap = 0; tap < 9; ++tap) stemWeights_.data()[tap * channels_ + o] = stem[o * 9 + tap];
    }
    std::copy_n(weights.at("conv1.bias").data, net.config.channels, stemBias_.data());
    for (int stage = 0; stage < 4; ++stage) {
      for (const BlockSpec& spec : net.stages[stage]) {
        Block block{AmxConv(spec.conv1, weights), AmxConv(spec.conv2, weights), {}};
        if (spec.hasShortcut) block.shortcut.emplace(spec.shortcut, weights);
        stages_[stage].push_back(std::move(block));
      }
    }
  }

  const char* name() const noexcept override { return "cpu"; }
  std::string device() const override {
    const int threads = pool_.threads();
    return "amx bf16, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
  }
  const ResNetConfig& config() const noexcept override { return net_.config; }

  void embed(const float* features, int batch, int frames, float* out, const CancelFlag& cancel) override {
    checkWindow(batch, frames);
    for (int i = 0; i < batch; ++i) {
      embedOne(features + static_cast<std::ptrdiff_t>(i) * frames * net_.config.featureSize, frames,
               out + static_cast<std::ptrdiff_t>(i) * net_.config.dimension, cancel);
    }
  }

 private:
  static void stopIf(const CancelFlag& cancel) {
    if (cancel.load(std::memory_order_relaxed)) throw EngineError("engine-closed", "the engine was closed");
  }

  void embedOne(const float* features, int frames, float* out, const CancelFlag& cancel) {
    plan(frames);
    stem(features, frames);
    const AmxImage* in = &carry_[0];
    for (int stage = 0; stage < 4; ++stage) {
      for (const Block& block : stages_[stage]) {
        stopIf(cancel);
        block.conv1.run(pool_, *in, inner_[stage], true, false);
        if (block.shortcut) block.shortcut->run(pool_, *in, carry_[stage], false, false);
        block.conv2.run(pool_, inner_[stage], carry_[stage], true, true);
        in = &carry_[stage];
      }
    }
    const std::ptrdiff_t half = static_cast<std::ptrdiff_t>(in->height()) * in->channels();
    for (int h = 0; h < in->height(); ++h) {
      float* mean = statistics_.data() + static_cast<std::ptrdiff_t>(h) * in->channels();
      amxStatistics(in->at(h, 0), in->width(), in->channels(), mean, mean + half);
    }
    embedding_.run(kernels_, pool_, statistics_.data(), 1, out);
  }

  void plan(int frames) {
    if (frames == frames_) return;
    int height = net_.config.featureSize;
    int width = frames;
    input_ = {nullptr, 1, height, width, 1};
    if (inputStorage_.size() < input_.size()) inputStorage_ = Buffer(input_.size());
    std::fill_n(inputStorage_.data(), inputStorage_.size(), 0.0f);
    input_.origin = inputStorage_.data();
    for (int stage = 0; stage < 4; ++stage) {
      if (stage > 0) {
        height = halved(height);
        width = halved(width);
      }
      const int channels = roundUp(net_.config.channels << stage, kPanel);
      carry_[stage].resize(height, width, channels);
      inner_[stage].resize(height, width, channels);
    }
    frames_ = frames;
  }

  void stem(const float* features, int frames) {
    const int bins = net_.config.featureSize;
    for (int h = 0; h < bins; ++h) {
      float* row = input_.at(0, h, 0);
      for (int t = 0; t < frames; ++t) row[t] = features[static_cast<std::ptrdiff_t>(t) * bins + h];
    }
    for (int h = 0; h < bins; ++h) {
      amxStem({input_.at(0, h - 1, -1), input_.rowStride(), stemWeights_.data(), stemBias_.data(), channels_, frames,
               carry_[0].at(h, 0)});
    }
  }

  const Architecture net_;
  const Kernels& kernels_;
  ThreadPool pool_;
  const int channels_;
  Buffer stemWeights_;
  Buffer stemBias_;
  Buffer statistics_;
  Embedding embedding_;
  std::array<std::vector<Block>, 4> stages_;
  int frames_ = 0;
  Image input_{};
  Buffer inputStorage_;
  std::array<AmxImage, 4> carry_;
  std::array<AmxImage, 4> inner_;
};

}  // namespace

std::unique_ptr<Engine> makeAmxEngine(const Architecture& net, const TensorMap& weights, const EngineOptions& options) {
  if (!amxAvailable()) {
    throw EngineError("engine-unavailable", "bf16 needs a processor with AMX under Linux; use precision fp32");
  }
  return std::make_unique<AmxEngine>(net, weights, options);
}

}  // namespace whospeaks
