#include <cstdio>
#include <thread>

#include "engines/reference/reference.h"
#include "harness.h"
#include "layers/masked_pooling.h"
#include "networks/resnet.h"
#include "random_model.h"

using namespace whospeaks;

namespace {

std::unique_ptr<Engine> cpu(const RandomModel& model, int threads) {
  return makeEngine("cpu", model.config, model.weights, {threads, Precision::fp32});
}

/// The engine's outputs of a batch against the reference's, window by window.
Difference worst(RandomModel& model, Engine& engine, int batch, int frames) {
  const int window = frames * model.net.inputSize;
  const auto features = model.features(batch * window);
  const auto outputs = runEngine(engine, features.data(), batch, frames);
  Difference result{1, 0};
  for (int i = 0; i < batch; ++i) {
    const auto expected = referenceRun(model.net, model.weights, features.data() + i * window, frames);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      const int size = static_cast<int>(expected[k].size());
      const auto difference = compare(expected[k].data(), outputs[k].data() + i * size, size);
      result.cosine = std::min(result.cosine, difference.cosine);
      result.greatest = std::max(result.greatest, difference.greatest);
    }
  }
  return result;
}

void expectClose(RandomModel& model, Engine& engine, int batch, int frames) {
  const auto difference = worst(model, engine, batch, frames);
  CHECK(difference.cosine >= 0.99999 && difference.greatest <= 1e-3,
        "batch " << batch << ", frames " << frames << ": cosine " << difference.cosine << ", difference "
                 << difference.greatest);
}

}  // namespace

// Sanitizers and emulators are slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__aarch64__)
constexpr bool kSlow = true;
#else
constexpr bool kSlow = false;
#endif

TEST(everyFrameCountMatchesTheReference) {
  // Few mel bins: the time axis is what changes.
  RandomModel model(resnetConfig({1, 1, 1, 1}, 16, 8, 20));
  const auto engine = cpu(model, 1);
  for (int frames = model.net.leastFrames; frames <= 600; frames += kSlow ? 73 : 1) expectClose(model, *engine, 1, frames);
}

TEST(channelsThatFillNoVectorMatch) {
  for (const int channels : {1, 5, 16, 24, 32, 48}) {
    RandomModel model(resnetConfig({1, kSlow ? 1 : 2, 1, 1}, channels, kSlow ? 8 : 24, 7));
    const auto engine = cpu(model, 2);
    expectClose(model, *engine, 2, 37);
  }
}

TEST(everyMemberOfTheFamilyMatches) {
  for (const int block : {0, 1, 2}) {
    for (const int pooling : {0, 1, 2}) {
      for (const int channels : {8, 24}) {
        const auto plain = resnetConfig({2, kSlow ? 1 : 2, 1, 2}, channels, kSlow ? 8 : 24, 20, 1);
        RandomModel model(with(plain, {{"block", block},
                                       {"pooling", pooling},
                                       {"attention", pooling == 0 ? 0 : 20},
                                       {"hidden", block == 1 ? 12 : 0}}));
        const auto engine = cpu(model, 2);
        for (const int frames : {9, 61}) expectClose(model, *engine, 2, frames);
      }
    }
  }
}

TEST(masksOfOnesGiveThePoolingItself) {
  for (const int pooling : {0, 1, 2}) {
    const auto config = with(resnetConfig({1, 1, 1, 1}, 8, 24, 20),
                             {{"pooling", pooling}, {"attention", pooling == 0 ? 0 : 20}, {"hidden", 12}});
    RandomModel model(config);
    NetworkConfig maps = config;
    maps.name = "resnet-features";
    const int frames = 77;
    const int width = 10;
    const int rows = 3;
    const int channels = 64;
    const auto features = model.features(frames * 24);
    const auto found = referenceRun(describe(maps), model.weights, features.data(), frames)[0];
    std::vector<float> columns;
    for (int t = 0; t < width; ++t) {
      for (int h = 0; h < rows; ++h) {
        const auto from = found.begin() + (h * width + t) * channels;
        columns.insert(columns.end(), from, from + channels);
      }
    }
    // Ones, ones beside steps of another sound that weigh nothing, and nothing at all.
    std::vector<float> masks(3 * 2 * width, 0.0f);
    std::fill_n(masks.begin(), width, 1.0f);
    std::fill_n(masks.begin() + 2 * width, width, 1.0f);
    columns.resize(columns.size() * 2, 3.0f);
    MaskedPooling pooled(poolingOf(config), embeddingOf(config), model.weights);
    std::vector<float> embeddings(3 * 20);
    pooled.run(columns.data(), 2 * width, masks.data(), 3, embeddings.data());
    const auto expected = referenceRun(model.net, model.weights, features.data(), frames)[0];
    for (const int mask : {0, 1}) {
      const auto difference = compare(expected.data(), embeddings.data() + mask * 20, 20);
      CHECK(difference.cosine >= 0.99999, "pooling " << pooling << ", mask " << mask << ": " << difference.cosine);
    }
    for (int i = 40; i < 60; ++i) CHECK(std::isfinite(embeddings[i]), "pooling " << pooling);
  }
}

TEST(batchesAndThreadsMatch) {
  RandomModel model(resnetConfig({2, 1, 1, 2}, 16, kSlow ? 16 : 40, 32));
  for (const int threads : {1, 2, 5}) {
    const auto engine = cpu(model, threads);
    for (const int batch : {1, 3, 5}) expectClose(model, *engine, batch, 9 + batch * 5);
  }
}

