// The network compiled for each shape of batch that comes. MLX compiles per shape and forgets none by itself, so
// that streams with windows of every length would fill memory.
#pragma once

#include <functional>
#include <list>
#include <vector>

#include "engines/mlx/mlx_network.h"

namespace whospeaks {

class CompiledShapes {
 public:
  using CompiledPart = std::function<std::vector<mx::array>(const std::vector<mx::array>&)>;

  /// Shapes that are kept: more than a live stream has (its batches of one window length, and a last short one).
  static constexpr std::size_t kMost = 32;

  explicit CompiledShapes(const MlxNetwork& network) : network_(network) {}

  /// The network's parts for one shape; the least recently used shape is dropped for a new one.
  const std::vector<CompiledPart>& at(int batch, int frames);

  /// From now on the parts run as they are written.
  void stopCompiling();
  bool compiling() const { return compiling_; }

 private:
  struct Entry {
    int batch;
    int frames;
    std::vector<CompiledPart> parts;
  };

  const MlxNetwork& network_;
  bool compiling_ = true;
  /// The one used last comes first.
  std::list<Entry> entries_;
};

}  // namespace whospeaks
