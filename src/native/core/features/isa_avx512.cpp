#include "features/log_mel_impl.h"
#include "features/gate_impl.h"

namespace whospeaks {

const FrontEndKernels& avx512FrontEnd() {
  static const FrontEndKernels table = frontEndTable<Avx512Doubles>();
  return table;
}

}  // namespace whospeaks
