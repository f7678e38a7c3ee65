// A convolution in bf16 by tile products over the image itself.
#pragma once

#include <vector>

#include "networks/resnet.h"
#include "layers/thread_pool.h"
#include "engines/amx/amx_image.h"

namespace whospeaks {

class AmxConv {
 public:
  /// `in` and `out` of the spec are padded to multiples of 16 in the images.
  AmxConv(const ConvSpec& spec, const TensorMap& weights);

  /// out = relu?(conv(in) + bias [+ out])
  void run(ThreadPool& pool, const AmxImage& in, AmxImage& out, bool relu, bool addOut) const;

 private:
  AmxTask task(const AmxImage& in, AmxImage& out, int panel, bool relu, bool addOut) const;
  void runFlat(const AmxImage& in, AmxImage& out, const AmxTask& base, int panels, int first, int last) const;
  void runRows(const AmxImage& in, AmxImage& out, const AmxTask& base, int panels, int first, int last) const;

  int kernel_;
  int stride_;
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
