#include "engines/cpu/arena.h"

#include <cstring>

#include "simd/kernels.h"

namespace whospeaks {
namespace {

/// 64 MiB of activations are kept whatever comes next.
constexpr std::size_t kKeptFloats = std::size_t{16} << 20;

}  // namespace

void Arena::plan(int count, int frames) {
  if (count == count_ && frames == frames_) return;
  std::size_t floats = 0;
  const auto place = [&](Image& image, int height, int width, int channels) {
    image = {nullptr, count, height, width, channels};
    floats += (image.size() + kPanel - 1) / kPanel * kPanel;
  };
  place(input, net_->config.featureSize, frames, 1);
  int height = net_->config.featureSize;
  int width = frames;
  for (int stage = 0; stage < 4; ++stage) {
    if (stage > 0) {
      height = halved(height);
      width = halved(width);
    }
    const int channels = roundUp(net_->config.channels << stage, kPanel);
    place(carry[stage], height, width, channels);
    place(inner[stage], height, width, channels);
  }
  const std::size_t pooled = static_cast<std::size_t>(count) * 2 * carry[3].height * carry[3].channels;
  // A long recording now and then must not keep its memory for the short windows that follow.
  const bool wasteful = storage_.size() > kKeptFloats && storage_.size() / 4 > floats + pooled;
  if (storage_.size() < floats + pooled || wasteful) {
    count_ = 0;
    storage_ = Buffer();
    storage_ = Buffer(floats + pooled);
  } else {
    // Borders of the new layout may hold values of the old one.
    std::memset(storage_.data(), 0, storage_.size() * sizeof(float));
  }
  float* next = storage_.data();
  const auto give = [&](Image& image) {
    image.origin = next;
    next += (image.size() + kPanel - 1) / kPanel * kPanel;
  };
  give(input);
  for (int stage = 0; stage < 4; ++stage) {
    give(carry[stage]);
    give(inner[stage]);
  }
  statistics = next;
  count_ = count;
  frames_ = frames;
}

}  // namespace whospeaks
