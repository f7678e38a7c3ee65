#include "cpu/thread_pool.h"

#include "harness.h"

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
