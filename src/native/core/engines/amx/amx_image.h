// Activations in bf16, channels last, rows one after another with a single column of zeros between them: it is
// the right border of one row and the left border of the next. A run of output positions is then a run of
// memory, borders included, whatever the width.
#pragma once

#include <cstring>

#include "engines/amx/amx_kernels.h"
#include "simd/buffer.h"

namespace whospeaks {

/// From the start of a cache line: a tile's rows then lie in one line each.
using Bf16Buffer = BufferOf<Bf16>;

class AmxImage {
 public:
  /// Keeps its memory where that is large enough.
  void resize(int height, int width, int channels) {
    const bool same = height == height_ && width == width_ && channels == channels_;
    if (same) return;
    height_ = height;
    width_ = width;
    channels_ = channels;
    // Tiles of 32 rows and of 32 values may reach beyond the last position.
    const std::size_t slots = static_cast<std::size_t>(height + 2) * (width + 1) + 1 + 2 * 34 + 2;
    const std::size_t values = slots * channels;
    if (data_.size() < values || data_.size() > 4 * values) data_ = Bf16Buffer(values);
    std::memset(data_.data(), 0, data_.size() * sizeof(Bf16));
  }
  int height() const { return height_; }
  int width() const { return width_; }
  int channels() const { return channels_; }
  /// Positions from one row to the next.
  int period() const { return width_ + 1; }
  std::ptrdiff_t rowStride() const { return static_cast<std::ptrdiff_t>(period()) * channels_; }
  /// h from -1 to height, w from -1 to width.
  Bf16* at(int h, int w) {
    return data_.data() + (h + 1) * rowStride() + static_cast<std::ptrdiff_t>(w + 1) * channels_;
  }
  const Bf16* at(int h, int w) const { return const_cast<AmxImage*>(this)->at(h, w); }

 private:
  int height_ = 0;
  int width_ = 0;
  int channels_ = 0;
  Bf16Buffer data_;
};

}  // namespace whospeaks
