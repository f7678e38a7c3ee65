// How JavaScript calls the core in WebAssembly: plain C functions on handles and memory of the module. What the N-API
// layer (../addon) does with values of JavaScript, src/browser/engine does on the other side of these functions.
#pragma once

#include <exception>
#include <new>
#include <string>

#include "error.h"

/// Kept by the linker, under its own name.
#define WS_EXPORT extern "C" __attribute__((used, visibility("default")))

namespace whospeaks {

/// The last error of a call that gave null or false, until the next one.
struct LastError {
  std::string code;
  std::string message;
};
LastError& lastError();

/// Runs `body`; an exception becomes the last error, and the value given is `failed`.
template <class Result, class Body>
Result guarded(Result failed, const Body& body) {
  try {
    return body();
  } catch (const EngineError& error) {
    lastError() = {error.code(), error.what()};
  } catch (const std::bad_alloc&) {
    lastError() = {"engine-failed", "not enough memory in this page for this window; take fewer frames at once"};
  } catch (const std::exception& error) {
    lastError() = {"engine-failed", error.what()};
  }
  return failed;
}

}  // namespace whospeaks
