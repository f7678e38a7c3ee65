// A convolution in 8-bit integers: the input is scaled to 0 to 255, window by window, by its greatest value (it comes
// out of a ReLU), weights to -127 to 127, one scale an output channel; sums are exact, and what is added to them
// and handed on stays fp32.
#pragma once

#include <cstdint>
#include <vector>

#include "networks/resnet.h"
#include "simd/buffer.h"
#include "layers/image.h"
#include "layers/thread_pool.h"
#include "layers/workspace.h"

namespace whospeaks {

class Int8Conv {
 public:
  /// `paddedIn` is the channel count of the images it will read, a multiple of kPanel.
  Int8Conv(const ConvSpec& spec, const TensorMap& weights, int paddedIn);

  /// out = relu?(conv(in) + bias [+ out]); nothing in `in` is below 0.
  void run(ThreadPool& pool, const Workspace& workspace, const Image& in, const Image& out, bool relu,
           bool addOut) const;

 private:
  struct Call;
  void runRow(const Call& call, int image, int row, int panel) const;

  int kernel_;
  int stride_;
  int paddedIn_;
  int panels_;
  std::ptrdiff_t panelBytes_;
  std::vector<std::int8_t> weights_;  // panels x taps x paddedIn / 4 x kPanel x 4
  Buffer scale_;
  Buffer bias_;
};

}  // namespace whospeaks
