// What every engine offers. No Node header belongs here or below.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "error.h"
#include "networks/network.h"

namespace whospeaks {

/// Set from any thread; an engine looks at it between layers and then throws `engine-closed`.
using CancelFlag = std::atomic<bool>;

/// What activations and weights of the convolutions are held in; sums are fp32. fp16 is the mlx engine's alone. In int8
/// convolutions are computed in integers, sums too, and what lies between them has 16 bits.
enum class Precision { fp32, bf16, fp16, int8 };

struct EngineOptions {
  /// Threads that compute, the calling one included.
  int threads = 1;
  /// Rejected with `engine-unavailable` where the engine or the machine has no fast arithmetic of the kind.
  Precision precision = Precision::fp32;
};

/// One network with its weights, ready to run.
class Engine {
 public:
  explicit Engine(Network network) : network_(std::move(network)) {}
  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const Network& network() const noexcept { return network_; }
  /// What it computes on, for people: "avx512, 2 threads".
  virtual std::string device() const = 0;

  /// `input`: batch x frames x inputSize, row-major (of log-mel features the mean is already subtracted).
  /// `outputs`: one a network's output, each batch x its size (`outputSize`).
  /// Not reentrant: one call at a time.
  virtual void run(const float* input, int batch, int frames, const std::vector<float*>& outputs,
                   const CancelFlag& cancel) = 0;

 private:
  const Network network_;
};

/// What is built in: `reason` says in one line why an engine cannot be had, and is empty where it can.
struct EngineInfo {
  std::string device;
  std::string reason = "";
  /// Of the library that computes, where it is not our own code.
  std::string version = "";
  /// It computes on a GPU.
  bool accelerated = false;
  std::string name = "";
};
std::vector<EngineInfo> listEngines();

/// The names alone, of this build: asks no device.
std::vector<std::string> engineNames();

/// Check the weights' names and shapes against the network (`model-shape`) and build the engine called `name`
/// (`engine-unavailable`).
std::unique_ptr<Engine> makeEngine(const std::string& name, const NetworkConfig& config, const TensorMap& weights,
                                   const EngineOptions& options);

/// For engines: throws `engine-closed` where the flag is set.
void stopIf(const CancelFlag& cancel);

}  // namespace whospeaks
