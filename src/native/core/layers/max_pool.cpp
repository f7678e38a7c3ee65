#include "layers/max_pool.h"

#include <algorithm>

namespace whospeaks {
namespace {

constexpr int kChunk = 512;

}  // namespace

void MaxPool::run(const Cores& cores, const Image& in, const Image& out) const {
  const int chunks = (out.width + kChunk - 1) / kChunk;
  cores.pool.parallelFor(in.count * chunks, [&](int unit, int) {
    const int image = unit / chunks;
    const int first = unit % chunks * kChunk;
    const int steps = std::min(kChunk, out.width - first);
    cores.kernels.maxPool(in.at(image, 0, first * spec_.size), steps, spec_.size, in.channels, spec_.absolute,
                          out.at(image, 0, first));
  });
}

}  // namespace whospeaks
