#include "layers/sim_am.h"

namespace whospeaks {

void SimAm::run(const Cores& cores, const Image& in, const Image& out) const {
  const int panels = in.channels / kPanel;
  cores.pool.parallelFor(in.count * panels, [&](int unit, int) {
    const int image = unit / panels;
    const int channel = unit % panels * kPanel;
    cores.kernels.simAm({in.at(image, 0, 0) + channel, out.at(image, 0, 0) + channel, in.rowStride(), in.channels,
                         in.height, in.width, spec_.add, spec_.relu});
  });
}

}  // namespace whospeaks
