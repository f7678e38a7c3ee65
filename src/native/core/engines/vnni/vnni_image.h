// Activations in 16 bits, channels last: a value is a number times its window's scale.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engines/vnni/vnni_kernels.h"
#include "simd/buffer.h"

namespace whospeaks {

using VnniBuffer = BufferOf<std::int16_t>;

class VnniImage {
 public:
  /// Zeros that convolutions read: before, and after as many as the last tile of any can reach.
  static constexpr int kBefore = 1;
  static constexpr int kAfter = kVnniTile;

  /// What a window's numbers stand for.
  struct Level {
    float scale = 1;
    /// The greatest magnitude of a number.
    int greatest = 0;
    float most() const { return scale * static_cast<float>(greatest); }
  };

  /// Keeps its memory where that is large enough, and not many times too large.
  void resize(int count, int height, int width, int channels) {
    height_ = height;
    width_ = width;
    channels_ = vnniStored(channels);
    levels.assign(static_cast<std::size_t>(count), Level{});
    // Narrow tiles are read two by two, the last beyond the end.
    const std::size_t size = static_cast<std::size_t>(count) * static_cast<std::size_t>(imageStride()) +
                             static_cast<std::size_t>(kVnniTile * kVnniChannels);
    if (data_.size() < size || data_.size() > 4 * size) {
      data_ = VnniBuffer();
      data_ = VnniBuffer(size);
    } else {
      std::fill_n(data_.data(), data_.size(), std::int16_t{0});
    }
  }

  int count() const { return static_cast<int>(levels.size()); }
  int height() const { return height_; }
  int width() const { return width_; }
  int channels() const { return channels_; }
  std::ptrdiff_t rowStride() const { return static_cast<std::ptrdiff_t>(kBefore + width_ + kAfter) * channels_; }
  std::ptrdiff_t imageStride() const { return (kBefore + height_ + kAfter) * rowStride(); }
  /// Position (h, w) may lie on the border.
  std::int16_t* at(int image, int h, int w) const {
    return data_.data() + image * imageStride() + (h + kBefore) * rowStride() +
           static_cast<std::ptrdiff_t>(w + kBefore) * channels_;
  }

  /// One a window.
  std::vector<Level> levels;

 private:
  int height_ = 0;
  int width_ = 0;
  int channels_ = 0;
  VnniBuffer data_;
};

}  // namespace whospeaks
