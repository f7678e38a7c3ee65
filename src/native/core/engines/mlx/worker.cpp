#include "engines/mlx/worker.h"

#include <utility>

namespace whospeaks {

Worker::Worker() : thread_([this] { loop(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Worker::run(const std::function<void()>& job) {
  std::unique_lock<std::mutex> lock(mutex_);
  job_ = &job;
  done_ = false;
  changed_.notify_all();
  changed_.wait(lock, [this] { return done_; });
  if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
}

void Worker::loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || job_ != nullptr; });
    if (job_ == nullptr) return;
    const std::function<void()>& job = *std::exchange(job_, nullptr);
    lock.unlock();
    std::exception_ptr fault;
    try {
      job();
    } catch (...) {
      fault = std::current_exception();
    }
    lock.lock();
    fault_ = std::move(fault);
    done_ = true;
    changed_.notify_all();
  }
}

}  // namespace whospeaks
