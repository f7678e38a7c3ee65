#include "layers/linear.h"

#include <algorithm>

namespace whospeaks {

Embedding::Embedding(const Architecture& net, const TensorMap& weights, int maxCount)
    : dimension_(net.config.dimension),
      paddedDimension_(roundUp(dimension_, kPanel)),
      inputs_(2 * net.pooledBins * roundUp(net.pooledChannels, kPanel)),
      weights_(static_cast<std::size_t>(paddedDimension_) * inputs_),
      bias_(static_cast<std::size_t>(paddedDimension_)),
      scratch_(static_cast<std::size_t>(maxCount) * paddedDimension_) {
  const int bins = net.pooledBins;
  const int channels = net.pooledChannels;
  const int padded = roundUp(channels, kPanel);
  const float* from = weights.at("embedding.weight").data;
  for (int d = 0; d < dimension_; ++d) {
    float* column = weights_.data() + static_cast<std::ptrdiff_t>(d / kPanel) * inputs_ * kPanel + d % kPanel;
    for (int half = 0; half < 2; ++half) {
      for (int c = 0; c < channels; ++c) {
        for (int h = 0; h < bins; ++h) {
          column[(static_cast<std::ptrdiff_t>(half * bins + h) * padded + c) * kPanel] = *from++;
        }
      }
    }
  }
  std::copy_n(weights.at("embedding.bias").data, dimension_, bias_.data());
}

void Embedding::run(const Kernels& kernels, ThreadPool& pool, const float* statistics, int count, float* out) const {
  const int panels = paddedDimension_ / kPanel;
  pool.parallelFor(panels, [&](int panel, int) {
    GemmTask task{};
    task.aRow = inputs_;
    task.segments = 1;
    task.segmentLength = inputs_;
    task.b = weights_.data() + static_cast<std::ptrdiff_t>(panel) * inputs_ * kPanel;
    task.ahead = 64 * kPanel;
    task.aheadStep = kPanel;
    task.bias = bias_.data() + panel * kPanel;
    task.cRow = paddedDimension_;
    for (int first = 0; first < count; first += kernels.maxRows) {
      task.a = statistics + static_cast<std::ptrdiff_t>(first) * inputs_;
      task.c = scratch_.data() + static_cast<std::ptrdiff_t>(first) * paddedDimension_ + panel * kPanel;
      kernels.gemm(task, std::min(kernels.maxRows, count - first), 1);
    }
  });
  for (int i = 0; i < count; ++i) {
    std::copy_n(scratch_.data() + static_cast<std::ptrdiff_t>(i) * paddedDimension_, dimension_,
                out + static_cast<std::ptrdiff_t>(i) * dimension_);
  }
}

}  // namespace whospeaks
