// A 3x3 convolution of stride 1 by Winograd's method: tiles are transformed to points, at each point the
// channels are mixed by a matrix product, and the sums are transformed back.
#pragma once

#include "layers/layer.h"
#include "layers/spec.h"
#include "simd/buffer.h"
#include "tensor.h"

namespace whospeaks {

class WinogradConv final : public Layer {
 public:
  /// `paddedIn` is a multiple of kPanel.
  WinogradConv(const ConvSpec& spec, const TensorMap& weights, int paddedIn, WinogradTile tile,
               const Kernels& kernels, ThreadPool& pool);

  WorkspaceSize scratch() const override;
  void run(const Cores& cores, const Image& in, const Image& out) const override;

 private:
  struct Call;
  void packWeights(const ConvSpec& spec, const float* weights, const Kernels& kernels, int panel);
  void transformIn(const Call& call, int first, int last, float* v) const;
  void mix(const Call& call, int first, int last, int panel, const float* v, float* m) const;
  std::ptrdiff_t tileFloats() const { return static_cast<std::ptrdiff_t>(tilePoints(tile_)) * paddedIn_; }

  /// Floats from one transformed tile to the next: a cache line more than it fills, for tiles that lie powers of
  /// two apart would all want the same set of the cache.
  std::ptrdiff_t tileStride() const { return tileFloats() + kPanel; }

  WinogradTile tile_;
  bool relu_;
  bool add_;
  int paddedIn_;
  int panels_;
  /// Tiles that are transformed before they are mixed; what they fill stays in the cache.
  int blockTiles_;
  /// The weights are too large for a core's cache: they should be read once, by as large a block as can be.
  bool largeWeights_;
  Buffer weights_;  // panels x points x paddedIn x kPanel
  Buffer bias_;
};

}  // namespace whospeaks
