#include "layers/log_softmax.h"

#include <algorithm>
#include <cmath>

namespace whospeaks {

void LogSoftmax::run(const Cores& cores, const Image& in, const Image& out) const {
  cores.pool.parallelFor(in.count, [&](int image, int) {
    for (int t = 0; t < in.width; ++t) {
      const float* x = in.at(image, 0, t);
      float* y = out.at(image, 0, t);
      const double most = *std::max_element(x, x + spec_.channels);
      double sum = 0;
      for (int c = 0; c < spec_.channels; ++c) sum += std::exp(x[c] - most);
      const double offset = most + std::log(sum);
      for (int c = 0; c < spec_.channels; ++c) y[c] = static_cast<float>(x[c] - offset);
    }
  });
}

}  // namespace whospeaks
