#include "kernels_impl.h"
#include "winograd_impl.h"

namespace whospeaks {

const Kernels& avx512Kernels() {
  using V = Avx512Vec;
  static const Kernels table{"avx512",          V::maxRows,        2, gemm<V, 2>, winogradInput<V>,
                             winogradOutput<V>, statistics<V>};
  return table;
}

}  // namespace whospeaks
