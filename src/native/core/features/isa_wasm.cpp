#include "features/log_mel_impl.h"
#include "features/gate_impl.h"

namespace whospeaks {

const FrontEndKernels& wasmFrontEnd() {
  static const FrontEndKernels table = frontEndTable<WasmDoubles>();
  return table;
}

}  // namespace whospeaks
