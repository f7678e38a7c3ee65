#include "engines/amx_engine.h"

#include <algorithm>
#include <variant>

#include "engines/amx/amx_conv.h"
#include "engines/amx/amx_stem.h"
#include "engines/cpu/arena.h"
#include "layers/linear.h"
#include "layers/rows.h"

namespace whospeaks {
namespace {

struct AmxStatistics {};
using AmxLayer = std::variant<AmxStem, AmxConv, AmxStatistics, std::unique_ptr<Linear>>;

AmxLayer makeLayer(const Step& step, const TensorMap& weights) {
  if (const auto* conv = std::get_if<ConvSpec>(&step.layer)) {
    if (step.from == kInput) return AmxStem(*conv, weights);
    return AmxConv(*conv, weights);
  }
  if (const auto* linear = std::get_if<LinearSpec>(&step.layer)) return std::make_unique<Linear>(*linear, weights);
  if (std::holds_alternative<StatisticsSpec>(step.layer)) return AmxStatistics{};
  throw EngineError("engine-unavailable",
                    "bf16 on the cpu engine has no attention (SimAM, attentive pooling); use precision int8 or fp32");
}

/// Windows go through one after the other: in bf16 a layer's weights fit the cache beside its activations. What
/// convolutions write lies in bf16, the input and all that follows pooling in fp32.
class AmxEngine final : public Engine {
 public:
  AmxEngine(Network net, const TensorMap& weights, const EngineOptions& options)
      : Engine(std::move(net)),
        kernels_(selectKernels()),
        pool_(std::clamp(options.threads, 1, 256)),
        halves_(static_cast<std::size_t>(network().places)),
        floats_(static_cast<std::size_t>(network().places)),
        storage_(static_cast<std::size_t>(network().places)) {
    for (const Step& step : network().steps) layers_.push_back(makeLayer(step, weights));
  }

  std::string device() const override { return "amx bf16, " + pool_.describe(); }

  void run(const float* input, int batch, int frames, const std::vector<float*>& outputs,
           const CancelFlag& cancel) override {
    checkWindow(network(), batch, frames);
    plan(frames);
    for (int window = 0; window < batch; ++window) {
      fromRows(input + static_cast<std::ptrdiff_t>(window) * frames * network().inputSize, floats_[kInput]);
      for (std::size_t i = 0; i < layers_.size(); ++i) {
        stopIf(cancel);
        const Step& step = network().steps[i];
        std::visit([&](const auto& layer) { runLayer(layer, at(step.from), at(step.to)); }, layers_[i]);
      }
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Output& output = network().outputs[i];
        const Shape& shape = shapes_[at(output.place)];
        float* to = outputs[i] + static_cast<std::size_t>(window) * shape.height * shape.width * shape.channels;
        if (halves_[at(output.place)].height() > 0) {
          toFloats(halves_[at(output.place)], shape.channels, to);
        } else {
          toRows(floats_[at(output.place)], shape.channels, to);
        }
      }
    }
  }

 private:
  static std::size_t at(int place) { return static_cast<std::size_t>(place); }

  void runLayer(const AmxStem& stem, std::size_t from, std::size_t to) { stem.run(floats_[from], halves_[to]); }
  void runLayer(const AmxConv& conv, std::size_t from, std::size_t to) { conv.run(pool_, halves_[from], halves_[to]); }
  void runLayer(const std::unique_ptr<Linear>& linear, std::size_t from, std::size_t to) {
    linear->run({kernels_, pool_, workspace_}, floats_[from], floats_[to]);
  }
  void runLayer(const AmxStatistics&, std::size_t from, std::size_t to) {
    const AmxImage& in = halves_[from];
    const Image& out = floats_[to];
    for (int h = 0; h < in.height(); ++h) {
      amxStatistics(in.at(h, 0), in.width(), in.channels(), out.at(0, h, 0), out.at(0, in.height() + h, 0));
    }
  }

  /// Feature maps of convolutions, as `toRows` gives them.
  static void toFloats(const AmxImage& image, int channels, float* to) {
    for (int h = 0; h < image.height(); ++h) {
      for (int t = 0; t < image.width(); ++t) {
        const Bf16* from = image.at(h, t);
        for (int c = 0; c < channels; ++c, ++to) {
          const std::uint32_t bits = static_cast<std::uint32_t>(from[c]) << 16;
          std::memcpy(to, &bits, sizeof(bits));
        }
      }
    }
  }

  void plan(int frames) {
    if (frames == frames_) return;
    frames_ = 0;
    shapes_ = shapesOf(network(), frames);
    placeFloats(kInput, kConvBorder);
    for (const Step& step : network().steps) {
      if (!std::holds_alternative<ConvSpec>(step.layer)) {
        placeFloats(step.to, kNoBorder);
        continue;
      }
      const auto& [height, width, channels] = shapes_[at(step.to)];
      halves_[at(step.to)].resize(height, width, roundUp(channels, kPanel));
    }
    frames_ = frames;
  }

  void placeFloats(int place, Border border) {
    const auto& [height, width, channels] = shapes_[at(place)];
    Image& image = floats_[at(place)];
    Buffer& storage = storage_[at(place)];
    image = {nullptr, 1, height, width, storedChannels(place, channels), border};
    if (storage.size() < image.size()) storage = Buffer(image.size());
    std::fill_n(storage.data(), storage.size(), 0.0f);
    image.origin = storage.data();
  }

  const Kernels& kernels_;
  ThreadPool pool_;
  const Workspace workspace_;
  std::vector<AmxLayer> layers_;
  int frames_ = 0;
  std::vector<Shape> shapes_;
  std::vector<AmxImage> halves_;
  std::vector<Image> floats_;
  std::vector<Buffer> storage_;
};

}  // namespace

std::unique_ptr<Engine> makeAmxEngine(Network network, const TensorMap& weights, const EngineOptions& options) {
  if (!amxAvailable()) {
    throw EngineError("engine-unavailable", "bf16 needs a processor with AMX under Linux; use precision fp32");
  }
  return std::make_unique<AmxEngine>(std::move(network), weights, options);
}

}  // namespace whospeaks
