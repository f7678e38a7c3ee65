// A thread of its own for MLX: streams, compiled functions and the arrays bound to them belong to the thread
// that made them, while an engine is called from whichever thread of Node's pool is free.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace whospeaks {

class Worker {
 public:
  Worker();
  /// Waits for the job that runs.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Runs `job` on the thread, waits for it, and throws what it threw. One caller at a time.
  void run(const std::function<void()>& job);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* job_ = nullptr;
  std::exception_ptr fault_;
  bool done_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace whospeaks
