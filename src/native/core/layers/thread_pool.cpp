#include "layers/thread_pool.h"

#include <algorithm>

#if defined(WS_X86)
#include <immintrin.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace whospeaks {
namespace {

/// Layers follow each other within microseconds: a helper looks this often before it goes to sleep.
constexpr int kSpins = 4000;

using Clock = std::chrono::steady_clock;
/// A helper is late that keeps the caller waiting this much longer than the caller worked itself.
constexpr Clock::duration kGrace = std::chrono::microseconds(500);
/// How long the caller then works alone: at first, and at most where it happens again and again.
constexpr Clock::duration kFirstPause = std::chrono::milliseconds(20);
constexpr Clock::duration kLongestPause = std::chrono::milliseconds(1280);
/// Rounds in time after which a late one counts as the first again.
constexpr int kForgiven = 200;

void relax() {
#if defined(WS_X86)
  _mm_pause();
#elif defined(WS_NEON) && defined(__GNUC__)
  __asm__ volatile("yield");
#endif
}

#if defined(__linux__)
/// While it lives, a sleeping thread can be woken on any processor that it may run on but the caller's.
class Elsewhere {
 public:
  explicit Elsewhere(std::thread& thread) : thread_(thread.native_handle()) {
    const int here = sched_getcpu();
    if (here < 0 || here >= CPU_SETSIZE || pthread_getaffinity_np(thread_, sizeof allowed_, &allowed_) != 0) return;
    cpu_set_t others = allowed_;
    CPU_CLR(here, &others);
    changed_ = CPU_COUNT(&others) > 0 && pthread_setaffinity_np(thread_, sizeof others, &others) == 0;
  }
  ~Elsewhere() {
    if (changed_) pthread_setaffinity_np(thread_, sizeof allowed_, &allowed_);
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

 private:
  pthread_t thread_;
  cpu_set_t allowed_;
  bool changed_ = false;
};
#else
/// Only Linux says where threads run.
class Elsewhere {
 public:
  explicit Elsewhere(std::thread&) {}
};
#endif

}  // namespace

ThreadPool::ThreadPool(int threads)
    : shares_(new Share[static_cast<std::size_t>(threads)]), pause_(kFirstPause) {
  threads_ = threads;
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

std::string ThreadPool::describe() const {
  return std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads");
}

void ThreadPool::run(int count, Call call, const void* context) {
  const Clock::time_point start = Clock::now();
  if (start < aloneUntil_) {
    for (int i = 0; i < count; ++i) call(context, i, 0);
    return;
  }
  call_ = call;
  context_ = context;
  count_ = count;
  for (int i = 0; i < threads(); ++i) {
    shares_[i].next.store(static_cast<int>(static_cast<long long>(count) * i / threads()), std::memory_order_relaxed);
  }
  open_.store(true);
  announce();
  work(0);
  const Clock::time_point done = Clock::now();
  open_.store(false);
  for (int spins = 0; inside_.load() != 0; ++spins) {
    // A helper that lost its core in the middle of its work must get it back before this can end.
    if (spins < kSpins) {
      relax();
    } else {
      std::this_thread::yield();
    }
  }
  judge(done - start, Clock::now() - done);
}

void ThreadPool::judge(Clock::duration worked, Clock::duration waited) {
  if (waited <= worked + kGrace) {
    if (++inTime_ >= kForgiven) pause_ = kFirstPause;
    return;
  }
  inTime_ = 0;
  aloneUntil_ = Clock::now() + pause_;
  pause_ = std::min(2 * pause_, kLongestPause);
}

void ThreadPool::announce() {
  bool anyAsleep = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    anyAsleep = asleep_ > 0;
    round_.fetch_add(1);
  }
  if (!anyAsleep) return;
  // Linux may wake a thread on the processor of who wakes it, where it waits for that thread's time slice to end: on
  // virtual machines an idle processor counts as busy while the host has lent it to somebody else. A window is over
  // before the scheduler spreads the two.
  std::vector<std::unique_ptr<Elsewhere>> places;
  for (auto& helper : helpers_) places.push_back(std::make_unique<Elsewhere>(helper));
  wake_.notify_all();
}

void ThreadPool::work(int worker) {
  for (int turn = 0; turn < threads(); ++turn) {
    const int owner = (worker + turn) % threads();
    const int end = static_cast<int>(static_cast<long long>(count_) * (owner + 1) / threads());
    std::atomic<int>& next = shares_[owner].next;
    for (int i = next.fetch_add(1, std::memory_order_relaxed); i < end;
         i = next.fetch_add(1, std::memory_order_relaxed)) {
      call_(context_, i, worker);
    }
  }
}

void ThreadPool::help(int worker) {
  std::uint32_t seen = 0;
  for (;;) {
    for (int spins = 0; spins < kSpins && round_.load() == seen; ++spins) relax();
    if (round_.load() == seen) {
      std::unique_lock<std::mutex> lock(mutex_);
      ++asleep_;
      wake_.wait(lock, [&] { return stop_.load() || round_.load() != seen; });
      --asleep_;
      if (stop_.load()) return;
    }
    if (stop_.load()) return;
    seen = round_.load();
    inside_.fetch_add(1);
    if (open_.load()) work(worker);
    inside_.fetch_sub(1);
  }
}

}  // namespace whospeaks
