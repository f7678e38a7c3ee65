#include "harness.h"
#include "random_model.h"

using namespace whospeaks;

namespace {

std::string codeOf(const std::function<void()>& body) {
  try {
    body();
  } catch (const EngineError& error) {
    return error.code();
  }
  return "no error";
}

}  // namespace

TEST(absurdConfigsAreRefused) {
  const ResNetConfig configs[] = {
      {{0, 1, 1, 1}, 16, 80, 16}, {{1, 1, 1, 100000}, 16, 80, 16}, {{1, 1, 1, 1}, 0, 80, 16},
      {{1, 1, 1, 1}, 1 << 30, 80, 16}, {{1, 1, 1, 1}, 16, 81, 16}, {{1, 1, 1, 1}, 16, 80, 0},
      {{1, 1, 1, 1}, -5, 80, 16},
  };
  for (const auto& config : configs) {
    const auto code = codeOf([&] { describe(config); });
    CHECK(code == "model-shape", code);
  }
}

TEST(wrongWeightsAreRefused) {
  RandomModel model({{1, 2, 1, 1}, 8, 80, 16});
  for (const auto& entry : model.weights) {
    TensorMap without = model.weights;
    without.erase(entry.first);
    TensorMap changed = model.weights;
    changed[entry.first].shape.back() += 1;
    for (const auto& weights : {without, changed}) {
      const auto code = codeOf([&] { makeEngine("cpu", model.net.config, weights, {}); });
      CHECK(code == "model-shape", entry.first << ": " << code);
    }
  }
}

TEST(anEngineThatIsNotThereIsNamed) {
  RandomModel model({{1, 1, 1, 1}, 8, 80, 16});
  const auto code = codeOf([&] { makeEngine("tpu", model.net.config, model.weights, {}); });
  CHECK(code == "engine-unavailable", code);
  for (const auto& engine : listEngines()) {
    if (engine.reason.empty()) continue;
    const auto unavailable = codeOf([&] { makeEngine(engine.name, model.net.config, model.weights, {}); });
    CHECK(unavailable == "engine-unavailable", unavailable);
  }
}
