#include "engine_wrap.h"

#include <algorithm>

#include "addon_data.h"
#include "async_task.h"

namespace whospeaks {
namespace {

/// Weights copied out of JavaScript, so that the engine is built off the event loop.
struct Loading {
  std::string engine;
  ResNetConfig config{};
  EngineOptions options;
  std::vector<std::vector<float>> storage;
  TensorMap tensors;
  std::shared_ptr<EngineState> state = std::make_shared<EngineState>();
};

int integer(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::Number>().Int32Value(); }

ResNetConfig readConfig(const Napi::Object& object) {
  ResNetConfig config{};
  const auto blocks = object.Get("blocks").As<Napi::Array>();
  for (std::uint32_t i = 0; i < 4; ++i) config.blocks[i] = blocks.Get(i).As<Napi::Number>().Int32Value();
  config.channels = integer(object, "channels");
  config.featureSize = integer(object, "featureSize");
  config.dimension = integer(object, "dimension");
  return config;
}

void readTensors(Napi::Env env, const Napi::Array& list, Loading& loading) {
  loading.storage.reserve(list.Length());
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const auto entry = list.Get(i).As<Napi::Object>();
    const std::string name = entry.Get("name").As<Napi::String>();
    const auto shape = entry.Get("shape").As<Napi::Array>();
    const auto data = entry.Get("data").As<Napi::Float32Array>();
    TensorView view{{}, nullptr};
    double size = 1;
    for (std::uint32_t axis = 0; axis < shape.Length(); ++axis) {
      view.shape.push_back(shape.Get(axis).As<Napi::Number>().Int64Value());
      size *= static_cast<double>(view.shape.back());
    }
    if (size != static_cast<double>(data.ElementLength())) {
      throw toJsError(env, "model-shape", ("tensor \"" + name + "\" does not hold what its shape says").c_str());
    }
    loading.storage.emplace_back(data.Data(), data.Data() + data.ElementLength());
    view.data = loading.storage.back().data();
    loading.tensors.emplace(name, std::move(view));
  }
}

}  // namespace

Napi::Value createEngine(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto loading = std::make_shared<Loading>();
  loading->engine = info[0].As<Napi::String>().Utf8Value();
  loading->config = readConfig(info[1].As<Napi::Object>());
  readTensors(env, info[2].As<Napi::Array>(), *loading);
  loading->options.threads = info[3].As<Napi::Number>().Int32Value();
  const std::string precision = info[4].As<Napi::String>();
  if (precision == "bf16") loading->options.precision = Precision::bf16;
  if (precision == "int8") loading->options.precision = Precision::int8;
  if (precision == "fp16") loading->options.precision = Precision::fp16;
  return runAsync(
      env, "whospeaks:load",
      [loading] {
        loading->state->engine = makeEngine(loading->engine, loading->config, loading->tensors, loading->options);
        loading->tensors.clear();
        loading->storage.clear();
      },
      [loading](Napi::Env done) -> Napi::Value {
        const Napi::Object object = done.GetInstanceData<AddonData>()->engineClass.New({});
        EngineWrap::Unwrap(object)->adopt(loading->state);
        return object;
      });
}

Napi::Function EngineWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeEngine",
                     {InstanceMethod("embed", &EngineWrap::embed), InstanceMethod("close", &EngineWrap::close),
                      InstanceMethod("name", &EngineWrap::name), InstanceMethod("device", &EngineWrap::device)});
}

EngineWrap::EngineWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EngineWrap>(info) {}

Napi::Value EngineWrap::embed(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto state = state_;
  if (!state || state->cancelled) throw toJsError(env, "engine-closed", "the engine was closed");
  const auto features = info[0].As<Napi::Float32Array>();
  const int batch = info[1].As<Napi::Number>().Int32Value();
  const int frames = info[2].As<Napi::Number>().Int32Value();
  const ResNetConfig& config = state->engine->config();
  const double wanted = static_cast<double>(batch) * frames * config.featureSize;
  if (batch < 1 || static_cast<double>(features.ElementLength()) != wanted) {
    throw toJsError(env, "engine-failed", "features must hold batch x frames x mel bins values");
  }
  if (state->busy.exchange(true)) throw toJsError(env, "engine-failed", "the engine embeds one batch at a time");
  try {
    const auto input = std::make_shared<std::vector<float>>(features.Data(), features.Data() + features.ElementLength());
    const auto output = std::make_shared<std::vector<float>>(static_cast<std::size_t>(batch) * config.dimension);
    return runAsync(
        env, "whospeaks:embed",
        [state, input, output, batch, frames] {
          struct Release {
            std::atomic<bool>& busy;
            ~Release() { busy = false; }
          } release{state->busy};
          state->engine->embed(input->data(), batch, frames, output->data(), state->cancelled);
        },
        [output](Napi::Env done) -> Napi::Value {
          // Copied into memory that JavaScript owns: Electron forbids external buffers.
          auto result = Napi::Float32Array::New(done, output->size());
          std::copy(output->begin(), output->end(), result.Data());
          return result;
        });
  } catch (...) {
    state->busy = false;
    throw;
  }
}

Napi::Value EngineWrap::close(const Napi::CallbackInfo& info) {
  // Work in flight stops at its next layer and then lets go of the engine.
  if (state_) state_->cancelled = true;
  state_.reset();
  return info.Env().Undefined();
}

Napi::Value EngineWrap::name(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), state_ ? state_->engine->name() : "closed");
}

Napi::Value EngineWrap::device(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), state_ ? state_->engine->device() : "closed");
}

}  // namespace whospeaks
