#include "engines/vnni_engine.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "engines/cpu/arena.h"
#include "engines/cpu/layers.h"
#include "engines/vnni/vnni_direct.h"
#include "engines/vnni/vnni_linear.h"
#include "engines/vnni/vnni_winograd.h"
#include "layers/rows.h"

namespace whospeaks {
namespace {

using VnniLayer = std::variant<VnniStemConv, VnniWinograd, VnniDirectConv, std::unique_ptr<Layer>>;

std::size_t at(int place) { return static_cast<std::size_t>(place); }

/// What convolutions write lies in 16 bits, whatever else in fp32.
class VnniEngine final : public Engine {
 public:
  VnniEngine(Network net, const TensorMap& weights, const EngineOptions& options)
      : Engine(std::move(net)),
        kernels_(selectKernels()),
        pool_(std::clamp(options.threads, 1, 256)),
        cores_{pool_, std::vector<VnniScratch>(static_cast<std::size_t>(pool_.threads())), {}},
        isFixed_(at(network().places)),
        fixed_(at(network().places)),
        floats_(at(network().places)),
        borders_(bordersOf(network())) {
    WorkspaceSize scratch;
    for (std::size_t i = 0; i < network().steps.size(); ++i) {
      layers_.push_back(make(i, weights));
      if (const auto* layer = std::get_if<std::unique_ptr<Layer>>(&layers_.back())) {
        scratch.include((*layer)->scratch());
      } else {
        isFixed_[at(network().steps[i].to)] = true;
      }
    }
    workspace_ = Workspace(scratch, pool_.threads());
  }

  std::string device() const override { return kernels_.name + std::string(" vnni int8, ") + pool_.describe(); }

  void run(const float* input, int batch, int frames, const std::vector<float*>& outputs,
           const CancelFlag& cancel) override {
    checkWindow(network(), batch, frames);
    const std::ptrdiff_t window = static_cast<std::ptrdiff_t>(frames) * network().inputSize;
    const int most = windowsAtOnce(network(), frames);
    for (int first = 0; first < batch; first += most) {
      plan(std::min(most, batch - first), frames);
      fromRows(input + first * window, floats_[kInput].image);
      for (std::size_t i = 0; i < layers_.size(); ++i) {
        stopIf(cancel);
        const Step& step = network().steps[i];
        std::visit([&](const auto& layer) { runLayer(layer, at(step.from), at(step.to)); }, layers_[i]);
      }
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Output& output = network().outputs[i];
        toRows(asFloats(at(output.place), output_), shapes_[at(output.place)].channels,
               outputs[i] + static_cast<std::size_t>(first) * outputSize(network(), output, frames));
      }
    }
  }

 private:
  /// An image in fp32 and its memory.
  struct Floats {
    Image image{};
    Buffer storage;
  };

  VnniLayer make(std::size_t index, const TensorMap& weights) {
    const Step& step = network().steps[index];
    const auto* conv = std::get_if<ConvSpec>(&step.layer);
    if (conv != nullptr && step.from == kInput && VnniStemConv::fits(*conv)) return VnniStemConv(*conv, weights);
    if (conv != nullptr && isFixed_[at(step.from)] && readsRectified(network(), index)) {
      if (VnniWinograd::fits(*conv)) return VnniWinograd(*conv, weights, pool_);
      if (VnniDirectConv::fits(*conv)) return VnniDirectConv(*conv, weights);
    }
    if (const auto* linear = std::get_if<LinearSpec>(&step.layer); linear != nullptr && VnniLinearLayer::fits(*linear)) {
      return std::make_unique<VnniLinearLayer>(*linear, weights);
    }
    return makeLayer(network(), index, weights, kernels_, pool_);
  }

  void runLayer(const VnniStemConv& layer, std::size_t from, std::size_t to) {
    layer.run(cores_, floats_[from].image, fixed_[to]);
  }
  void runLayer(const VnniWinograd& layer, std::size_t from, std::size_t to) {
    layer.run(cores_, fixed_[from], fixed_[to]);
  }
  void runLayer(const VnniDirectConv& layer, std::size_t from, std::size_t to) {
    layer.run(cores_, fixed_[from], fixed_[to]);
  }
  void runLayer(const std::unique_ptr<Layer>& layer, std::size_t from, std::size_t to) {
    const Image& in = asFloats(from, read_);
    const Image& out = asFloats(to, written_);
    layer->run({kernels_, pool_, workspace_}, in, out);
    if (isFixed_[to]) toFixed(out, fixed_[to]);
  }

