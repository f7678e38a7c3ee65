#include "front_end_wrap.h"

#include <vector>

#include "addon_data.h"
#include "async_task.h"
#include "engines/engine.h"

namespace whospeaks {
namespace {

template <class T>
std::vector<T> list(const Napi::Object& object, const char* key) {
  const auto array = object.Get(key).As<Napi::TypedArrayOf<T>>();
  return std::vector<T>(array.Data(), array.Data() + array.ElementLength());
}

/// Runs a constructor of the core; its EngineError becomes an error of JavaScript.
template <class Make>
auto make(Napi::Env env, const Make& build) {
  try {
    return build();
  } catch (const EngineError& error) {
    throw toJsError(env, error.code(), error.what());
  }
}

LogMelTables readTables(const Napi::Object& object) {
  LogMelTables tables;
  tables.window = list<float>(object, "window");
  tables.twiddles = list<double>(object, "twiddles");
  tables.splitCos = list<double>(object, "splitCos");
  tables.splitSin = list<double>(object, "splitSin");
  tables.first = list<std::uint16_t>(object, "first");
  tables.count = list<std::uint16_t>(object, "count");
  tables.weights = list<double>(object, "weights");
  return tables;
}

/// Doubles that are floats.
std::vector<float> floats(const Napi::Object& object, const char* key) {
  const auto values = list<double>(object, key);
  return std::vector<float>(values.begin(), values.end());
}

GateWeights readWeights(const Napi::Object& object) {
  GateWeights weights;
  weights.project = floats(object, "project");
  weights.projectBias = list<double>(object, "projectBias");
  weights.fromInput = floats(object, "fromInput");
  weights.fromInputBias = list<double>(object, "fromInputBias");
  weights.fromState = floats(object, "fromState");
  weights.fromStateBias = list<double>(object, "fromStateBias");
  weights.out = list<double>(object, "out");
  weights.outBias = object.Get("outBias").As<Napi::Number>().DoubleValue();
  return weights;
}

}  // namespace

Napi::Value createLogMel(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<AddonData>()->logMelClass.New({info[0]});
}

Napi::Function LogMelWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeLogMel", {InstanceMethod("compute", &LogMelWrap::compute)});
}

LogMelWrap::LogMelWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LogMelWrap>(info) {
  const auto tables = info[0].As<Napi::Object>();
  logMel_ = make(info.Env(), [&] { return std::make_unique<LogMel>(readTables(tables)); });
}

Napi::Value LogMelWrap::compute(const Napi::CallbackInfo& info) {
  const auto frames = info[0].As<Napi::Float32Array>();
  const std::size_t count = info[1].As<Napi::Number>().Uint32Value();
  auto features = info[2].As<Napi::Float32Array>();
  if (frames.ElementLength() < count * kFrameSamples || features.ElementLength() != count * kMelBins) {
    throw toJsError(info.Env(), "engine-failed", "frames must hold count x 400 samples, features count x 80");
  }
  logMel_->compute(frames.Data(), count, features.Data());
  return info.Env().Undefined();
}

Napi::Value createGateNetwork(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<AddonData>()->gateNetworkClass.New({info[0]});
}

Napi::Function GateNetworkWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeGateNetwork",
                     {InstanceMethod("score", &GateNetworkWrap::score), InstanceMethod("reset", &GateNetworkWrap::reset)});
}

GateNetworkWrap::GateNetworkWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<GateNetworkWrap>(info) {
  const auto weights = info[0].As<Napi::Object>();
  network_ = make(info.Env(), [&] { return std::make_unique<GateNetwork>(readWeights(weights)); });
}

Napi::Value GateNetworkWrap::score(const Napi::CallbackInfo& info) {
  const auto features = info[0].As<Napi::Float32Array>();
  auto scores = info[1].As<Napi::Float64Array>();
  if (features.ElementLength() < scores.ElementLength() * kMelBins) {
    throw toJsError(info.Env(), "engine-failed", "features must hold count x 80 numbers");
  }
  network_->score(features.Data(), scores.ElementLength(), scores.Data());
  return info.Env().Undefined();
}

Napi::Value GateNetworkWrap::reset(const Napi::CallbackInfo& info) {
  network_->reset();
  return info.Env().Undefined();
}

Napi::Value createMatrix(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<AddonData>()->matrixClass.New({info[0], info[1]});
}

Napi::Function MatrixWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeMatrix", {InstanceMethod("times", &MatrixWrap::times)});
}

MatrixWrap::MatrixWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MatrixWrap>(info) {
  const auto values = info[0].As<Napi::Float32Array>();
  const std::size_t rows = info[1].As<Napi::Number>().Uint32Value();
  if (rows == 0 || values.ElementLength() == 0 || values.ElementLength() % rows != 0) {
    throw toJsError(info.Env(), "engine-failed", "a matrix holds rows x columns numbers");
  }
  matrix_ = std::make_unique<Matrix>(values.Data(), rows, values.ElementLength() / rows);
}

Napi::Value MatrixWrap::times(const Napi::CallbackInfo& info) {
  const auto vector = info[0].As<Napi::Float32Array>();
  auto out = info[1].As<Napi::Float64Array>();
  if (vector.ElementLength() != matrix_->columns() || out.ElementLength() != matrix_->rows()) {
    throw toJsError(info.Env(), "model-mismatch", "the vector must hold columns numbers, the output rows");
  }
  matrix_->times(vector.Data(), out.Data());
  return info.Env().Undefined();
}

}  // namespace whospeaks
