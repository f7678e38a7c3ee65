#include "simd/vnni_kernels.h"

namespace whospeaks {

bool vnniAvailable() { return false; }
void vnniGemm(const VnniTask&, int, int) {}
float vnniGreatest(const float*, std::size_t) { return 0; }
void vnniQuantize(const float*, std::size_t, float, std::uint8_t*) {}

}  // namespace whospeaks
