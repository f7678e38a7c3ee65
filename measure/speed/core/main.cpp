// Time of the cpu engine alone: core-bench [blocks=3,4,6,3] [channels=32] [frames=148] [batch=1] [threads=1]
// [repeats=30] [bf16=0] [int8=0] [cold=0] [rest=0]. Prints milliseconds a window: wall clock, CPU time of the calling thread, which
// other programs on the machine disturb less, and of all threads. cold=1 reads 128 MiB of other memory before every
// window, as a busy process would; rest=N sleeps N ms before it, as a live stream does.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>

#include "simd/kernels.h"
#include "random_model.h"

using namespace whospeaks;

namespace {

int option(int argc, char** argv, const std::string& name, int fallback) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.rfind(name + "=", 0) == 0) return std::atoi(argument.c_str() + name.size() + 1);
  }
  return fallback;
}

std::vector<int> blocksOption(int argc, char** argv) {
  std::vector<int> blocks{3, 4, 6, 3};
  for (int i = 1; i < argc; ++i) {
    std::sscanf(argv[i], "blocks=%d,%d,%d,%d", &blocks[0], &blocks[1], &blocks[2], &blocks[3]);
  }
  return blocks;
}

double wallMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

#if defined(CLOCK_THREAD_CPUTIME_ID)
double cpuMs(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}
double threadMs() { return cpuMs(CLOCK_THREAD_CPUTIME_ID); }
double processMs() { return cpuMs(CLOCK_PROCESS_CPUTIME_ID); }
#else
double threadMs() { return wallMs(); }
double processMs() { return wallMs(); }
#endif

void print(const char* name, std::vector<double> times, int batch) {
  std::sort(times.begin(), times.end());
  for (double& time : times) time /= batch;
  std::printf("  %s min %.2f median %.2f max %.2f ms a window\n", name, times.front(), times[times.size() / 2],
              times.back());
}

}  // namespace

int main(int argc, char** argv) {
  const int dimension = 256;
  RandomModel model(resnetConfig(blocksOption(argc, argv), option(argc, argv, "channels", 32), 80, dimension));
  const int frames = option(argc, argv, "frames", 148);
  const int batch = option(argc, argv, "batch", 1);
  const int threads = option(argc, argv, "threads", 1);
  const int repeats = option(argc, argv, "repeats", 30);
  const Precision precision = option(argc, argv, "bf16", 0) != 0   ? Precision::bf16
                              : option(argc, argv, "int8", 0) != 0 ? Precision::int8
                                                                   : Precision::fp32;
  const double start = wallMs();
  const auto engine = makeEngine("cpu", model.config, model.weights, {threads, precision});
  std::printf("%s, batch %d, %d frames, loaded in %.1f ms\n", engine->device().c_str(), batch, frames,
              wallMs() - start);
  const auto features = model.features(batch * frames * model.net.inputSize);
  std::vector<float> out(static_cast<std::size_t>(batch) * dimension);
  const CancelFlag cancel{false};
  std::vector<float> evict(option(argc, argv, "cold", 0) != 0 ? std::size_t{32} << 20 : 0);
  std::vector<double> wall;
  std::vector<double> cpu;
  std::vector<double> all;
  const int restMs = option(argc, argv, "rest", 0);
  for (int i = 0; i < repeats + 3; ++i) {
    for (std::size_t at = 0; at < evict.size(); at += 16) evict[at] += 1;
    if (restMs > 0) std::this_thread::sleep_for(std::chrono::milliseconds(restMs));
    const double wallStart = wallMs();
    const double cpuStart = threadMs();
    const double allStart = processMs();
    engine->run(features.data(), batch, frames, {out.data()}, cancel);
    if (i < 3) continue;
    wall.push_back(wallMs() - wallStart);
    cpu.push_back(threadMs() - cpuStart);
    all.push_back(processMs() - allStart);
  }
  print("wall", wall, batch);
  print("cpu ", cpu, batch);
  print("all ", all, batch);
}
