// All activations of a call, planned once a shape: one image a place of the network.
#pragma once

#include <vector>

#include "layers/image.h"
#include "networks/network.h"
#include "simd/buffer.h"

namespace whospeaks {

/// Channels of a place's image: padded with zeros to groups of kPanel, those of the input not.
int storedChannels(int place, int channels);

/// By place: what convolutions read and write has a border.
std::vector<Border> bordersOf(const Network& network);

class Arena {
 public:
  explicit Arena(const Network& network);

  /// Lays the images out for `count` windows of `frames`; does nothing where they are laid out so already,
  /// and allocates only where the storage is too small or many times too large.
  void plan(int count, int frames);

  const Image& at(int place) const { return images_[static_cast<std::size_t>(place)]; }

 private:
  const Network& network_;
  int count_ = 0;
  int frames_ = 0;
  std::vector<Border> borders_;
  std::vector<Image> images_;
  Buffer storage_;
};

}  // namespace whospeaks
