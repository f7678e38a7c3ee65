// One piece of work off the event loop that settles a promise.
#pragma once

#include <napi.h>

#include <functional>

namespace whospeaks {

/// `execute` runs on a thread of Node's pool and touches no JavaScript; `result` then makes the promise's
/// value on the JavaScript thread. An exception of either rejects the promise: an EngineError with its code.
/// Node waits for running work before it tears an environment down, and by then calls into JavaScript fail;
/// such failures are of no interest to anybody, so they are dropped.
Napi::Promise runAsync(Napi::Env env, const char* name, std::function<void()> execute,
                       std::function<Napi::Value(Napi::Env)> result);

/// A JavaScript error with a stable `code`.
Napi::Error toJsError(Napi::Env env, const char* code, const char* message);

}  // namespace whospeaks
