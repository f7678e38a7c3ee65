#include "simd/kernel_table.h"

namespace whospeaks {

const Kernels& wasmKernels() {
  static const Kernels table = kernelTable<WasmVec, 1>("wasm");
  return table;
}

}  // namespace whospeaks
