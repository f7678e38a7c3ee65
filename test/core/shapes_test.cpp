#include "harness.h"
#include "random_model.h"

using namespace whospeaks;

TEST(absurdConfigsAreRefused) {
  const NetworkConfig configs[] = {
      resnetConfig({0, 1, 1, 1}, 16, 80, 16),      resnetConfig({1, 1, 1, 100000}, 16, 80, 16),
      resnetConfig({1, 1, 1}, 16, 80, 16),         resnetConfig({1, 1, 1, 1}, 0, 80, 16),
      resnetConfig({1, 1, 1, 1}, 1 << 30, 80, 16), resnetConfig({1, 1, 1, 1}, 16, 81, 16),
      resnetConfig({1, 1, 1, 1}, 16, 80, 0),       resnetConfig({1, 1, 1, 1}, -5, 80, 16),
      resnetConfig({1, 1, 1, 1}, 16, 80, 16, 2),   {"resnet", {{"channels", {16}}}},
      with(resnetConfig({1, 1, 1, 1}, 16, 80, 16), {{"block", 3}}),
      with(resnetConfig({1, 1, 1, 1}, 16, 80, 16), {{"pooling", 1}}),
      with(resnetConfig({1, 1, 1, 1}, 16, 80, 16), {{"attention", 8}}),
      {"transformer", {}},
  };
  for (const auto& config : configs) {
    const auto code = codeOf([&] { describe(config); });
    CHECK(code == "model-shape", code);
  }
}

TEST(wrongWeightsAreRefused) {
  RandomModel model(with(resnetConfig({1, 2, 1, 1}, 8, 80, 16, 1),
                         {{"block", 1}, {"pooling", 1}, {"attention", 8}, {"hidden", 4}}));
  for (const auto& entry : model.weights) {
    TensorMap without = model.weights;
    without.erase(entry.first);
    TensorMap changed = model.weights;
    changed[entry.first].shape.back() += 1;
    for (const auto& weights : {without, changed}) {
      const auto code = codeOf([&] { makeEngine("cpu", model.config, weights, {}); });
      CHECK(code == "model-shape", entry.first << ": " << code);
    }
  }
}

TEST(anEngineThatIsNotThereIsNamed) {
  RandomModel model(resnetConfig({1, 1, 1, 1}, 8, 80, 16));
  const auto code = codeOf([&] { makeEngine("tpu", model.config, model.weights, {}); });
  CHECK(code == "engine-unavailable", code);
  for (const auto& engine : listEngines()) {
    if (engine.reason.empty()) continue;
    const auto unavailable = codeOf([&] { makeEngine(engine.name, model.config, model.weights, {}); });
    CHECK(unavailable == "engine-unavailable", unavailable);
  }
}

TEST(aNetworkIsCutBetweenItsResolutions) {
  const Network net = describe(resnetConfig({2, 1, 3, 1}, 16, 80, 32, 1));
  const auto parts = partsOf(net);
  // The stem with the first stage, the three others, and what reads the pooled statistics; of Bottlenecks too.
  CHECK(partsOf(describe(with(resnetConfig({2, 1, 3, 1}, 16, 80, 32), {{"block", 1}}))).size() == 5, "Bottlenecks");
  CHECK(parts.size() == 5, parts.size() << " parts");
  CHECK(parts.front().first == 0 && parts.front().from == kInput, "the first part begins elsewhere");
  for (std::size_t i = 1; i < parts.size(); ++i) {
    CHECK(parts[i].first == parts[i - 1].last && parts[i].from == net.steps[parts[i].first].from, "part " << i);
  }
  CHECK(parts.back().last == net.steps.size() && net.steps.size() - parts.back().first == 3, "the last part");
}

TEST(aNetworkIsNotCutWhereAValueWaitsToBeAddedTo) {
  const ConvSpec plain{"a", 16, 16, 3, 1};
  const ConvSpec halving{"b", 16, 16, 3, 2};
  const ConvSpec adding{"c", 16, 16, 3, 1, true, true};
  Network net{16, 9, 6000, 4, {{plain, 0, 1}, {plain, 1, 2}, {halving, 2, 3}, {adding, 3, 1}}, {{"out", 1}}};
  CHECK(partsOf(net).size() == 1, partsOf(net).size() << " parts");
  std::get<ConvSpec>(net.steps.back().layer).add = false;
  CHECK(partsOf(net).size() == 2, partsOf(net).size() << " parts");
}

TEST(onlyTheInputAndUnrectifiedSumsMayBeNegative) {
  const Network net = describe(with(resnetConfig({1, 1, 1, 1}, 16, 80, 32), {{"block", 2}}));
  for (std::size_t i = 0; i < net.steps.size(); ++i) {
    if (!std::holds_alternative<ConvSpec>(net.steps[i].layer)) continue;
    CHECK(readsRectified(net, i) == (net.steps[i].from != kInput), "step " << i);
  }
}

TEST(theLeastWindowLeavesTwoStepsToThePooling) {
  const Network net = describe(resnetConfig({1, 1, 1, 1}, 16, 80, 32));
  const auto width = [&](int frames) {
    for (const Step& step : net.steps) {
      if (std::holds_alternative<StatisticsSpec>(step.layer)) return shapesOf(net, frames)[step.from].width;
    }
    return 0;
  };
  CHECK(width(net.leastFrames) == 2 && width(net.leastFrames - 1) == 1, width(net.leastFrames));
}

TEST(theListsOfEnginesAgree) {
  const auto names = engineNames();
  const auto engines = listEngines();
  CHECK(names.size() == engines.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) CHECK(names[i] == engines[i].name, engines[i].name);
}
