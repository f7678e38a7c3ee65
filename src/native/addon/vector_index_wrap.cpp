#include "vector_index_wrap.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "addon_data.h"
#include "args.h"

namespace whospeaks {
namespace {

constexpr std::int64_t kMaxDimension = 65'536;
constexpr std::int64_t kMaxCount = 0xffff'ffff;

/// One NaN would spoil the mean that all codes are taken around, and no order holds where one is compared.
void checkFinite(const Arg& arg, const Numbers<float>& numbers) {
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(numbers.data, numbers.data + numbers.size, finite)) {
    arg.refuseRange("model-mismatch", "finite numbers");
  }
}

}  // namespace

Napi::Value createVectorIndex(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<AddonData>()->vectorIndexClass.New({info[0]});
}

Napi::Function VectorIndexWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeVectorIndex",
                     {InstanceMethod("add", &VectorIndexWrap::add), InstanceMethod("remove", &VectorIndexWrap::remove),
                      InstanceMethod("search", &VectorIndexWrap::search), InstanceMethod("size", &VectorIndexWrap::size),
                      InstanceMethod("bytes", &VectorIndexWrap::bytes)});
}

VectorIndexWrap::VectorIndexWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<VectorIndexWrap>(info) {
  const auto dimension = Arg(info, 0, "createVectorIndex: dimension").integer(1, kMaxDimension);
  index_ = std::make_unique<VectorIndex>(static_cast<int>(dimension));
}

void VectorIndexWrap::Finalize(Napi::BasicEnv env) {
  index_.reset();
  report(env);
}

Napi::Value VectorIndexWrap::add(const Napi::CallbackInfo& info) {
  const Arg vectors(info, 0, "add: vectors");
  const auto numbers = vectors.numbers<float>();
  const auto dimension = static_cast<std::size_t>(index_->dimension());
  if (numbers.size % dimension != 0) {
    vectors.refuseRange("model-mismatch", "count x dimension numbers of dimension " + std::to_string(dimension));
  }
  checkFinite(vectors, numbers);
  index_->add(numbers.data, numbers.size / dimension);
  report(info.Env());
  return info.Env().Undefined();
}

Napi::Value VectorIndexWrap::remove(const Napi::CallbackInfo& info) {
  const Arg slot(info, 0, "remove: slot");
  const auto size = static_cast<std::int64_t>(index_->size());
  if (size == 0) slot.refuseRange("engine-failed", "no slot, for the index is empty");
  index_->remove(static_cast<std::size_t>(slot.integer(0, size - 1, "engine-failed")));
  report(info.Env());
  return info.Env().Undefined();
}

Napi::Value VectorIndexWrap::search(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arg arg(info, 0, "search: query");
  const auto query = arg.numbers<float>(static_cast<std::size_t>(index_->dimension()), "model-mismatch", "dimension");
  checkFinite(arg, query);
  const auto count = static_cast<std::size_t>(Arg(info, 1, "search: count").integer(0, kMaxCount));
  const auto rescored = static_cast<std::size_t>(Arg(info, 2, "search: rescored").integer(0, kMaxCount));
  const auto matches = index_->search(query.data, count, rescored);
  auto slots = Napi::Uint32Array::New(env, matches.size());
  auto scores = Napi::Float32Array::New(env, matches.size());
  for (std::size_t i = 0; i < matches.size(); ++i) {
    slots[i] = matches[i].slot;
    scores[i] = matches[i].score;
  }
  auto result = Napi::Object::New(env);
  result.Set("slots", slots);
  result.Set("scores", scores);
  return result;
}

Napi::Value VectorIndexWrap::size(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(index_->size()));
}

Napi::Value VectorIndexWrap::bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(index_->bytes()));
}

void VectorIndexWrap::report(Napi::BasicEnv env) {
  const auto now = static_cast<std::int64_t>(index_ ? index_->bytes() : 0);
  Napi::MemoryManagement::AdjustExternalMemory(env, now - reported_);
  reported_ = now;
}

}  // namespace whospeaks
