#include "layers/thread_pool.h"

#include "harness.h"

#if defined(__linux__)
#include <sched.h>
#endif

using whospeaks::ThreadPool;

TEST(everyIndexRunsOnce) {
  for (const int threads : {1, 2, 7}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 300; ++round) {
      const int count = round % 17;
      std::vector<int> runs(17, 0);
      pool.parallelFor(count, [&](int i, int worker) { runs[i] += worker < threads ? 1 : 100; });
      for (int i = 0; i < 17; ++i) CHECK(runs[i] == (i < count ? 1 : 0), "index " << i << ": " << runs[i]);
    }
  }
}

TEST(poolsStopWhileTheirHelpersSleepOrSpin) {
  for (int round = 0; round < 50; ++round) {
    ThreadPool pool(3);
    if (round % 2 == 0) pool.parallelFor(4, [](int, int) {});
    if (round % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(theCallerWorksAloneForAWhileWhereAHelperIsLate) {
  ThreadPool pool(2);
  const auto helped = [&](int helperMs) {
    std::atomic<int> byHelper{0};
    pool.parallelFor(8, [&](int, int worker) {
      if (worker == 1) byHelper.fetch_add(1);
      std::this_thread::sleep_for(std::chrono::milliseconds(worker == 1 ? helperMs : 1));
    });
    return byHelper > 0;
  };
  int late = 0;
  bool alone = false;
  bool again = false;
  for (int round = 0; round < 200 && !(alone && again); ++round) {
    if (helped(40)) {
      ++late;
      if (!helped(1)) alone = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    if (alone && helped(1)) again = true;
  }
  CHECK(alone, "the helper was late " << late << " times, and asked again each time");
  CHECK(again, "the helper was never asked again");
}

#if defined(__linux__)
/// Processors that this thread may run on.
static int allowedProcessors() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

TEST(helpersThatSleptMayRunEverywhereAgain) {
  const int all = allowedProcessors();
  ThreadPool pool(3);
  for (int round = 0; round < 10; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::atomic<int> restricted{0};
    pool.parallelFor(64, [&](int, int) {
      // The caller gives a helper its processors back before it begins to work itself.
      for (int waited = 0; waited < 2000 && allowedProcessors() != all; ++waited) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      if (allowedProcessors() != all) restricted.fetch_add(1);
    });
    CHECK(restricted == 0, restricted << " of 64 ran on a thread that may not run on all processors");
  }
}
#endif
