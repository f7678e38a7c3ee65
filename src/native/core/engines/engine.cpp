// The list of engines.
#include "engines/engine.h"

#include "engines/cpu/cpu_engine.h"
#include "engines/mlx_engine.h"

namespace whospeaks {
namespace {

struct Kind {
  const char* name;
  EngineInfo (*info)();
  std::unique_ptr<Engine> (*make)(Network network, const TensorMap& weights, const EngineOptions& options);
};

/// src/native/engine-names.ts has the same names in the same order; loading the addon compares them.
constexpr Kind kEngines[] = {{"cpu", cpuEngineInfo, makeCpuEngine}, {"mlx", mlxEngineInfo, makeMlxEngine}};

}  // namespace

std::vector<EngineInfo> listEngines() {
  std::vector<EngineInfo> list;
  for (const Kind& kind : kEngines) {
    list.push_back(kind.info());
    list.back().name = kind.name;
  }
  return list;
}

std::vector<std::string> engineNames() {
  std::vector<std::string> names;
  for (const Kind& kind : kEngines) names.emplace_back(kind.name);
  return names;
}

std::unique_ptr<Engine> makeEngine(const std::string& name, const NetworkConfig& config, const TensorMap& weights,
                                   const EngineOptions& options) {
  Network network = describe(config);
  checkWeights(network, weights);
  if (options.precision != Precision::fp32 && !network.reducedPrecision) {
    throw EngineError("engine-unavailable", "the network \"" + config.name + "\" runs in fp32 alone; leave precision out");
  }
  std::string names;
  for (const Kind& kind : kEngines) {
    if (name == kind.name) return kind.make(std::move(network), weights, options);
    names += (names.empty() ? "" : " or ") + std::string(kind.name);
  }
  throw EngineError("engine-unavailable", "there is no engine \"" + name + "\"; take " + names);
}

void stopIf(const CancelFlag& cancel) {
  if (cancel.load(std::memory_order_relaxed)) throw EngineError("engine-closed", "the engine was closed");
}

}  // namespace whospeaks
