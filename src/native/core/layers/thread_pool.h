// Helper threads for one caller: parallelFor and nothing else.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
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

  int threads() const { return threads_; }
  /// "1 thread", "4 threads".
  std::string describe() const;

  /// Calls body(i, worker) for i in [0, count) on all threads, thread w beginning with the w-th part of them;
  /// returns when all are done. Where helpers were late the caller works alone for a while.
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
  /// Decides whether the caller is better off alone for a while: it is where a helper shares its core with another
  /// program, for what the helper began cannot be finished before it gets that core back.
  void judge(std::chrono::steady_clock::duration worked, std::chrono::steady_clock::duration waited);
  /// Tells the helpers of the job; wakes those that sleep.
  void announce();
  void work(int worker);
  void help(int worker);

  int threads_ = 1;
  std::chrono::steady_clock::time_point aloneUntil_{};
  std::vector<std::thread> helpers_;
  // The job. Written only while it is closed and nobody is inside.
  Call call_ = nullptr;
  const void* context_ = nullptr;
  int count_ = 0;
  /// Each thread has a share of the indices, the same from job to job, so that a part of an image stays in its
  /// core's cache; who is done with his own helps the others.
  struct alignas(64) Share {
    std::atomic<int> next{0};
  };
  std::unique_ptr<Share[]> shares_;
  std::chrono::steady_clock::duration pause_;
  int inTime_ = 0;
  /// A helper enters (inside_ + 1), looks whether the job is open, and leaves again if not; the caller closes
  /// the job and waits until nobody is inside. So a helper that sleeps or has lost its core is not waited for.
  std::atomic<bool> open_{false};
  std::atomic<int> inside_{0};
  std::atomic<std::uint32_t> round_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  /// Helpers that wait for `wake_`; guarded by `mutex_`.
  int asleep_ = 0;
  std::condition_variable wake_;
};

}  // namespace whospeaks
