#include "simd/kernels_impl.h"
#include "simd/winograd_impl.h"

namespace whospeaks {

const Kernels& scalarKernels() {
  static const Kernels table = kernelTable<ScalarVec, 1>("scalar");
  return table;
}

}  // namespace whospeaks
