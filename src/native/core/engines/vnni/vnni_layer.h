// What layers in integers share: how far their sums can reach, so that what they write fits, and how sums become it.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "engines/vnni/vnni_image.h"
#include "layers/image.h"
#include "layers/spec.h"
#include "layers/thread_pool.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

/// The greatest number that 16 bits hold; its opposite is the least that is used.
constexpr int kVnniMostNumber = 32767;

/// Numbers of an image brought to 0 to `most`: round(number * factor / 2^15), each worth `scale`.
struct VnniInputScale {
  std::int16_t factor;
  float scale;
};
VnniInputScale vnniInputScale(const VnniImage::Level& level, int most);

/// Whether a scale can be divided by: one over a smaller one would be infinite.
inline bool isScale(float scale) { return scale >= std::numeric_limits<float>::min(); }

/// What a number is worth where `greatest` is `most` of them; 1 where all are as good as 0.
inline float vnniScale(float greatest, float most) { return isScale(greatest / most) ? greatest / most : 1; }

/// value / scale, rounded; far faster than the library's own.
inline int roundedOver(float value, float scale) {
  return static_cast<int>(value / scale + (value < 0 ? -0.5f : 0.5f));
}

/// The end of a convolution.
class VnniFinish {
 public:
  VnniFinish(const ConvSpec& spec, const TensorMap& weights);

  /// How one window is written.
  struct Window {
    float scale;              // what the output's numbers are worth
    std::int16_t residual;    // of what is added to, in 2^-15
    std::vector<float> bias;  // in those numbers, in slots
  };
  /// Sets the level's scale so that nothing can overflow where nothing read is over `most`.
  Window begin(float most, VnniImage::Level& level) const;

  bool relu() const { return relu_; }
  bool add() const { return add_; }

 private:
  bool relu_;
  bool add_;
  int group_;
  /// The greatest value an output can have is reach x the input's greatest + its bias.
  std::vector<float> reach_;
  std::vector<float> bias_;
};

/// Memory to work in, of one thread.
struct VnniScratch {
  VnniBuffer v;
  BufferOf<std::int32_t> sums;
  Buffer half;
};

/// What layers run with.
struct VnniCores {
  ThreadPool& pool;
  std::vector<VnniScratch> scratch;
  /// Of all threads: a layer's input in bytes.
  std::vector<std::uint8_t> bytes;
};

/// The greatest magnitude that each thread wrote of each window, of each of kVnniChannels lanes.
class VnniGreatest {
 public:
  VnniGreatest(int threads, int windows)
      : windows_(windows), lanes_(static_cast<std::size_t>(threads) * windows * kVnniChannels) {}
  std::int16_t* of(int thread, int window) {
    return lanes_.data() + (static_cast<std::ptrdiff_t>(thread) * windows_ + window) * kVnniChannels;
  }
  void tell(std::vector<VnniImage::Level>& levels) const;

 private:
  int windows_;
  /// A thread's lie in cache lines of their own.
  VnniBuffer lanes_;
};

}  // namespace whospeaks
