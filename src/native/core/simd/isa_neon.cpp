#include "simd/kernel_table.h"

namespace whospeaks {

const Kernels& neonKernels() {
  static const Kernels table = kernelTable<NeonVec, 1>("neon");
  return table;
}

}  // namespace whospeaks
