// Weights as they come in: named, row-major, float32.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace whospeaks {

/// A tensor that somebody else owns.
struct TensorView {
  std::vector<std::int64_t> shape;
  const float* data;
};

/// Canonical weights: BatchNorm folded, convolutions [out, kernel frequency, kernel time, in].
using TensorMap = std::map<std::string, TensorView>;

}  // namespace whospeaks
