// Scratch memory of the convolutions: one part a thread, and the first thread's part is shared where all
// threads work on the same tiles.
#pragma once

#include <algorithm>
#include <vector>

#include "buffer.h"

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
  float* m(int worker) const { return m_[static_cast<std::size_t>(worker)].data(); }

 private:
  std::vector<Buffer> v_;
  std::vector<Buffer> m_;
};

}  // namespace whospeaks
