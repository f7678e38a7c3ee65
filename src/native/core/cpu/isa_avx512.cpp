#include "kernels_impl.h"

namespace whospeaks {

const Kernels& avx512Kernels() {
  static const Kernels table{"avx512", Avx512Vec::maxRows, 2, gemm<Avx512Vec, 2>, statistics<Avx512Vec>};
  return table;
}

}  // namespace whospeaks
