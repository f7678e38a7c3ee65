// A layer with its weights, packed for the cores that run it.
#pragma once

#include "layers/image.h"
#include "layers/thread_pool.h"
#include "layers/workspace.h"
#include "simd/kernels.h"

namespace whospeaks {

/// What layers compute with: kernels of one instruction set, threads, and room to work in.
struct Cores {
  const Kernels& kernels;
  ThreadPool& pool;
  const Workspace& workspace;
};

class Layer {
 public:
  Layer() = default;
  virtual ~Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

  /// Floats of scratch that one thread needs.
  virtual WorkspaceSize scratch() const { return {}; }

  /// Channels of both images are padded to groups of kPanel with zeros, those of the network's input are not.
  virtual void run(const Cores& cores, const Image& in, const Image& out) const = 0;
};

}  // namespace whospeaks
