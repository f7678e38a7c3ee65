#include "networks/sizes.h"

#include "error.h"

namespace whospeaks {

std::vector<int> sizesOf(const NetworkConfig& config, const std::string& name, std::size_t count, int least, int most) {
  const auto found = config.sizes.find(name);
  const std::string who = "the " + config.name + "'s size \"" + name + "\"";
  if (found == config.sizes.end()) throw EngineError("model-shape", who + " is missing");
  if (found->second.size() != count) {
    throw EngineError("model-shape", who + " must be " + std::to_string(count) + " numbers, not " +
                                         std::to_string(found->second.size()));
  }
  for (const int size : found->second) {
    if (size >= least && size <= most) continue;
    throw EngineError("model-shape", who + " must be " + std::to_string(least) + " to " + std::to_string(most) +
                                         ", not " + std::to_string(size));
  }
  return found->second;
}

}  // namespace whospeaks
