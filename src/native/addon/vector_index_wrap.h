// The JavaScript object around one vector index. See src/native/addon.ts for the types.
#pragma once

#include <napi.h>

#include <memory>

#include "search/vector_index.h"

namespace whospeaks {

class VectorIndexWrap : public Napi::ObjectWrap<VectorIndexWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit VectorIndexWrap(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

 private:
  Napi::Value add(const Napi::CallbackInfo& info);
  Napi::Value remove(const Napi::CallbackInfo& info);
  Napi::Value search(const Napi::CallbackInfo& info);
  Napi::Value size(const Napi::CallbackInfo& info);
  Napi::Value bytes(const Napi::CallbackInfo& info);
  /// Tells the garbage collector what the index holds now.
  void report(Napi::BasicEnv env);

  std::unique_ptr<VectorIndex> index_;
  std::int64_t reported_ = 0;
};

/// createVectorIndex(dimension) -> VectorIndexWrap
Napi::Value createVectorIndex(const Napi::CallbackInfo& info);

}  // namespace whospeaks
