#include "engines/mlx/mlx_device.h"

#include <array>
#include <cstdio>

namespace whospeaks {
namespace {

std::array<int, 3> numbers(const std::string& version) {
  std::array<int, 3> parts{};
  std::sscanf(version.c_str(), "%d.%d.%d", &parts[0], &parts[1], &parts[2]);
  return parts;
}

}  // namespace

bool versionAtLeast(const std::string& version, const std::string& least) {
  return numbers(version) >= numbers(least);
}

std::string describe(const mx::Device& device) {
#ifdef __APPLE__
  const char* gpuKind = "Metal";
#else
  const char* gpuKind = "GPU";
#endif
  const char* kind = device == mx::Device::gpu ? gpuKind : "CPU";
  const auto& properties = mx::device_info(device);
  const auto name = properties.find("device_name");
  if (name == properties.end() || !std::holds_alternative<std::string>(name->second)) return kind;
  return std::get<std::string>(name->second) + " (" + kind + ")";
}

}  // namespace whospeaks
