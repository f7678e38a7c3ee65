#include "masked_pooling_wrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "addon_data.h"
#include "args.h"
#include "async_task.h"
#include "error.h"
#include "network_args.h"
#include "networks/resnet.h"

namespace whospeaks {
namespace {

constexpr std::int64_t kMostWidth = 65'536;
constexpr std::int64_t kMostMasks = 4096;

}  // namespace

Napi::Value createMaskedPooling(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<AddonData>()->maskedPoolingClass.New({info[0], info[1]});
}

Napi::Function MaskedPoolingWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeMaskedPooling", {InstanceMethod("pool", &MaskedPoolingWrap::pool)});
}

MaskedPoolingWrap::MaskedPoolingWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MaskedPoolingWrap>(info) {
  const NetworkConfig network = readNetwork(Arg(info, 0, "createMaskedPooling: network"));
  const OwnedTensors tensors = readTensors(Arg(info, 1, "createMaskedPooling: tensors"));
  state_ = std::make_shared<PoolingState>();
  try {
    state_->pooling = std::make_unique<MaskedPooling>(poolingOf(network), embeddingOf(network), tensors.map);
  } catch (const EngineError& error) {
    throw toJsError(info.Env(), error.code(), error.what());
  }
}

Napi::Value MaskedPoolingWrap::pool(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto state = state_;
  const auto width = static_cast<int>(Arg(info, 1, "pool: width").integer(1, kMostWidth, "engine-failed"));
  const auto count = static_cast<int>(Arg(info, 3, "pool: count").integer(1, kMostMasks, "engine-failed"));
  const Arg maskArg(info, 2, "pool: masks");
  const auto masks = maskArg.numbers<float>(static_cast<std::size_t>(count) * static_cast<std::size_t>(width),
                                            "engine-failed", "count x width");
  const auto columns = Arg(info, 0, "pool: columns")
                           .numbers<float>(static_cast<std::size_t>(width) *
                                               static_cast<std::size_t>(state->pooling->columnSize()),
                                           "engine-failed", "width x rows x channels");
  const auto usable = [](float value) { return std::isfinite(value) && value >= 0; };
  if (!std::all_of(masks.data, masks.data + masks.size, usable)) {
    maskArg.refuseRange("engine-failed", "finite numbers that are not negative");
  }
  if (state->busy.exchange(true)) throw toJsError(env, "engine-failed", "one pooling runs at a time");
  try {
    const auto from = std::make_shared<std::vector<float>>(columns.copy());
    const auto weights = std::make_shared<std::vector<float>>(masks.copy());
    const auto to = std::make_shared<std::vector<float>>(static_cast<std::size_t>(count) *
                                                         static_cast<std::size_t>(state->pooling->dimension()));
    return runAsync(
        env, "whospeaks:pool",
        [state, from, weights, to, width, count] {
          struct Release {
            std::atomic<bool>& busy;
            ~Release() { busy = false; }
          } release{state->busy};
          state->pooling->run(from->data(), width, weights->data(), count, to->data());
        },
        [to](Napi::Env done) -> Napi::Value {
          auto values = Napi::Float32Array::New(done, to->size());
          std::copy(to->begin(), to->end(), values.Data());
          return values;
        });
  } catch (...) {
    state->busy = false;
    throw;
  }
}

}  // namespace whospeaks
