// The JavaScript object around one MaskedPooling. See src/native/addon.ts for the types.
#pragma once

#include <napi.h>

#include <atomic>
#include <memory>

#include "layers/masked_pooling.h"

namespace whospeaks {

/// Kept alive by the JavaScript object and by any work in flight.
struct PoolingState {
  std::unique_ptr<MaskedPooling> pooling;
  std::atomic<bool> busy{false};
};

class MaskedPoolingWrap : public Napi::ObjectWrap<MaskedPoolingWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit MaskedPoolingWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value pool(const Napi::CallbackInfo& info);

  std::shared_ptr<PoolingState> state_;
};

/// createMaskedPooling(network, tensors) -> MaskedPoolingWrap
Napi::Value createMaskedPooling(const Napi::CallbackInfo& info);

}  // namespace whospeaks
