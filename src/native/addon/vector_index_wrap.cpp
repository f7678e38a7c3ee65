#include "vector_index_wrap.h"

#include "addon_data.h"
#include "async_task.h"

namespace whospeaks {
namespace {

constexpr int kMaxDimension = 65'536;

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
  const int dimension = info[0].As<Napi::Number>().Int32Value();
  if (dimension < 1 || dimension > kMaxDimension) {
    throw toJsError(info.Env(), "invalid-option", "a vector index holds vectors of 1 to 65536 numbers");
  }
  index_ = std::make_unique<VectorIndex>(dimension);
}

void VectorIndexWrap::Finalize(Napi::BasicEnv env) {
  index_.reset();
  report(env);
}

Napi::Value VectorIndexWrap::add(const Napi::CallbackInfo& info) {
  const auto vectors = info[0].As<Napi::Float32Array>();
  const auto dimension = static_cast<std::size_t>(index_->dimension());
  if (vectors.ElementLength() % dimension != 0) {
    throw toJsError(info.Env(), "model-mismatch", "vectors must hold count x dimension numbers");
  }
  index_->add(vectors.Data(), vectors.ElementLength() / dimension);
  report(info.Env());
  return info.Env().Undefined();
}

Napi::Value VectorIndexWrap::remove(const Napi::CallbackInfo& info) {
  const std::int64_t slot = info[0].As<Napi::Number>().Int64Value();
  if (slot < 0 || static_cast<std::size_t>(slot) >= index_->size()) {
    throw toJsError(info.Env(), "engine-failed", "there is no such slot in the vector index");
  }
  index_->remove(static_cast<std::size_t>(slot));
  report(info.Env());
  return info.Env().Undefined();
}

Napi::Value VectorIndexWrap::search(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto query = info[0].As<Napi::Float32Array>();
  if (query.ElementLength() != static_cast<std::size_t>(index_->dimension())) {
    throw toJsError(env, "model-mismatch", "the query must hold dimension numbers");
  }
  const auto matches = index_->search(query.Data(), info[1].As<Napi::Number>().Uint32Value(),
                                      info[2].As<Napi::Number>().Uint32Value());
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
