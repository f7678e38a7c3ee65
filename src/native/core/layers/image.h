// Activations: `count` images of height (frequency) x width (time) x channels, channels last.
#pragma once

#include <cstddef>

namespace whospeaks {

/// Zeros around an image that convolutions read: rows and columns before, and after as many as the last tile of any
/// convolution can reach.
struct Border {
  int before;
  int after;
};
constexpr Border kConvBorder{1, 6};
constexpr Border kNoBorder{0, 0};

struct Image {
  float* origin;  // first float of the border
  int count;
  int height;
  int width;
  int channels;
  Border border;

  std::ptrdiff_t rowStride() const {
    return static_cast<std::ptrdiff_t>(border.before + width + border.after) * channels;
  }
  std::ptrdiff_t imageStride() const { return (border.before + height + border.after) * rowStride(); }
  std::size_t size() const { return static_cast<std::size_t>(count) * static_cast<std::size_t>(imageStride()); }
  /// Position (h, w) may lie on the border.
  float* at(int image, int h, int w) const {
    return origin + image * imageStride() + (h + border.before) * rowStride() +
           static_cast<std::ptrdiff_t>(w + border.before) * channels;
  }
};

}  // namespace whospeaks
