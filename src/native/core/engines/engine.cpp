#include "engines/engine.h"

#include "networks/resnet.h"
#include "engines/cpu/cpu_engine.h"
#include "engines/mlx_engine.h"

namespace whospeaks {

std::vector<EngineInfo> listEngines() { return {cpuEngineInfo(), mlxEngineInfo()}; }

std::unique_ptr<Engine> makeEngine(const std::string& name, const ResNetConfig& config, const TensorMap& weights,
                                   const EngineOptions& options) {
  const Architecture net = describe(config);
  checkWeights(net, weights);
  if (name == "cpu") {
    if (options.precision == Precision::fp16) {
      throw EngineError("engine-unavailable", "the cpu engine has no fp16; use the mlx engine, or precision fp32");
    }
    return makeCpuEngine(net, weights, options);
  }
  if (name == "mlx" && options.precision == Precision::int8) {
    throw EngineError("engine-unavailable", "the mlx engine has no int8; use the cpu engine, or precision fp32");
  }
  if (name == "mlx") return makeMlxEngine(net, weights, options);
  throw EngineError("engine-unavailable", "there is no engine \"" + name + "\"; take cpu or mlx");
}

void checkWindow(int batch, int frames) {
  if (batch < 1) throw EngineError("engine-failed", "a batch holds at least one window");
  if (frames < kMinFrames) {
    throw EngineError("engine-failed", "a window needs at least " + std::to_string(kMinFrames) + " frames, not " +
                                           std::to_string(frames) + "; give it more audio");
  }
  if (frames > kMaxFrames) {
    throw EngineError("engine-failed", "a window has at most " + std::to_string(kMaxFrames) + " frames, not " +
                                           std::to_string(frames) + "; cut it into pieces");
  }
}

}  // namespace whospeaks
