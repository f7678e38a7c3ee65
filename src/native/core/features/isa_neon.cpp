#include "features/log_mel_impl.h"
#include "features/gate_impl.h"

namespace whospeaks {

const FrontEndKernels& neonFrontEnd() {
  static const FrontEndKernels table = frontEndTable<NeonDoubles>();
  return table;
}

}  // namespace whospeaks
