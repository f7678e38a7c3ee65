// Helper threads for one caller: parallelFor and nothing else.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace whospeaks {

class ThreadPool {
 public:
  /// `threads` includes the caller of parallelFor.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(helpers_.size()) + 1; }

  /// Calls body(i, worker) for i in [0, count), in any order, on all threads; returns when all are done.
  /// `worker` is 0 to threads() - 1. `body` must not throw.
  template <class Body>
  void parallelFor(int count, const Body& body) {
    if (helpers_.empty() || count <= 1) {
      for (int i = 0; i < count; ++i) body(i, 0);
      return;
    }
    run(count, [](const void* context, int i, int worker) { (*static_cast<const Body*>(context))(i, worker); },
        &body);
  }

 private:
  using Call = void (*)(const void* context, int index, int worker);
  void run(int count, Call call, const void* context);
  void work(int worker);
  void help(int worker);

  std::vector<std::thread> helpers_;
  // The job. Written only while it is closed and nobody is inside.
  Call call_ = nullptr;
  const void* context_ = nullptr;
  int count_ = 0;
  std::atomic<int> next_{0};
  /// A helper enters (inside_ + 1), looks whether the job is open, and leaves again if not; the caller closes
  /// the job and waits until nobody is inside. So a helper that sleeps or has lost its core is not waited for.
  std::atomic<bool> open_{false};
  std::atomic<int> inside_{0};
  std::atomic<std::uint32_t> round_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
};

}  // namespace whospeaks
