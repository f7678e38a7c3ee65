// The JavaScript object around one engine. See src/native/addon.ts for the types.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "engines/engine.h"

namespace whospeaks {

/// Kept alive by the JavaScript object and by any work in flight, whichever ends last.
struct EngineState {
  std::unique_ptr<Engine> engine;
  CancelFlag cancelled{false};
  std::atomic<bool> busy{false};
};

class EngineWrap : public Napi::ObjectWrap<EngineWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit EngineWrap(const Napi::CallbackInfo& info);

  void adopt(std::shared_ptr<EngineState> state) { state_ = std::move(state); }

 private:
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value network(const Napi::CallbackInfo& info);
  Napi::Value device(const Napi::CallbackInfo& info);

  std::shared_ptr<EngineState> state_;
};

/// createEngine(name, network, tensors, threads, precision) -> Promise<EngineWrap>
Napi::Value createEngine(const Napi::CallbackInfo& info);

}  // namespace whospeaks
