#include "simd/kernels_impl.h"
#include "simd/winograd_impl.h"

namespace whospeaks {

const Kernels& neonKernels() {
  static const Kernels table = kernelTable<NeonVec, 1>("neon");
  return table;
}

}  // namespace whospeaks
