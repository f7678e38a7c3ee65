#include "features/log_mel_impl.h"
#include "features/gate_impl.h"

namespace whospeaks {

const FrontEndKernels& avx2FrontEnd() {
  static const FrontEndKernels table = frontEndTable<Avx2Doubles>();
  return table;
}

}  // namespace whospeaks
