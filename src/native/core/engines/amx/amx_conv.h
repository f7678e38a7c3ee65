// A convolution in bf16 by tile products over the image itself.
#pragma once

#include <vector>

#include "engines/amx/amx_image.h"
#include "layers/spec.h"
#include "layers/thread_pool.h"
#include "tensor.h"

namespace whospeaks {

class AmxConv {
 public:
  /// `in` and `out` of the spec are padded to multiples of 16 in the images.
  AmxConv(const ConvSpec& spec, const TensorMap& weights);

  void run(ThreadPool& pool, const AmxImage& in, AmxImage& out) const;

 private:
  AmxTask task(const AmxImage& in, AmxImage& out, int panel) const;
  void runFlat(const AmxImage& in, AmxImage& out, const AmxTask& base, int panels, int first, int last) const;
  void runRows(const AmxImage& in, AmxImage& out, const AmxTask& base, int panels, int first, int last) const;

  int kernel_;
  int stride_;
  bool relu_;
  bool add_;
  int channelsIn_;
  int panels_;
  int chunks_;
  std::ptrdiff_t panelSize_;
  Bf16Buffer weights_;
  std::vector<float> bias_;
};

/// Rounded to nearest, ties to even.
Bf16 toBf16(float value);

}  // namespace whospeaks
