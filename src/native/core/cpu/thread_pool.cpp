#include "thread_pool.h"

#if defined(WS_X86)
#include <immintrin.h>
#endif

namespace whospeaks {
namespace {

/// Layers follow each other within microseconds: a helper looks this often before it goes to sleep.
constexpr int kSpins = 4000;

void relax() {
#if defined(WS_X86)
  _mm_pause();
#elif defined(WS_NEON) && defined(__GNUC__)
  __asm__ volatile("yield");
#endif
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  for (int worker = 1; worker < threads; ++worker) helpers_.emplace_back([this, worker] { help(worker); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (auto& helper : helpers_) helper.join();
}

void ThreadPool::run(int count, Call call, const void* context) {
  call_ = call;
  context_ = context;
  count_ = count;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<int>(helpers_.size()), std::memory_order_relaxed);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    round_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  work(0);
  for (int spins = 0; busy_.load(std::memory_order_acquire) != 0; ++spins) {
    // A helper that lost its core must get it back before this can end.
    if (spins < kSpins) {
      relax();
    } else {
      std::this_thread::yield();
    }
  }
}

void ThreadPool::work(int worker) {
  for (int i = next_.fetch_add(1, std::memory_order_relaxed); i < count_;
       i = next_.fetch_add(1, std::memory_order_relaxed)) {
    call_(context_, i, worker);
  }
}

void ThreadPool::help(int worker) {
  std::uint32_t seen = 0;
  for (;;) {
    for (int spins = 0; spins < kSpins && round_.load(std::memory_order_acquire) == seen; ++spins) relax();
    if (round_.load(std::memory_order_acquire) == seen) {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return stop_.load() || round_.load(std::memory_order_acquire) != seen; });
      if (round_.load(std::memory_order_acquire) == seen) return;
    }
    ++seen;
    work(worker);
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace whospeaks
