// Activations: `count` images of height (frequency) x width (time) x channels, channels last, in a border of
// zeros: one row and column before, and after as many as the last tile of any convolution can reach.
#pragma once

#include <cstddef>

namespace whospeaks {

constexpr int kBorderBefore = 1;
constexpr int kBorderAfter = 6;

struct Image {
  float* origin;  // first float of the border
  int count;
  int height;
  int width;
  int channels;

  std::ptrdiff_t rowStride() const { return static_cast<std::ptrdiff_t>(kBorderBefore + width + kBorderAfter) * channels; }
  std::ptrdiff_t imageStride() const { return (kBorderBefore + height + kBorderAfter) * rowStride(); }
  std::size_t size() const { return static_cast<std::size_t>(count) * static_cast<std::size_t>(imageStride()); }
  /// Position (h, w) may lie on the border: -1 to height + 5, -1 to width + 5.
  float* at(int image, int h, int w) const {
    return origin + image * imageStride() + (h + kBorderBefore) * rowStride() +
           static_cast<std::ptrdiff_t>(w + kBorderBefore) * channels;
  }
};

}  // namespace whospeaks
