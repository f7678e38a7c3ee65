#include "kernels_impl.h"
#include "winograd_impl.h"

namespace whospeaks {

const Kernels& scalarKernels() {
  using V = ScalarVec;
  static const Kernels table{"scalar",          V::maxRows,        1, gemm<V, 1>, winogradInput<V>,
                             winogradOutput<V>, statistics<V>};
  return table;
}

}  // namespace whospeaks
