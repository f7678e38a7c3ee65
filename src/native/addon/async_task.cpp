#include "async_task.h"

#include <memory>
#include <string>

#include "engines/engine.h"

namespace whospeaks {
namespace {

struct Task {
  napi_env env;
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  std::function<void()> execute;
  std::function<Napi::Value(Napi::Env)> result;
  std::string code;
  std::string message;
  bool failed = false;

  void fail(const char* errorCode, const char* text) {
    failed = true;
    code = errorCode;
    message = text;
  }
};

void onExecute(napi_env, void* data) {
  auto* task = static_cast<Task*>(data);
  try {
    task->execute();
  } catch (const EngineError& error) {
    task->fail(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    task->fail("engine-failed", "not enough memory for this window; embed fewer frames at once");
  } catch (const std::exception& error) {
    task->fail("engine-failed", error.what());
  }
}

void onComplete(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<Task> task(static_cast<Task*>(data));
  const Napi::HandleScope scope(env);
  napi_delete_async_work(env, task->work);
  if (status == napi_cancelled) task->fail("engine-closed", "the engine was closed");
  try {
    if (!task->failed) {
      napi_resolve_deferred(env, task->deferred, task->result(env));
      return;
    }
    napi_reject_deferred(env, task->deferred, toJsError(env, task->code.c_str(), task->message.c_str()).Value());
  } catch (const std::exception&) {
    // The environment is going away, or has no memory left for the result.
  }
}

}  // namespace

Napi::Error toJsError(Napi::Env env, const char* code, const char* message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

Napi::Promise runAsync(Napi::Env env, const char* name, std::function<void()> execute,
                       std::function<Napi::Value(Napi::Env)> result) {
  auto task = std::make_unique<Task>();
  task->env = env;
  task->execute = std::move(execute);
  task->result = std::move(result);
  napi_value promise = nullptr;
  const auto check = [&](napi_status status) {
    if (status != napi_ok) throw Napi::Error::New(env);
  };
  check(napi_create_promise(env, &task->deferred, &promise));
  const Napi::String label = Napi::String::New(env, name);
  check(napi_create_async_work(env, nullptr, label, onExecute, onComplete, task.get(), &task->work));
  check(napi_queue_async_work(env, task->work));
  task.release();
  return Napi::Promise(env, promise);
}

}  // namespace whospeaks
