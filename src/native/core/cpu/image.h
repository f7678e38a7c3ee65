// Activations: `count` images of height (frequency) x width (time) x channels, channels last, each with a
// border of one zero row and column on every side, so that a 3x3 kernel never leaves the image.
#pragma once

#include <cstddef>

namespace whospeaks {

struct Image {
  float* origin;  // first float of the border
  int count;
  int height;
  int width;
  int channels;

  std::ptrdiff_t rowStride() const { return static_cast<std::ptrdiff_t>(width + 2) * channels; }
  std::ptrdiff_t imageStride() const { return (height + 2) * rowStride(); }
  std::size_t size() const { return static_cast<std::size_t>(count) * static_cast<std::size_t>(imageStride()); }
  /// Position (h, w) may lie on the border: -1 to height, -1 to width.
  float* at(int image, int h, int w) const {
    return origin + image * imageStride() + (h + 1) * rowStride() + static_cast<std::ptrdiff_t>(w + 1) * channels;
  }
};

}  // namespace whospeaks
