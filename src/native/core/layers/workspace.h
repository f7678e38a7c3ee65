// Scratch memory of the convolutions: one part a thread, and the first thread's part is shared where all
// threads work on the same tiles.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "simd/buffer.h"

namespace whospeaks {

struct WorkspaceSize {
  std::size_t v = 0;
  std::size_t m = 0;
  void include(const WorkspaceSize& other) {
    v = std::max(v, other.v);
    m = std::max(m, other.m);
  }
};

class Workspace {
 public:
  Workspace() = default;
  Workspace(const WorkspaceSize& size, int threads) {
    for (int i = 0; i < threads; ++i) {
      v_.emplace_back(size.v);
      m_.emplace_back(size.m);
    }
  }
  float* v(int worker) const { return v_[static_cast<std::size_t>(worker)].data(); }
  /// Of all threads together, for one layer's input in bytes; grows where it must.
  std::uint8_t* bytes(std::size_t count) const {
    if (bytes_.size() * sizeof(float) < count) bytes_ = Buffer((count + sizeof(float) - 1) / sizeof(float), false);
    return reinterpret_cast<std::uint8_t*>(bytes_.data());
  }
  float* m(int worker) const { return m_[static_cast<std::size_t>(worker)].data(); }

 private:
  std::vector<Buffer> v_;
  std::vector<Buffer> m_;
  mutable Buffer bytes_;
};

}  // namespace whospeaks