TEST(resnet34Matches) {
  RandomModel model(kSlow ? resnetConfig({1, 1, 1, 1}, 32, 40, 256) : resnetConfig({3, 4, 6, 3}, 32, 80, 256));
  const auto engine = cpu(model, 2);
  const auto difference = worst(model, *engine, 1, 61);
  std::printf("     ResNet34, 61 frames: 1 - cosine %.2e, greatest difference %.2e\n", 1 - difference.cosine,
              difference.greatest);
  if (!kSlow) expectClose(model, *engine, 1, 148);
}

namespace {

void expectCloseOrUnavailable(Precision precision, double leastCosine) {
  for (const int channels : {16, 24, 32}) {
    RandomModel model(resnetConfig({2, 1, 2, 1}, channels, kSlow ? 16 : 40, 64));
    std::unique_ptr<Engine> engine;
    try {
      engine = makeEngine("cpu", model.config, model.weights, {2, precision});
    } catch (const EngineError& error) {
      CHECK(std::string(error.code()) == "engine-unavailable", error.code());
      std::printf("     %s\n", error.what());
      return;
    }
    for (const int frames : kSlow ? std::vector<int>{9, 33} : std::vector<int>{9, 16, 33, 61, 148, 70}) {
      const auto difference = worst(model, *engine, 2, frames);
      CHECK(difference.cosine >= leastCosine,
            channels << " channels, " << frames << " frames: 1 - cosine " << 1 - difference.cosine);
    }
  }
}

}  // namespace

TEST(bf16IsCloseOrSaysThatItCannotBe) { expectCloseOrUnavailable(Precision::bf16, 0.9998); }

TEST(int8IsCloseOrSaysThatItCannotBe) { expectCloseOrUnavailable(Precision::int8, 0.999); }

TEST(reducedPrecisionHoldsForTheFamilyOrSaysThatItCannot) {
  for (const Precision precision : {Precision::bf16, Precision::int8}) {
    for (const int block : {1, 2}) {
      RandomModel model(with(resnetConfig({1, 1, 2, 1}, 16, kSlow ? 16 : 40, 64), {{"block", block}}));
      try {
        const auto engine = makeEngine("cpu", model.config, model.weights, {2, precision});
        const auto difference = worst(model, *engine, 2, 61);
        CHECK(difference.cosine >= 0.999, "block " << block << ": 1 - cosine " << 1 - difference.cosine);
      } catch (const EngineError& error) {
        CHECK(std::string(error.code()) == "engine-unavailable", error.code());
        std::printf("     %s\n", error.what());
      }
    }
  }
}

TEST(everyOutputMatches) {
  RandomModel model(resnetConfig({1, 1, 1, 1}, 16, 24, 20, 1));
  const auto engine = cpu(model, 2);
  CHECK(model.net.outputs.size() == 2, model.net.outputs.size() << " outputs");
  const auto features = model.features(2 * 30 * 24);
  const auto outputs = runEngine(*engine, features.data(), 2, 30);
  CHECK(outputs[0].size() == 2 * 20 && outputs[1].size() == 2, outputs[0].size() << " and " << outputs[1].size());
  for (int i = 0; i < 2; ++i) {
    const auto expected = referenceRun(model.net, model.weights, features.data() + i * 30 * 24, 30);
    CHECK(std::abs(expected[1][0] - outputs[1][i]) < 1e-4, expected[1][0] << " and " << outputs[1][i]);
  }
  expectClose(model, *engine, 3, 30);
}

TEST(lengthsMayAlternate) {
  RandomModel model(resnetConfig({1, 1, 1, 1}, 16, kSlow ? 16 : 80, 16));
  const auto engine = cpu(model, 2);
  for (const int frames : {148, 30, 148, 200, 9}) expectClose(model, *engine, 2, frames);
}

TEST(windowsOfWrongSizeAreRefused) {
  RandomModel model(resnetConfig({1, 1, 1, 1}, 16, 80, 16));
  const auto engine = cpu(model, 1);
  const CancelFlag cancel{false};
  float out[16];
  for (const int frames : {-1, 0, model.net.leastFrames - 1, model.net.mostFrames + 1}) {
    bool refused = false;
    try {
      engine->run(nullptr, 1, frames, {out}, cancel);
    } catch (const EngineError& error) {
      refused = std::string(error.code()) == "engine-failed";
    }
    CHECK(refused, frames << " frames");
  }
}

TEST(workInFlightCanBeCancelled) {
  RandomModel model(resnetConfig({4, 4, 4, 4}, 16, 80, 64));
  const auto engine = cpu(model, 2);
  CancelFlag cancel{false};
  const auto features = model.features(128 * 150 * 80);
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    cancel = true;
  });
  bool closed = false;
  try {
    runEngine(*engine, features.data(), 128, 150, cancel);
  } catch (const EngineError& error) {
    closed = std::string(error.code()) == "engine-closed";
  }
  stopper.join();
  CHECK(closed, "the call ran to its end");
}

TEST(enginesMayRunSideBySide) {
  RandomModel model(resnetConfig({1, 1, 1, 1}, 16, 80, 16));
  const auto features = model.features(50 * 80);
  const auto expected = referenceRun(model.net, model.weights, features.data(), 50)[0];
  std::vector<double> cosines(4);
  std::vector<std::thread> threads;
  for (auto& cosine : cosines) {
    threads.emplace_back([&] {
      const auto engine = cpu(model, 2);
      for (int i = 0; i < 20; ++i) {
        cosine = compare(expected.data(), runEngine(*engine, features.data(), 1, 50)[0].data(), 16).cosine;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const double cosine : cosines) CHECK(cosine >= 0.99999, cosine);
}
