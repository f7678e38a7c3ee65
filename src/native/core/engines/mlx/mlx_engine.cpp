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
/// Of a recurrent network, whose frames are samples: windows of 10 s.
constexpr int kUsualSamples = 160'000;

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

/// What lives and dies on the engine's thread.
class Session {
 public:
  Session(const Network& network, const TensorMap& weights, mx::Dtype dtype)
      : device_(useDevice()), network_(network, weights, dtype), shapes_(network_) {}

  const mx::Device& device() const { return device_; }
  bool compiled() const { return shapes_.compiling(); }

  /// Loads kernels now rather than in the first window, and throws where the device cannot compute. On a processor
  /// MLX compiles by calling the system's C++ compiler; without one the operations run one by one.
  void warmUp(int frames, int inputSize) {
    const std::vector<float> input(static_cast<std::size_t>(frames) * inputSize);
    const auto once = [&] { run(input.data(), 1, frames, inputSize, CancelFlag{false}); };
    try {
      once();
    } catch (const std::exception&) {
      if (device_ == mx::Device::gpu) throw;
      shapes_.stopCompiling();
      once();
    }
  }

  /// The outputs of one group of windows. The device computes one part while the next is made ready.
  std::vector<mx::array> run(const float* input, int count, int frames, int inputSize, const CancelFlag& cancel) {
    std::vector<mx::array> values{mx::array(input, {count, frames, inputSize}, mx::float32)};
    for (const auto& part : shapes_.at(count, frames)) {
      stopIf(cancel);
      std::vector<mx::array> next = part({values[0]});
      mx::async_eval(next);
      values[0].wait();
      values = std::move(next);
    }
    for (mx::array& value : values) value.wait();
    return values;
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
  MlxEngine(Network net, const TensorMap& weights, const EngineOptions& options) : Engine(std::move(net)) {
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

  std::string device() const override { return device_; }

  void run(const float* input, int batch, int frames, const std::vector<float*>& outputs,
           const CancelFlag& cancel) override {
    checkWindow(network(), batch, frames);
    const int size = network().inputSize;
    const std::ptrdiff_t window = static_cast<std::ptrdiff_t>(frames) * size;
    const int usual = isRecurrent(network()) ? kUsualSamples : kUsualFrames;
    const int group = static_cast<int>(std::clamp<std::int64_t>(std::int64_t{1} * group_ * usual / frames, 1, group_));
    worker_.run([&] {
      std::vector<float*> to = outputs;
      for (int first = 0; first < batch; first += group) {
        const auto values = session_->run(input + first * window, std::min(group, batch - first), frames, size, cancel);
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = std::copy_n(values[i].data<float>(), values[i].size(), to[i]);
      }
    });
  }

 private:
  void start(const TensorMap& weights, Precision precision) {
    session_.emplace(network(), weights, dtypeOf(precision));
    session_->warmUp(network().leastFrames, network().inputSize);
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

  std::string device_;
  int group_ = 1;
  std::optional<Session> session_;
  /// Last, so that it ends before what its jobs use.
  Worker worker_;
};

}  // namespace

EngineInfo mlxEngineInfo() {
  EngineInfo info{"", "", mx::version()};
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

std::unique_ptr<Engine> makeMlxEngine(Network network, const TensorMap& weights, const EngineOptions& options) {
  if (options.precision == Precision::int8) {
    throw EngineError("engine-unavailable", "the mlx engine has no int8; use the cpu engine, or precision fp32");
  }
  const EngineInfo info = mlxEngineInfo();
  if (!info.reason.empty()) throw EngineError("engine-unavailable", info.reason);
  return std::make_unique<MlxEngine>(std::move(network), weights, options);
}

}  // namespace whospeaks
