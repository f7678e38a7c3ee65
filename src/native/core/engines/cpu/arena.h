// All activations of a call, planned once a shape: two images a stage, the pooled statistics and the input.
#pragma once

#include <array>

#include "networks/resnet.h"
#include "simd/buffer.h"
#include "layers/image.h"

namespace whospeaks {

class Arena {
 public:
  explicit Arena(const Architecture& net) : net_(&net) {}

  /// Lays the images out for `count` windows of `frames`; does nothing where they are laid out so already,
  /// and allocates only where the storage is too small or many times too large.
  void plan(int count, int frames);

  Image input{};
  /// A block's input and output.
  std::array<Image, 4> carry{};
  /// What lies between a block's two convolutions.
  std::array<Image, 4> inner{};
  /// count x 2 x bins x padded channels.
  float* statistics = nullptr;

 private:
  const Architecture* net_;
  int count_ = 0;
  int frames_ = 0;
  Buffer storage_;
};

}  // namespace whospeaks
