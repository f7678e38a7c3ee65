#include "engines/vnni_engine.h"

#include <algorithm>
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
    if (const auto* linear = std::get_if<LinearSpec>(&step.layer);
        linear != nullptr && VnniLinearLayer::fits(*linear)) {
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
    lay(copy, from.count(), shapes_[place], roundUp(shapes_[place].channels, kPanel), kConvBorder, copySize_);
    const Image& to = copy.image;
    pool_.parallelFor(from.count() * from.height(), [&](int row, int) {
      const int window = row / from.height();
      const float scale = from.levels[at(window)].scale;
      for (int t = 0; t < from.width(); ++t) {
        const int h = row % from.height();
        vnniToFloats(from.at(window, h, t), at(to.channels), scale, to.at(window, h, t));
      }
    });
    return to;
  }

  void toFixed(const Image& from, VnniImage& to) {
    const int rows = from.count * from.height;
    std::vector<float> greatest(at(rows));
    pool_.parallelFor(rows, [&](int row, int) {
      for (int t = 0; t < from.width; ++t) {
        const float* values = from.at(row / from.height, row % from.height, t);
        greatest[at(row)] = vnniGreatest(values, at(from.channels), greatest[at(row)]);
      }
    });
    for (int window = 0; window < from.count; ++window) {
      const float* first = greatest.data() + window * from.height;
      const float most = *std::max_element(first, first + from.height);
      const float scale = vnniScale(most, kVnniMostNumber);
      to.levels[at(window)] = {scale, most >= scale ? kVnniMostNumber : 0};
    }
    pool_.parallelFor(rows, [&](int row, int) {
      const int window = row / from.height;
      const float factor = 1 / to.levels[at(window)].scale;
      for (int t = 0; t < from.width; ++t) {
        const int h = row % from.height;
        vnniFromFloats(from.at(window, h, t), at(from.channels), factor, to.at(window, h, t));
      }
    });
  }

  void plan(int count, int frames) {
    if (count == count_ && frames == frames_) return;
    count_ = 0;
    copySize_ = 0;
    shapes_ = shapesOf(network(), frames);
    for (int place = 0; place < network().places; ++place) {
      const Shape& shape = shapes_[at(place)];
      if (isFixed_[at(place)]) {
        fixed_[at(place)].resize(count, shape.height, shape.width, shape.channels);
        const Image copy{nullptr, count, shape.height, shape.width, roundUp(shape.channels, kPanel), kConvBorder};
        copySize_ = std::max(copySize_, copy.size());
      } else {
        lay(floats_[at(place)], count, shape, storedChannels(place, shape.channels), borders_[at(place)]);
      }
    }
    count_ = count;
    frames_ = frames;
  }

  /// `room`: what the largest image that will lie there needs, where this is not it.
  static void lay(Floats& floats, int count, const Shape& shape, int channels, Border border, std::size_t room = 0) {
    floats.image = {nullptr, count, shape.height, shape.width, channels, border};
    const std::size_t size = floats.image.size();
    room = std::max(room, size);
    if (floats.storage.size() < room || floats.storage.size() > 4 * room + kPanel) {
      floats.storage = Buffer();
      floats.storage = Buffer(room);
    } else {
      std::fill_n(floats.storage.data(), size, 0.0f);
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
  /// Copies in fp32 for what is not computed in integers, one place's after another's: each has room for the largest.
  Floats read_;
  Floats written_;
  Floats output_;
  std::size_t copySize_ = 0;
};

}  // namespace

std::unique_ptr<Engine> makeVnniEngine(Network network, const TensorMap& weights, const EngineOptions& options) {
  if (!vnniAvailable()) {
    throw EngineError("engine-unavailable", "int8 needs a processor with AVX-512 VNNI; use precision fp32");
  }
  return std::make_unique<VnniEngine>(std::move(network), weights, options);
}

}  // namespace whospeaks
