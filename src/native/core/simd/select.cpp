#include <cstdlib>
#include <string>
#include <vector>

#include "error.h"
#include "simd/kernels.h"

#if defined(WS_X86) && defined(_MSC_VER)
#include <intrin.h>
#endif

namespace whospeaks {
namespace {

#if defined(WS_X86)
#if defined(_MSC_VER)
bool hasAvx(bool wide) {
  int leaf1[4];
  int leaf7[4];
  __cpuid(leaf1, 1);
  __cpuidex(leaf7, 7, 0);
  const bool saved = (leaf1[2] & (1 << 27)) != 0;
  if (!saved) return false;
  const unsigned long long state = _xgetbv(0);
  const bool avx2 = (leaf7[1] & (1 << 5)) && (leaf1[2] & (1 << 12)) && (state & 0x6) == 0x6;
  if (!wide) return avx2;
  const int bits = (1 << 16) | (1 << 17) | (1 << 30) | static_cast<int>(1u << 31);  // F, DQ, BW, VL
  return avx2 && (leaf7[1] & bits) == bits && (state & 0xe6) == 0xe6;
}
#else
bool hasAvx(bool wide) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return false;
  return !wide || (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"));
}
#endif
#endif

/// Slowest first.
std::vector<const Kernels*> runnable() {
  std::vector<const Kernels*> tables{&scalarKernels()};
#if defined(WS_X86)
  if (hasAvx(false)) tables.push_back(&avx2Kernels());
  if (hasAvx(true)) tables.push_back(&avx512Kernels());
#elif defined(WS_NEON)
  tables.push_back(&neonKernels());
#elif defined(WS_WASM_SIMD)
  tables.push_back(&wasmKernels());
#endif
  return tables;
}

}  // namespace

const Kernels& selectKernels() {
  const auto tables = runnable();
  const char* wanted = std::getenv("WHOSPEAKS_SIMD");
  if (wanted == nullptr || *wanted == '\0') return *tables.back();
  std::string names;
  for (const Kernels* table : tables) {
    if (std::string(wanted) == table->name) return *table;
    names += (names.empty() ? "" : ", ") + std::string(table->name);
  }
  throw EngineError("engine-unavailable",
                    "WHOSPEAKS_SIMD=" + std::string(wanted) + " does not run on this machine; it has " + names);
}

}  // namespace whospeaks
