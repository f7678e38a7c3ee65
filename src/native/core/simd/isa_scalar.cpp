#include "simd/kernel_table.h"

namespace whospeaks {

const Kernels& scalarKernels() {
  static const Kernels table = kernelTable<ScalarVec, 1>("scalar");
  return table;
}

}  // namespace whospeaks
