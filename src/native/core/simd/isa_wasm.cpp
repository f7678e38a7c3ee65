#include "simd/kernel_table.h"

namespace whospeaks {

/// V8 leaves 15 registers of x86 to a loop and stores what does not fit: half a panel at once leaves room for more rows, and so
/// for fewer loads.
const Kernels& wasmKernels() {
#if defined(__wasm_relaxed_simd__)
  static const Kernels table = kernelTable<WasmVec, 1, 2>("wasm-relaxed");
#else
  static const Kernels table = kernelTable<WasmVec, 1, 2>("wasm");
#endif
  return table;
}

}  // namespace whospeaks
