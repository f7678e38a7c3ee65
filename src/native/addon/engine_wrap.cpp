#include "engine_wrap.h"

#include <algorithm>
#include <limits>

#include "addon_data.h"
#include "args.h"
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

constexpr std::int64_t kMostInt = std::numeric_limits<int>::max();
constexpr std::int64_t kMostThreads = 256;
constexpr std::uint32_t kMostAxes = 8;

/// The core says which numbers are a network's; here they only have to be numbers that it can hold.
int size(const Arg& arg) { return static_cast<int>(arg.integer(0, kMostInt, "model-shape")); }

ResNetConfig readConfig(const Arg& arg) {
  ResNetConfig config{};
  const Arg blocks = arg.get("blocks");
  if (blocks.length() != config.blocks.size()) blocks.refuseRange("model-shape", "4 numbers (blocks of each stage)");
  for (std::uint32_t i = 0; i < config.blocks.size(); ++i) config.blocks[i] = size(blocks.at(i));
  config.channels = size(arg.get("channels"));
  config.featureSize = size(arg.get("featureSize"));
  config.dimension = size(arg.get("dimension"));
  return config;
}

Precision readPrecision(const Arg& arg) {
  const std::string name = arg.text();
  if (name == "fp32") return Precision::fp32;
  if (name == "bf16") return Precision::bf16;
  if (name == "fp16") return Precision::fp16;
  if (name == "int8") return Precision::int8;
  arg.refuseRange("invalid-option", "fp32, fp16, bf16 or int8");
}

void readTensors(const Arg& list, Loading& loading) {
  const std::uint32_t count = list.length();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Arg entry = list.at(i);
    const std::string name = entry.get("name").text();
    TensorView view{{}, nullptr};
    const Arg shape = entry.get("shape");
    const std::uint32_t axes = shape.length();
    if (axes > kMostAxes) shape.refuseRange("model-shape", "at most 8 axes");
    double wanted = 1;
    for (std::uint32_t axis = 0; axis < axes; ++axis) {
      view.shape.push_back(size(shape.at(axis)));
      wanted *= static_cast<double>(view.shape.back());
    }
    // Last, and copied at once: reading a property can run code that frees the numbers.
    const Arg data = entry.get("data");
    const auto numbers = data.numbers<float>();
    if (wanted != static_cast<double>(numbers.size)) {
      data.refuseRange("model-shape", "as many numbers as the shape of tensor \"" + name + "\" says");
    }
    loading.storage.push_back(numbers.copy());
    view.data = loading.storage.back().data();
    loading.tensors.emplace(name, std::move(view));
  }
}

}  // namespace

Napi::Value createEngine(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto loading = std::make_shared<Loading>();
  loading->engine = Arg(info, 0, "createEngine: name").text();
  loading->config = readConfig(Arg(info, 1, "createEngine: config"));
  readTensors(Arg(info, 2, "createEngine: tensors"), *loading);
  loading->options.threads = static_cast<int>(Arg(info, 3, "createEngine: threads").integer(1, kMostThreads));
  loading->options.precision = readPrecision(Arg(info, 4, "createEngine: precision"));
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
  const int batch = static_cast<int>(Arg(info, 1, "embed: batch").integer(1, kMostInt, "engine-failed"));
  const int frames = static_cast<int>(Arg(info, 2, "embed: frames").integer(kMinFrames, kMaxFrames, "engine-failed"));
  const ResNetConfig& config = state->engine->config();
  const auto window = static_cast<std::size_t>(frames) * static_cast<std::size_t>(config.featureSize);
  const auto features = Arg(info, 0, "embed: features")
                            .numbers<float>(static_cast<std::size_t>(batch) * window, "engine-failed",
                                            "batch x frames x mel bins");
  if (state->busy.exchange(true)) throw toJsError(env, "engine-failed", "the engine embeds one batch at a time");
  try {
    const auto input = std::make_shared<std::vector<float>>(features.copy());
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
