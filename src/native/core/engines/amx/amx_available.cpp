#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engines/amx/amx_kernels.h"

namespace whospeaks {
namespace {

bool processorHasIt() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq")) {
    return false;
  }
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const bool amx = (d & (1u << 22)) != 0 && (d & (1u << 24)) != 0;
  if (!__get_cpuid_count(7, 1, &a, &b, &c, &d)) return false;
  return amx && (a & (1u << 5)) != 0;  // AVX512_BF16
}

/// Linux gives a process the tiles' 8 KB of state when it asks for it.
bool systemAllowsIt() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace

bool amxAvailable() {
  static const bool available = processorHasIt() && systemAllowsIt();
  return available;
}

}  // namespace whospeaks
