#include "convolution.h"

#include <cstdlib>
#include <cstring>

namespace whospeaks {
namespace {

bool wantsWinograd(const ConvSpec& spec, int paddedIn) {
  return spec.kernel == 3 && spec.stride == 1 && paddedIn % kPanel == 0;
}

WinogradTile chooseTile(const ConvSpec& spec) {
  const char* e = std::getenv("WS_TILE");
  // DEV: one letter a stage
  const int idx = spec.out <= 32 ? 0 : spec.out <= 64 ? 1 : spec.out <= 128 ? 2 : 3;
  const char c = e && std::strlen(e) == 4 ? e[idx] : '4';
  return c == '2' ? WinogradTile::f2x4 : c == '6' ? WinogradTile::f6x6 : WinogradTile::f4x4;
}

}  // namespace

Convolution::Convolution(const ConvSpec& spec, const TensorMap& weights, int paddedIn) {
  const char* e = std::getenv("WS_TILE");
  const int idx = spec.out <= 32 ? 0 : spec.out <= 64 ? 1 : spec.out <= 128 ? 2 : 3;
  const bool direct = e && e[idx] == 'd';
  if (!direct && wantsWinograd(spec, paddedIn)) {
    winograd_ = std::make_unique<WinogradConv>(spec, weights, paddedIn, chooseTile(spec));
  } else {
    direct_ = std::make_unique<DirectConv>(spec, weights, paddedIn);
  }
}

}  // namespace whospeaks
