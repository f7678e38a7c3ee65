// The JavaScript objects around the front end. See src/native/addon.ts for the types.
#pragma once

#include <napi.h>

#include <memory>

#include "features/front_end.h"
#include "features/matrix.h"

namespace whospeaks {

class LogMelWrap : public Napi::ObjectWrap<LogMelWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit LogMelWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value compute(const Napi::CallbackInfo& info);

  std::unique_ptr<LogMel> logMel_;
};

class GateNetworkWrap : public Napi::ObjectWrap<GateNetworkWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit GateNetworkWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value score(const Napi::CallbackInfo& info);
  Napi::Value reset(const Napi::CallbackInfo& info);
  Napi::Value readState(const Napi::CallbackInfo& info);
  Napi::Value writeState(const Napi::CallbackInfo& info);

  std::unique_ptr<GateNetwork> network_;
};

class MatrixWrap : public Napi::ObjectWrap<MatrixWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit MatrixWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value times(const Napi::CallbackInfo& info);

  std::unique_ptr<Matrix> matrix_;
};

/// createLogMel() -> LogMelWrap
Napi::Value createLogMel(const Napi::CallbackInfo& info);
/// createGateNetwork(weights) -> GateNetworkWrap
Napi::Value createGateNetwork(const Napi::CallbackInfo& info);
/// createMatrix(values, rows) -> MatrixWrap
Napi::Value createMatrix(const Napi::CallbackInfo& info);

}  // namespace whospeaks
