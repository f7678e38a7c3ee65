// Mean and deviation over time, where a small network of the features says how much each step weighs.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

/// `out` is laid out as by `Statistics`.
class AttentiveStatistics final : public Layer {
 public:
  AttentiveStatistics(const AttentiveStatisticsSpec& spec, const TensorMap& weights);

  void run(const Cores& cores, const Image& in, const Image& out) const override;

  /// The same of one image under `count` masks, each a weight a step, not all 0 (count x width): out's image i is that of
  /// mask i. Without masks (null) image i of `out` is that of image i of `in`.
  void run(const Cores& cores, const Image& in, const Image& out, const float* masks) const;

 private:
  void attend(const Cores& cores, const Image& in, float* hidden) const;

  AttentiveStatisticsSpec spec_;
  int paddedChannels_;
  int unitPanels_;
  /// First layer: panels of units x [rows][padded channels][kPanel].
  Buffer first_;
  Buffer bias_;
  /// Second: [rows][panels of channels][units, padded][kPanel].
  Buffer second_;
};

}  // namespace whospeaks
