#include <cstdio>
#include <cstdlib>

#include "engines/engine.h"
#include "harness.h"
#include "simd/kernels.h"

int main() {
  try {
    std::printf("kernels: %s\n", whospeaks::selectKernels().name);
  } catch (const whospeaks::EngineError& error) {
    std::printf("skipped: %s\n", error.what());
    return 77;
  }
  int failed = 0;
  for (const auto& test : harness::tests()) {
    try {
      test.body();
      std::printf("ok   %s\n", test.name.c_str());
    } catch (const std::exception& error) {
      ++failed;
      std::printf("FAIL %s: %s\n", test.name.c_str(), error.what());
    }
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", static_cast<int>(harness::tests().size()) - failed, failed);
  return failed == 0 ? 0 : 1;
}
