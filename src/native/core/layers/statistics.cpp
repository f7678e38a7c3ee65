#include "layers/statistics.h"

namespace whospeaks {

void Statistics::run(const Cores& cores, const Image& in, const Image& out) const {
  cores.pool.parallelFor(in.count * in.height, [&](int unit, int) {
    const int i = unit / in.height;
    const int h = unit % in.height;
    cores.kernels.statistics(in.at(i, h, 0), in.width, in.channels, out.at(i, h, 0), out.at(i, in.height + h, 0));
  });
}

}  // namespace whospeaks
