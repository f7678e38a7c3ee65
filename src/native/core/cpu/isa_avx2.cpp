#include "kernels_impl.h"

namespace whospeaks {

const Kernels& avx2Kernels() {
  static const Kernels table{"avx2", Avx2Vec::maxRows, 1, gemm<Avx2Vec, 1>, statistics<Avx2Vec>};
  return table;
}

}  // namespace whospeaks
