#include "simd/kernel_table.h"

namespace whospeaks {

const Kernels& avx512Kernels() {
  static const Kernels table = kernelTable<Avx512Vec, 2>("avx512");
  return table;
}

}  // namespace whospeaks
