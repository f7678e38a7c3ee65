#include "features/log_mel_impl.h"
#include "features/gate_impl.h"

namespace whospeaks {

const FrontEndKernels& scalarFrontEnd() {
  static const FrontEndKernels table = frontEndTable<ScalarDoubles>();
  return table;
}

}  // namespace whospeaks
