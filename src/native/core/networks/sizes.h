// Sizes of a network, checked as they are read.
#pragma once

#include "networks/network.h"

namespace whospeaks {

/// `count` numbers called `name`. Throws `model-shape` where there are others, or one is not `least` to `most`.
std::vector<int> sizesOf(const NetworkConfig& config, const std::string& name, std::size_t count, int least, int most);

/// One number.
inline int sizeOf(const NetworkConfig& config, const std::string& name, int least, int most) {
  return sizesOf(config, name, 1, least, most).front();
}

}  // namespace whospeaks
