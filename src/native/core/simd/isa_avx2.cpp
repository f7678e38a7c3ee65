#include "simd/kernel_table.h"

namespace whospeaks {

const Kernels& avx2Kernels() {
  static const Kernels table = kernelTable<Avx2Vec, 1>("avx2");
  return table;
}

}  // namespace whospeaks
