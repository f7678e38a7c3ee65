#include "layers/instance_norm.h"

#include <algorithm>

namespace whospeaks {

InstanceNorm::InstanceNorm(const InstanceNormSpec& spec, const TensorMap& weights)
    : slope_(spec.slope),
      gain_(static_cast<std::size_t>(roundUp(spec.channels, kPanel))),
      bias_(static_cast<std::size_t>(roundUp(spec.channels, kPanel))) {
  std::copy_n(weights.at(spec.name + ".weight").data, spec.channels, gain_.data());
  std::copy_n(weights.at(spec.name + ".bias").data, spec.channels, bias_.data());
}

void InstanceNorm::run(const Cores& cores, const Image& in, const Image& out) const {
  const bool lines = in.channels == 1;
  const int panels = lines ? 1 : in.channels / kPanel;
  cores.pool.parallelFor(in.count * panels, [&](int unit, int) {
    const int channel = unit % panels * kPanel;
    NormalizeTask task{};
    task.in = in.at(unit / panels, 0, 0) + channel;
    task.inStep = in.channels;
    task.out = out.at(unit / panels, 0, 0) + channel;
    task.outStep = out.channels;
    task.steps = in.width;
    task.gain = gain_.data() + channel;
    task.bias = bias_.data() + channel;
    task.slope = slope_;
    (lines ? cores.kernels.normalizeLine : cores.kernels.normalize)(task);
  });
}

}  // namespace whospeaks
