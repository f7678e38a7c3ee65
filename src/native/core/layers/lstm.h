// The recurrence of an LSTM in both directions.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

/// Images of height 1 without a border. The windows of a batch take each step together: its weights are read once.
class Lstm final : public Layer {
 public:
  Lstm(const LstmSpec& spec, const TensorMap& weights);

  /// Of the cells of all windows that take a step together, and a hidden state of zeros before the first.
  WorkspaceSize scratch() const override;
  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  void runDirection(const Kernels& kernels, const Image& in, const Image& out, int direction, int first, int rows,
                    float* cells, const float* zeros) const;

  int units_;
  std::ptrdiff_t directionFloats_;
  /// [direction][units / kPanel][units before][4][kPanel]
  Buffer weights_;
};

}  // namespace whospeaks
