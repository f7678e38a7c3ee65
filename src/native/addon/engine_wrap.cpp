#include "engine_wrap.h"

#include <algorithm>
#include <limits>

#include "addon_data.h"
#include "args.h"
#include "async_task.h"
#include "network_args.h"

namespace whospeaks {
namespace {

/// Weights copied out of JavaScript, so that the engine is built off the event loop.
struct Loading {
  std::string engine;
  NetworkConfig network;
  EngineOptions options;
  OwnedTensors tensors;
  std::shared_ptr<EngineState> state = std::make_shared<EngineState>();
};

constexpr std::int64_t kMostInt = std::numeric_limits<int>::max();
constexpr std::int64_t kMostThreads = 256;

Precision readPrecision(const Arg& arg) {
  const std::string name = arg.text();
  if (name == "fp32") return Precision::fp32;
  if (name == "bf16") return Precision::bf16;
  if (name == "fp16") return Precision::fp16;
  if (name == "int8") return Precision::int8;
  arg.refuseRange("invalid-option", "fp32, fp16, bf16 or int8");
}

}  // namespace

Napi::Value createEngine(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto loading = std::make_shared<Loading>();
  loading->engine = Arg(info, 0, "createEngine: name").text();
  loading->network = readNetwork(Arg(info, 1, "createEngine: network"));
  loading->tensors = readTensors(Arg(info, 2, "createEngine: tensors"));
  loading->options.threads = static_cast<int>(Arg(info, 3, "createEngine: threads").integer(1, kMostThreads));
  loading->options.precision = readPrecision(Arg(info, 4, "createEngine: precision"));
  return runAsync(
      env, "whospeaks:load",
      [loading] {
        loading->state->engine = makeEngine(loading->engine, loading->network, loading->tensors.map, loading->options);
        loading->tensors = {};
      },
      [loading](Napi::Env done) -> Napi::Value {
        const Napi::Object object = done.GetInstanceData<AddonData>()->engineClass.New({});
        EngineWrap::Unwrap(object)->adopt(loading->state);
        return object;
      });
}

Napi::Function EngineWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeEngine",
                     {InstanceMethod("run", &EngineWrap::run), InstanceMethod("close", &EngineWrap::close),
                      InstanceMethod("network", &EngineWrap::network), InstanceMethod("device", &EngineWrap::device)});
}

EngineWrap::EngineWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EngineWrap>(info) {}

Napi::Value EngineWrap::run(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto state = state_;
  if (!state || state->cancelled) throw toJsError(env, "engine-closed", "the engine was closed");
  const Network& network = state->engine->network();
  const int batch = static_cast<int>(Arg(info, 1, "run: batch").integer(1, kMostInt, "engine-failed"));
  const int frames = static_cast<int>(
      Arg(info, 2, "run: frames").integer(network.leastFrames, network.mostFrames, "engine-failed"));
  const auto window = static_cast<std::size_t>(frames) * static_cast<std::size_t>(network.inputSize);
  const auto numbers = Arg(info, 0, "run: input")
                           .numbers<float>(static_cast<std::size_t>(batch) * window, "engine-failed",
                                           "batch x frames x numbers a frame");
  if (state->busy.exchange(true)) throw toJsError(env, "engine-failed", "the engine runs one batch at a time");
  try {
    const auto input = std::make_shared<std::vector<float>>(numbers.copy());
    const auto outputs = std::make_shared<std::vector<std::vector<float>>>();
    for (const Output& output : network.outputs) {
      outputs->emplace_back(static_cast<std::size_t>(batch) * outputSize(network, output, frames));
    }
    return runAsync(
        env, "whospeaks:run",
        [state, input, outputs, batch, frames] {
          struct Release {
            std::atomic<bool>& busy;
            ~Release() { busy = false; }
          } release{state->busy};
          std::vector<float*> to;
          for (auto& output : *outputs) to.push_back(output.data());
          state->engine->run(input->data(), batch, frames, to, state->cancelled);
        },
        [state, outputs](Napi::Env done) -> Napi::Value {
          auto result = Napi::Object::New(done);
          for (std::size_t i = 0; i < outputs->size(); ++i) {
            const std::vector<float>& from = (*outputs)[i];
            // Copied into memory that JavaScript owns: Electron forbids external buffers.
            auto values = Napi::Float32Array::New(done, from.size());
            std::copy(from.begin(), from.end(), values.Data());
            result.Set(state->engine->network().outputs[i].name, values);
          }
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

Napi::Value EngineWrap::network(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!state_) throw toJsError(env, "engine-closed", "the engine was closed");
  const Network& network = state_->engine->network();
  auto outputs = Napi::Array::New(env, network.outputs.size());
  for (std::size_t i = 0; i < network.outputs.size(); ++i) {
    outputs.Set(static_cast<std::uint32_t>(i), network.outputs[i].name);
  }
  auto result = Napi::Object::New(env);
  result.Set("inputSize", network.inputSize);
  result.Set("minFrames", network.leastFrames);
  result.Set("maxFrames", network.mostFrames);
  result.Set("outputs", outputs);
  return result;
}

Napi::Value EngineWrap::device(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), state_ ? state_->engine->device() : "closed");
}

}  // namespace whospeaks
