// The addon's entry: a table of exports.
#include <napi.h>

#include "addon_data.h"
#include "engine_wrap.h"
#include "engines/engine.h"
#include "features/geometry.h"
#include "front_end_wrap.h"
#include "masked_pooling_wrap.h"
#include "vector_index_wrap.h"

namespace whospeaks {
namespace {

Napi::Value engines(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto list = listEngines();
  auto result = Napi::Array::New(env, list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto entry = Napi::Object::New(env);
    entry.Set("name", list[i].name);
    entry.Set("device", list[i].device);
    entry.Set("reason", list[i].reason);
    entry.Set("version", list[i].version);
    entry.Set("accelerated", list[i].accelerated);
    result.Set(static_cast<std::uint32_t>(i), entry);
  }
  return result;
}

Napi::Array names(Napi::Env env) {
  const auto list = engineNames();
  auto result = Napi::Array::New(env, list.size());
  for (std::size_t i = 0; i < list.size(); ++i) result.Set(static_cast<std::uint32_t>(i), list[i]);
  return result;
}

Napi::Object geometry(Napi::Env env) {
  auto result = Napi::Object::New(env);
  result.Set("sampleRateHz", kSampleRateHz);
  result.Set("frameSamples", kFrameSamples);
  result.Set("shiftSamples", kShiftSamples);
  result.Set("melBins", kMelBins);
  return result;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto data = std::make_unique<AddonData>();
  data->engineClass = Napi::Persistent(EngineWrap::define(env));
  data->gateNetworkClass = Napi::Persistent(GateNetworkWrap::define(env));
  data->logMelClass = Napi::Persistent(LogMelWrap::define(env));
  data->maskedPoolingClass = Napi::Persistent(MaskedPoolingWrap::define(env));
  data->matrixClass = Napi::Persistent(MatrixWrap::define(env));
  data->vectorIndexClass = Napi::Persistent(VectorIndexWrap::define(env));
  env.SetInstanceData(data.release());
  exports.Set("geometry", geometry(env));
  exports.Set("engineNames", names(env));
  exports.Set("engines", Napi::Function::New(env, engines, "engines"));
  exports.Set("createEngine", Napi::Function::New(env, createEngine, "createEngine"));
  exports.Set("createGateNetwork", Napi::Function::New(env, createGateNetwork, "createGateNetwork"));
  exports.Set("createLogMel", Napi::Function::New(env, createLogMel, "createLogMel"));
  exports.Set("createMaskedPooling", Napi::Function::New(env, createMaskedPooling, "createMaskedPooling"));
  exports.Set("createMatrix", Napi::Function::New(env, createMatrix, "createMatrix"));
  exports.Set("createVectorIndex", Napi::Function::New(env, createVectorIndex, "createVectorIndex"));
  return exports;
}

}  // namespace
}  // namespace whospeaks

static Napi::Object initAddon(Napi::Env env, Napi::Object exports) { return whospeaks::init(env, exports); }

NODE_API_MODULE(whospeaks, initAddon)
