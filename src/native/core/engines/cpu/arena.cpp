#include "engines/cpu/arena.h"

#include <cstring>

#include "simd/kernels.h"

namespace whospeaks {
namespace {

/// 64 MiB of activations are kept whatever comes next.
constexpr std::size_t kKeptFloats = std::size_t{16} << 20;

/// Images begin at the start of a cache line.
std::size_t room(const Image& image) { return (image.size() + kPanel - 1) / kPanel * kPanel; }

}  // namespace

int storedChannels(int place, int channels) { return place == kInput ? channels : roundUp(channels, kPanel); }

std::vector<Border> bordersOf(const Network& network) {
  std::vector<Border> borders(static_cast<std::size_t>(network.places), kNoBorder);
  for (const Step& step : network.steps) {
    if (!std::holds_alternative<ConvSpec>(step.layer) && !std::holds_alternative<SimAmSpec>(step.layer)) continue;
    for (const int place : {step.from, step.to}) borders[static_cast<std::size_t>(place)] = kConvBorder;
  }
  return borders;
}

Arena::Arena(const Network& network) : network_(network), borders_(bordersOf(network)) {}

void Arena::plan(int count, int frames) {
  if (count == count_ && frames == frames_) return;
  const std::vector<Shape> shapes = shapesOf(network_, frames);
  images_.clear();
  std::size_t floats = 0;
  for (int place = 0; place < network_.places; ++place) {
    const auto& [height, width, channels] = shapes[static_cast<std::size_t>(place)];
    images_.push_back({nullptr, count, height, width, storedChannels(place, channels),
                       borders_[static_cast<std::size_t>(place)]});
    floats += room(images_.back());
  }
  // A long recording now and then must not keep its memory for the short windows that follow.
  const bool wasteful = storage_.size() > kKeptFloats && storage_.size() / 4 > floats;
  if (storage_.size() < floats || wasteful) {
    count_ = 0;
    storage_ = Buffer();
    storage_ = Buffer(floats);
  } else {
    // Borders of the new layout may hold values of the old one.
    std::memset(storage_.data(), 0, storage_.size() * sizeof(float));
  }
  float* next = storage_.data();
  for (Image& image : images_) {
    image.origin = next;
    next += room(image);
  }
  count_ = count;
  frames_ = frames;
}

}  // namespace whospeaks
