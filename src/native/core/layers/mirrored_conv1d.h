// Filters over samples that are mirrored about their middle, some with the sign turned: band-pass filters as cosines and
// sines. A tap and its mirror image have one weight, so the two samples are added (or subtracted) first, and half of the
// multiplications do.
#pragma once

#include <vector>

#include "layers/layer.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

/// Images of height 1 without a border, the input of one channel.
class MirroredConv1d final : public Layer {
 public:
  /// Whether the filters are of that kind: one channel, neither bias nor slope, even ones first and then odd ones.
  static bool fits(const Conv1dSpec& spec, const TensorMap& weights);

  MirroredConv1d(const Conv1dSpec& spec, const TensorMap& weights);

  WorkspaceSize scratch() const override;
  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  /// What a panel of filters reads of a folded row: all of it where even ones stand beside odd ones.
  struct Part {
    int first;
    int length;
    bool operator==(const Part& other) const { return first == other.first && length == other.length; }
  };

  /// A row for each step: sums of each sample before the middle and its mirror image, the middle, the differences.
  void fold(const Kernels& kernels, const float* samples, int steps, float* reversed, float* rows) const;

  int kernel_;
  int half_;
  int stride_;
  int rowFloats_;
  std::vector<Part> parts_;
  Buffer weights_;
};

}  // namespace whospeaks
