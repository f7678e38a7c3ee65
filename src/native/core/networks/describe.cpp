// The list of networks.
#include <map>

#include "error.h"
#include "networks/network.h"
#include "networks/pyannet.h"
#include "networks/resnet.h"

namespace whospeaks {
namespace {

const std::map<std::string, Network (*)(const NetworkConfig&)> kNetworks{
    {"pyannet", pyannet}, {"resnet", resnet}, {"resnet-features", resnetFeatures}};

}  // namespace

Network describe(const NetworkConfig& config) {
  const auto found = kNetworks.find(config.name);
  if (found != kNetworks.end()) return found->second(config);
  std::string names;
  for (const auto& entry : kNetworks) names += (names.empty() ? "" : ", ") + entry.first;
  throw EngineError("model-shape", "there is no network \"" + config.name + "\"; this addon has " + names);
}

}  // namespace whospeaks
