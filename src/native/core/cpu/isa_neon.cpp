#include "kernels_impl.h"

namespace whospeaks {

const Kernels& neonKernels() {
  static const Kernels table{"neon", NeonVec::maxRows, 1, gemm<NeonVec, 1>, statistics<NeonVec>};
  return table;
}

}  // namespace whospeaks
