#include "kernels_impl.h"
#include "winograd_impl.h"

namespace whospeaks {

const Kernels& avx2Kernels() {
  using V = Avx2Vec;
  static const Kernels table{"avx2",          V::maxRows,        1, gemm<V, 1>, winogradInput<V>,
                             winogradOutput<V>, statistics<V>};
  return table;
}

}  // namespace whospeaks
