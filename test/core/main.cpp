#include <cstdio>
#include <cstdlib>
#include <string>

#include "engines/engine.h"
#include "harness.h"
#include "simd/kernels.h"

/// Runs all tests, or those whose name contains an argument.
int main(int count, char** arguments) {
  // Names, or parts of them, of the tests to run; --half=0 or --half=1: every other one.
  const std::string half = count == 2 && std::string(arguments[1]).rfind("--half=", 0) == 0 ? arguments[1] : "";
  const auto isWanted = [&](const std::string& name, std::size_t at) {
    if (!half.empty()) return at % 2 == static_cast<std::size_t>(half.back() - '0');
    bool wanted = count == 1;
    for (int i = 1; i < count; ++i) wanted = wanted || name.find(arguments[i]) != std::string::npos;
    return wanted;
  };
  try {
    std::printf("kernels: %s\n", whospeaks::selectKernels().name);
  } catch (const whospeaks::EngineError& error) {
    std::printf("skipped: %s\n", error.what());
    return 77;
  }
  int failed = 0;
  int passed = 0;
  std::size_t at = 0;
  for (const auto& test : harness::tests()) {
    if (!isWanted(test.name, at++)) continue;
    try {
      test.body();
      ++passed;
      std::printf("ok   %s\n", test.name.c_str());
    } catch (const std::exception& error) {
      ++failed;
      std::printf("FAIL %s: %s\n", test.name.c_str(), error.what());
    }
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
