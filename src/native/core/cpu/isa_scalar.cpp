#include "kernels_impl.h"

namespace whospeaks {

const Kernels& scalarKernels() {
  static const Kernels table{"scalar", ScalarVec::maxRows, 1, gemm<ScalarVec, 1>, statistics<ScalarVec>};
  return table;
}

}  // namespace whospeaks
