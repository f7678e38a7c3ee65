// What every engine offers. No Node header belongs here or below.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace whospeaks {

/// Shape of a WeSpeaker ResNet: BasicBlocks a stage, channels of the first stage, mel bins, embedding size.
struct ResNetConfig {
  std::array<int, 4> blocks;
  int channels;
  int featureSize;
  int dimension;
};

/// A row-major float32 tensor that somebody else owns.
struct TensorView {
  std::vector<std::int64_t> shape;
  const float* data;
};

/// Canonical weights: BatchNorm folded, convolutions [out, kernel frequency, kernel time, in].
using TensorMap = std::map<std::string, TensorView>;

/// An error with one of the SDK's stable codes.
class EngineError : public std::runtime_error {
 public:
  EngineError(const char* code, const std::string& message) : std::runtime_error(message), code_(code) {}
  const char* code() const noexcept { return code_; }

 private:
  const char* code_;
};

/// Set from any thread; an engine looks at it between layers and then throws `engine-closed`.
using CancelFlag = std::atomic<bool>;

/// What activations and weights of the convolutions are held in; sums are fp32 always. fp16 is the mlx engine's alone.
/// In int8 only what convolutions multiply is; what lies between them is fp32.
enum class Precision { fp32, bf16, fp16, int8 };

struct EngineOptions {
  /// Threads that compute, the calling one included.
  int threads = 1;
  /// Rejected with `engine-unavailable` where the engine or the machine has no fast arithmetic of the kind.
  Precision precision = Precision::fp32;
};

class Engine {
 public:
  virtual ~Engine() = default;
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// "cpu" or "mlx".
  virtual const char* name() const noexcept = 0;
  /// What it computes on, for people: "avx512, 2 threads".
  virtual std::string device() const = 0;
  virtual const ResNetConfig& config() const noexcept = 0;

  /// `features`: batch x frames x featureSize, row-major, mean already subtracted.
  /// `out`: batch x dimension, as the network gives it (not L2-normalised).
  /// Not reentrant: one call at a time.
  virtual void embed(const float* features, int batch, int frames, float* out, const CancelFlag& cancel) = 0;
};

/// Three stages halve time (rounding up) and the unbiased variance needs two steps: 9 frames at least.
constexpr int kMinFrames = 9;
/// One minute; bounds the memory that one call can ask for (256 MB for ResNet34 with 32 channels).
constexpr int kMaxFrames = 6000;

/// What is built in: `reason` says in one line why an engine cannot be had, and is empty where it can.
struct EngineInfo {
  std::string name;
  std::string device;
  std::string reason;
  /// Of the library that computes, where it is not our own code.
  std::string version = "";
  /// It computes on a GPU.
  bool accelerated = false;
};
std::vector<EngineInfo> listEngines();

/// Check the weights' names and shapes against `config` (`model-shape`) and build the engine called `name`
/// (`engine-unavailable`).
std::unique_ptr<Engine> makeEngine(const std::string& name, const ResNetConfig& config, const TensorMap& weights,
                                   const EngineOptions& options);

/// Throws `engine-failed` where batch or frames cannot be embedded.
void checkWindow(int batch, int frames);

}  // namespace whospeaks
