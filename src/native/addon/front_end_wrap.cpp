#include "front_end_wrap.h"

#include <algorithm>
#include <string>
#include <vector>

#include "addon_data.h"
#include "args.h"
#include "async_task.h"
#include "engines/engine.h"

namespace whospeaks {
namespace {

/// Far beyond what memory holds, and far below where a product of sizes overflows.
constexpr std::int64_t kMostRows = 0xffff'ffff;

void checkRows(const Arg& arg, const Numbers<float>& numbers, std::size_t count, int size) {
  if (numbers.size / static_cast<std::size_t>(size) >= count) return;
  const std::string rows = "count x " + std::to_string(size) + " numbers of a count of " + std::to_string(count);
  arg.refuseRange("engine-failed", rows);
}

template <class T>
std::vector<T> list(const Arg& object, const char* key) {
  return object.get(key).numbers<T>().copy();
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

/// Doubles that are floats.
std::vector<float> floats(const Arg& object, const char* key) {
  const auto values = list<double>(object, key);
  return std::vector<float>(values.begin(), values.end());
}

GateWeights readWeights(const Arg& object) {
  GateWeights weights;
  weights.project = floats(object, "project");
  weights.projectBias = list<double>(object, "projectBias");
  weights.fromInput = floats(object, "fromInput");
  weights.fromInputBias = list<double>(object, "fromInputBias");
  weights.fromState = floats(object, "fromState");
  weights.fromStateBias = list<double>(object, "fromStateBias");
  weights.out = list<double>(object, "out");
  weights.outBias = object.get("outBias").number();
  return weights;
}

}  // namespace

Napi::Value createLogMel(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<AddonData>()->logMelClass.New({});
}

Napi::Function LogMelWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeLogMel", {InstanceMethod("compute", &LogMelWrap::compute)});
}

LogMelWrap::LogMelWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LogMelWrap>(info) {
  logMel_ = make(info.Env(), [&] { return std::make_unique<LogMel>(); });
}

Napi::Value LogMelWrap::compute(const Napi::CallbackInfo& info) {
  const Arg arg(info, 0, "compute: frames");
  const auto frames = arg.numbers<float>();
  const auto count = static_cast<std::size_t>(Arg(info, 1, "compute: count").integer(0, kMostRows, "engine-failed"));
  checkRows(arg, frames, count, kFrameSamples);
  const Arg out(info, 2, "compute: features");
  const auto features = out.numbers<float>(count * kMelBins, "engine-failed", "count x 80");
  logMel_->compute(frames.data, count, features.data);
  return info.Env().Undefined();
}

Napi::Value createGateNetwork(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<AddonData>()->gateNetworkClass.New({info[0]});
}

Napi::Function GateNetworkWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeGateNetwork",
                     {InstanceMethod("score", &GateNetworkWrap::score), InstanceMethod("reset", &GateNetworkWrap::reset),
                      InstanceMethod("readState", &GateNetworkWrap::readState),
                      InstanceMethod("writeState", &GateNetworkWrap::writeState)});
}

GateNetworkWrap::GateNetworkWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<GateNetworkWrap>(info) {
  const Arg weights(info, 0, "createGateNetwork: weights");
  network_ = make(info.Env(), [&] { return std::make_unique<GateNetwork>(readWeights(weights)); });
}

Napi::Value GateNetworkWrap::score(const Napi::CallbackInfo& info) {
  const Arg features(info, 0, "score: features");
  const auto frames = features.numbers<float>();
  const auto scores = Arg(info, 1, "score: scores").numbers<double>();
  checkRows(features, frames, scores.size, kMelBins);
  network_->score(frames.data, scores.size, scores.data);
  return info.Env().Undefined();
}

Napi::Value GateNetworkWrap::reset(const Napi::CallbackInfo& info) {
  network_->reset();
  return info.Env().Undefined();
}

Napi::Value GateNetworkWrap::readState(const Napi::CallbackInfo& info) {
  const auto out = Arg(info, 0, "readState: state").numbers<double>(kGateUnits, "engine-failed", "64");
  std::copy(network_->state().begin(), network_->state().end(), out.data);
  return info.Env().Undefined();
}

Napi::Value GateNetworkWrap::writeState(const Napi::CallbackInfo& info) {
  const auto state = Arg(info, 0, "writeState: state").numbers<double>(kGateUnits, "engine-failed", "64");
  std::copy(state.data, state.data + kGateUnits, network_->state().begin());
  return info.Env().Undefined();
}

Napi::Value createMatrix(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<AddonData>()->matrixClass.New({info[0], info[1]});
}

Napi::Function MatrixWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeMatrix", {InstanceMethod("times", &MatrixWrap::times)});
}

MatrixWrap::MatrixWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MatrixWrap>(info) {
  const Arg values(info, 0, "createMatrix: values");
  const auto numbers = values.numbers<float>();
  const auto rows = static_cast<std::size_t>(Arg(info, 1, "createMatrix: rows").integer(1, kMostRows, "engine-failed"));
  if (numbers.size == 0 || numbers.size % rows != 0) {
    values.refuseRange("engine-failed", "rows x columns numbers of " + std::to_string(rows) + " rows");
  }
  matrix_ = std::make_unique<Matrix>(numbers.data, rows, numbers.size / rows);
}

Napi::Value MatrixWrap::times(const Napi::CallbackInfo& info) {
  const auto vector = Arg(info, 0, "times: vector").numbers<float>(matrix_->columns(), "model-mismatch", "columns");
  const auto out = Arg(info, 1, "times: out").numbers<double>(matrix_->rows(), "model-mismatch", "rows");
  matrix_->times(vector.data, out.data);
  return info.Env().Undefined();
}

}  // namespace whospeaks
