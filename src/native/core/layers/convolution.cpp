#include "layers/convolution.h"

#include "layers/direct_conv.h"
#include "layers/winograd_conv.h"

namespace whospeaks {
namespace {

/// Measured on 148 frames, one thread: large tiles save multiplications where there are many tiles and few
/// channels; where the weights are many, their own transform makes them more than the cache can bring, and
/// tiles that grow them less win.
WinogradTile chooseTile(int channels) {
  if (channels <= 16) return WinogradTile::f4x4;
  if (channels <= 32) return WinogradTile::f6x6;
  return channels <= 128 ? WinogradTile::f5x5 : WinogradTile::f2x4;
}

}  // namespace

std::unique_ptr<Layer> makeConvolution(const ConvSpec& spec, const TensorMap& weights, int paddedIn,
                                       const Kernels& kernels, ThreadPool& pool) {
  const bool padded = paddedIn % kPanel == 0;
  if (spec.kernel == 3 && spec.stride == 1 && padded) {
    return std::make_unique<WinogradConv>(spec, weights, paddedIn, chooseTile(paddedIn), kernels, pool);
  }
  return std::make_unique<DirectConv>(spec, weights, paddedIn);
}

}  // namespace whospeaks
