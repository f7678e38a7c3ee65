#include "kernels_impl.h"
#include "winograd_impl.h"

namespace whospeaks {

const Kernels& neonKernels() {
  using V = NeonVec;
  static const Kernels table{"neon",          V::maxRows,        1, gemm<V, 1>, winogradInput<V>,
                             winogradOutput<V>, statistics<V>};
  return table;
}

}  // namespace whospeaks
