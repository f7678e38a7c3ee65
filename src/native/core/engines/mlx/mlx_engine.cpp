#include "engines/mlx_engine.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "engines/mlx/compiled_shapes.h"
#include "engines/mlx/mlx_device.h"
#include "engines/mlx/mlx_network.h"
#include "engines/mlx/worker.h"

namespace whospeaks {
namespace {

/// Freed buffers that MLX keeps for reuse, in bytes, for the whole process; by default it may keep most of a GPU's
/// memory. One batch of 16 windows through ResNet34 takes about as much.
constexpr std::size_t kCacheLimit = 256 << 20;

/// Windows that go through together. A GPU wants many; on a processor they would only wait longer to be cancelled.
constexpr int kGroupOnGpu = 16;
constexpr int kGroupOnCpu = 4;
/// Of windows of 1.5 s; longer ones go in smaller groups, so that they do not multiply the memory.
constexpr int kUsualFrames = 150;

std::string tooOld() {
  return std::string("MLX ") + mx::version() + " was loaded, and the mlx engine needs " + kLeastMlxVersion +
         " or later; get it with: npm run mlx:fetch && npm run build:native";
}

mx::Dtype dtypeOf(Precision precision) {
  switch (precision) {
    case Precision::fp16:
      return mx::float16;
    case Precision::bf16:
      return mx::bfloat16;
    default:
      return mx::float32;
  }
}

void stopIf(const CancelFlag& cancel) {
  if (cancel.load(std::memory_order_relaxed)) throw EngineError("engine-closed", "the engine was closed");
}

/// What lives and dies on the engine's thread.
class Session {
 public:
  Session(const Architecture& net, const TensorMap& weights, mx::Dtype dtype)
      : device_(useDevice()), network_(net, weights, dtype), shapes_(network_) {}

  const mx::Device& device() const { return device_; }
  bool compiled() const { return shapes_.compiling(); }

  /// Loads kernels now rather than in the first window, and throws where the device cannot compute. On a processor
  /// MLX compiles by calling the system's C++ compiler; without one the operations run one by one.
  void warmUp(int bins, int dimension) {
    const std::vector<float> features(static_cast<std::size_t>(kMinFrames) * bins);
    std::vector<float> embedding(dimension);
    const auto run = [&] { embed(features.data(), 1, kMinFrames, bins, embedding.data(), CancelFlag{false}); };
    try {
      run();
    } catch (const std::exception&) {
      if (device_ == mx::Device::gpu) throw;
      shapes_.stopCompiling();
      run();
    }
  }

  /// As Engine::embed, for one group of windows. The device computes one part while the next is made ready.
  void embed(const float* features, int count, int frames, int bins, float* out, const CancelFlag& cancel) {
    mx::array x(features, {count, frames, bins}, mx::float32);
    for (const auto& part : shapes_.at(count, frames)) {
      stopIf(cancel);
      mx::array y = part({x})[0];
      mx::async_eval(y);
      x.wait();
      x = std::move(y);
    }
    x.wait();
    std::copy_n(x.data<float>(), x.size(), out);
  }

 private:
  /// The thread's default stream carries every operation, the weights' included.
  static mx::Device useDevice() {
    const mx::Device device = mx::default_device();
    mx::set_default_stream(mx::new_stream(device));
    return device;
  }

  const mx::Device device_;
  const MlxNetwork network_;
  CompiledShapes shapes_;
};

class MlxEngine final : public Engine {
 public:
  MlxEngine(const Architecture& net, const TensorMap& weights, const EngineOptions& options) : net_(net) {
    static std::once_flag once;
    std::call_once(once, [] { mx::set_cache_limit(kCacheLimit); });
    try {
      worker_.run([&] { start(weights, options.precision); });
    } catch (...) {
      worker_.run([&] { stop(); });
      throw;
    }
  }

  ~MlxEngine() override {
    worker_.run([&] { stop(); });
  }

  const char* name() const noexcept override { return "mlx"; }
  std::string device() const override { return device_; }
  const ResNetConfig& config() const noexcept override { return net_.config; }

  void embed(const float* features, int batch, int frames, float* out, const CancelFlag& cancel) override {
    checkWindow(batch, frames);
    const int bins = net_.config.featureSize;
    const std::ptrdiff_t window = static_cast<std::ptrdiff_t>(frames) * bins;
    const int group = std::clamp(group_ * kUsualFrames / frames, 1, group_);
    worker_.run([&] {
      for (int first = 0; first < batch; first += group) {
        session_->embed(features + first * window, std::min(group, batch - first), frames, bins,
                        out + static_cast<std::ptrdiff_t>(first) * net_.config.dimension, cancel);
      }
    });
  }

 private:
  void start(const TensorMap& weights, Precision precision) {
    session_.emplace(net_, weights, dtypeOf(precision));
    session_->warmUp(net_.config.featureSize, net_.config.dimension);
    group_ = session_->device() == mx::Device::gpu ? kGroupOnGpu : kGroupOnCpu;
    device_ = "MLX " + std::string(mx::version()) + ", " + describe(session_->device());
    if (precision == Precision::fp16) device_ += ", fp16";
    if (precision == Precision::bf16) device_ += ", bf16";
    if (!session_->compiled()) device_ += ", not compiled";
  }

  void stop() {
    session_.reset();
    mx::clear_streams();
  }

  const Architecture net_;
  std::string device_;
  int group_ = 1;
  std::optional<Session> session_;
  /// Last, so that it ends before what its jobs use.
  Worker worker_;
};

}  // namespace

EngineInfo mlxEngineInfo() {
  EngineInfo info{"mlx", "", "", mx::version(), false};
  try {
    if (!versionAtLeast(mx::version(), kLeastMlxVersion)) {
      info.reason = tooOld();
      return info;
    }
    const mx::Device device = mx::default_device();
    info.device = describe(device);
    info.accelerated = device == mx::Device::gpu;
  } catch (const std::exception& error) {
    info.reason = std::string("MLX cannot use its device: ") + error.what();
  }
  return info;
}

std::unique_ptr<Engine> makeMlxEngine(const Architecture& net, const TensorMap& weights, const EngineOptions& options) {
  const EngineInfo info = mlxEngineInfo();
  if (!info.reason.empty()) throw EngineError("engine-unavailable", info.reason);
  return std::make_unique<MlxEngine>(net, weights, options);
}

}  // namespace whospeaks