  /// What a place holds, in fp32: its own image, or a copy of it in `copy`.
  const Image& asFloats(std::size_t place, Floats& copy) {
    if (!isFixed_[place]) return floats_[place].image;
    const VnniImage& from = fixed_[place];
    lay(copy, from.count(), shapes_[place], roundUp(shapes_[place].channels, kPanel), kConvBorder);
    const Image& to = copy.image;
    for (int window = 0; window < from.count(); ++window) {
      for (int h = 0; h < from.height(); ++h) {
        for (int t = 0; t < from.width(); ++t) {
          vnniToFloats(from.at(window, h, t), static_cast<std::size_t>(to.channels),
                       from.levels[static_cast<std::size_t>(window)].scale, to.at(window, h, t));
        }
      }
    }
    return to;
  }

  static void toFixed(const Image& from, VnniImage& to) {
    for (int window = 0; window < from.count; ++window) {
      const auto each = [&](const auto& body) {
        for (int h = 0; h < from.height; ++h) {
          for (int t = 0; t < from.width; ++t) body(from.at(window, h, t), to.at(window, h, t));
        }
      };
      float greatest = 0;
      each([&](const float* values, std::int16_t*) {
        for (int c = 0; c < from.channels; ++c) greatest = std::max(greatest, std::fabs(values[c]));
      });
      VnniImage::Level& level = to.levels[static_cast<std::size_t>(window)];
      level = {greatest > 0 ? greatest / 32767 : 1, greatest > 0 ? 32767 : 0};
      each([&](const float* values, std::int16_t* numbers) {
        for (int c = 0; c < from.channels; ++c) numbers[c] = static_cast<std::int16_t>(std::lrint(values[c] / level.scale));
      });
    }
  }

  void plan(int count, int frames) {
    if (count == count_ && frames == frames_) return;
    count_ = 0;
    shapes_ = shapesOf(network(), frames);
    for (int place = 0; place < network().places; ++place) {
      const Shape& shape = shapes_[at(place)];
      if (isFixed_[at(place)]) {
        fixed_[at(place)].resize(count, shape.height, shape.width, shape.channels);
      } else {
        lay(floats_[at(place)], count, shape, storedChannels(place, shape.channels), borders_[at(place)]);
      }
    }
    count_ = count;
    frames_ = frames;
  }

  static void lay(Floats& floats, int count, const Shape& shape, int channels, Border border) {
    floats.image = {nullptr, count, shape.height, shape.width, channels, border};
    const std::size_t size = floats.image.size();
    if (floats.storage.size() < size || floats.storage.size() > 4 * size + kPanel) {
      floats.storage = Buffer();
      floats.storage = Buffer(size);
    } else {
      std::fill_n(floats.storage.data(), floats.storage.size(), 0.0f);
    }
    floats.image.origin = floats.storage.data();
  }

  const Kernels& kernels_;
  ThreadPool pool_;
  VnniCores cores_;
  Workspace workspace_;
  std::vector<VnniLayer> layers_;
  /// By place, as all below.
  std::vector<bool> isFixed_;
  std::vector<VnniImage> fixed_;
  std::vector<Floats> floats_;
  const std::vector<Border> borders_;
  std::vector<Shape> shapes_;
  int count_ = 0;
  int frames_ = 0;
  /// Copies in fp32 for what is not computed in integers.
  Floats read_;
  Floats written_;
  Floats output_;
};

}  // namespace

std::unique_ptr<Engine> makeVnniEngine(Network network, const TensorMap& weights, const EngineOptions& options) {
  if (!vnniAvailable()) {
    throw EngineError("engine-unavailable", "int8 needs a processor with AVX-512 VNNI; use precision fp32");
  }
  return std::make_unique<VnniEngine>(std::move(network), weights, options);
}

}  // namespace whospeaks
