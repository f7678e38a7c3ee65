#include <cmath>
#include <cstdio>
#include <string>

#include "engines/reference/reference.h"
#include "harness.h"
#include "layers/mirrored_conv1d.h"
#include "random_model.h"

using namespace whospeaks;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__aarch64__)
constexpr bool kSlow = true;
#else
constexpr bool kSlow = false;
#endif

NetworkConfig pyannetConfig(int filters, int channels, int units, int layers, int linear, int classes) {
  return {"pyannet",
          {{"filters", {filters}},
           {"channels", {channels}},
           {"units", {units}},
           {"layers", {layers}},
           {"linear", {linear}},
           {"classes", {classes}}}};
}

std::unique_ptr<Engine> cpu(const RandomModel& model, int threads) {
  return makeEngine("cpu", model.config, model.weights, {threads, Precision::fp32});
}

/// Greatest difference of a log-probability from the reference's.
void expectClose(RandomModel& model, Engine& engine, int batch, int samples) {
  const auto input = model.features(batch * samples);
  const auto outputs = runEngine(engine, input.data(), batch, samples);
  double greatest = 0;
  for (int i = 0; i < batch; ++i) {
    const auto expected = referenceRun(model.net, model.weights, input.data() + i * samples, samples)[0];
    for (std::size_t k = 0; k < expected.size(); ++k) {
      greatest = std::max(greatest, std::abs(static_cast<double>(expected[k]) - outputs[0][i * expected.size() + k]));
    }
  }
  CHECK(greatest <= 1e-4, "batch " << batch << ", " << samples << " samples: difference " << greatest);
}

}  // namespace

TEST(everyNumberOfFramesMatches) {
  RandomModel model(pyannetConfig(16, 16, 16, 1, 16, 7));
  const auto engine = cpu(model, 1);
  for (int samples = model.net.leastFrames; samples < model.net.leastFrames + 600; samples += kSlow ? 270 : 31) {
    expectClose(model, *engine, 1, samples);
  }
}

TEST(sizesThatFillNoVectorMatch) {
  RandomModel model(pyannetConfig(20, 12, 48, 2, 24, 5));
  expectClose(model, *cpu(model, 2), 2, 4000);
}

TEST(batchesOfWindowsShareTheirSteps) {
  RandomModel model(pyannetConfig(16, 16, 32, 2, 16, 7));
  for (const int threads : {1, 2, 5}) {
    const auto engine = cpu(model, threads);
    for (const int batch : {1, 2, 5, 6, 7, 13}) expectClose(model, *engine, batch, 3000 + 100 * batch);
  }
}

TEST(fullSizeMatches) {
  RandomModel model(kSlow ? pyannetConfig(16, 16, 32, 4, 16, 7) : pyannetConfig(80, 60, 128, 4, 128, 7));
  expectClose(model, *cpu(model, 2), 1, kSlow ? 5000 : 32000);
}

TEST(silenceAndAConstantMatch) {
  RandomModel model(pyannetConfig(16, 16, 16, 1, 16, 7));
  const auto engine = cpu(model, 1);
  for (const float value : {0.0f, 0.5f}) {
    const std::vector<float> input(5000, value);
    const auto outputs = runEngine(*engine, input.data(), 1, 5000)[0];
    const auto expected = referenceRun(model.net, model.weights, input.data(), 5000)[0];
    for (std::size_t k = 0; k < expected.size(); ++k) {
      CHECK(std::abs(expected[k] - outputs[k]) <= 1e-4, value << ": " << expected[k] << " and " << outputs[k]);
    }
  }
}

TEST(mirroredFiltersMatch) {
  // Even ones and odd ones in any numbers, so that a panel holds both, one kind, or few.
  for (const auto& [filters, evens] : {std::pair{16, 16}, {16, 0}, {80, 40}, {20, 7}, {33, 32}}) {
    RandomModel model(pyannetConfig(filters, 16, 16, 1, 16, 7));
    const TensorView& weight = model.weights.at("filters.weight");
    std::vector<float> mirrored(weight.data, weight.data + filters * 251);
    for (int o = 0; o < filters; ++o) {
      float* filter = mirrored.data() + o * 251;
      for (int k = 0; k < 125; ++k) filter[250 - k] = o < evens ? filter[k] : -filter[k];
      if (o >= evens) filter[125] = 0;
    }
    model.weights["filters.weight"].data = mirrored.data();
    CHECK(MirroredConv1d::fits({"filters", 1, filters, 251, 10, false}, model.weights), filters << ", " << evens);
    for (const int threads : {1, 3}) expectClose(model, *cpu(model, threads), 2, 5000);
    mirrored[3] += 1;
    CHECK(!MirroredConv1d::fits({"filters", 1, filters, 251, 10, false}, model.weights), "one tap is another");
  }
}

TEST(framesAreCounted) {
  const Network net = describe(pyannetConfig(80, 60, 128, 4, 128, 7));
  for (const auto& [samples, frames] : {std::pair{160000, 589}, {1261, 2}, {1530, 2}, {1531, 3}}) {
    const Shape shape = shapesOf(net, samples)[static_cast<std::size_t>(net.outputs[0].place)];
    CHECK(shape.width == frames && shape.channels == 7, samples << " samples: " << shape.width << " frames");
  }
}

TEST(reducedPrecisionIsRefused) {
  RandomModel model(pyannetConfig(16, 16, 16, 1, 16, 7));
  for (const Precision precision : {Precision::bf16, Precision::int8, Precision::fp16}) {
    std::string code;
    try {
      makeEngine("cpu", model.config, model.weights, {1, precision});
    } catch (const EngineError& error) {
      code = error.code();
    }
    CHECK(code == "engine-unavailable", code);
  }
}
