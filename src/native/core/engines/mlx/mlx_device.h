// What MLX computes on, and whether the MLX that was loaded will do.
#pragma once

#include <mlx/mlx.h>

#include <string>

namespace whospeaks {

namespace mx = ::mlx::core;

/// MLX is thread-safe from this version on.
constexpr const char* kLeastMlxVersion = "0.31.2";

/// "0.31.2" or "0.33.0.dev20261001+abc" at least `least`, by its three numbers.
bool versionAtLeast(const std::string& version, const std::string& least);

/// "Apple M3 (Metal)", "Intel(R) Xeon(R) Processor (CPU)".
std::string describe(const mx::Device& device);

}  // namespace whospeaks
