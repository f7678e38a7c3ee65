#include "networks/resnet.h"

#include "error.h"
#include "networks/sizes.h"

namespace whospeaks {
namespace {

constexpr int kStages = 4;
/// Three stages halve time (rounding up) and the unbiased variance needs two steps.
constexpr int kLeastFrames = 9;
/// One minute; bounds the memory that one call can ask for (256 MB for ResNet34 with 32 channels).
constexpr int kMostFrames = 6000;

/// The value that goes from block to block of a stage, and the one between a block's two convolutions.
constexpr int carry(int stage) { return 1 + 2 * stage; }
constexpr int inner(int stage) { return 2 + 2 * stage; }
constexpr int kStatistics = 1 + 2 * kStages;

/// relu(conv2(relu(conv1(x))) + shortcut(x)); where the shape stays, x lies in the place that conv2 adds to already.
void addBlock(Network& net, const std::string& name, int from, int stage, int in, int out, int stride) {
  net.steps.push_back({ConvSpec{name + ".conv1", in, out, 3, stride, true}, from, inner(stage)});
  if (stride != 1 || in != out) {
    net.steps.push_back({ConvSpec{name + ".shortcut", in, out, 1, stride}, from, carry(stage)});
  }
  net.steps.push_back({ConvSpec{name + ".conv2", out, out, 3, 1, true, true}, inner(stage), carry(stage)});
}

/// A readout of the pooled statistics.
void addOutput(Network& net, const std::string& name, int bins, int channels, int size) {
  net.steps.push_back({LinearSpec{name, 2, bins, channels, size}, kStatistics, net.places});
  net.outputs.push_back({name, net.places++});
}

/// The convolutions, without what reads them; the last block's output lies in `carry(kStages - 1)`.
Network convolutions(const NetworkConfig& config) {
  const std::vector<int> blocks = sizesOf(config, "blocks", kStages, 1, 200);
  const int channels = sizeOf(config, "channels", 1, 1024);
  const int bins = sizeOf(config, "featureSize", 8, 1024);
  if (bins % 8 != 0) throw EngineError("model-shape", "the feature size must be a multiple of 8");

  Network net{bins, kLeastFrames, kMostFrames, kStatistics, {}, {}};
  net.steps.push_back({ConvSpec{"conv1", 1, channels, 3, 1, true}, kInput, carry(0)});
  int in = channels;
  int from = carry(0);
  for (int stage = 0; stage < kStages; ++stage) {
    const int out = channels << stage;
    for (int i = 0; i < blocks[stage]; ++i) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(i);
      addBlock(net, name, from, stage, in, out, stage > 0 && i == 0 ? 2 : 1);
      in = out;
      from = carry(stage);
    }
  }
  return net;
}

}  // namespace

Network resnet(const NetworkConfig& config) {
  Network net = convolutions(config);
  const int bins = net.inputSize / 8;
  const int channels = sizeOf(config, "channels", 1, 1024) << (kStages - 1);
  const int dimension = sizeOf(config, "dimension", 1, 65536);
  const int overlap = sizeOf(config, "overlap", 0, 1);
  net.places = kStatistics + 1;
  net.steps.push_back({StatisticsSpec{}, carry(kStages - 1), kStatistics});
  addOutput(net, "embedding", bins, channels, dimension);
  if (overlap != 0) addOutput(net, "overlap", bins, channels, 1);
  return net;
}

Network resnetFeatures(const NetworkConfig& config) {
  Network net = convolutions(config);
  net.outputs.push_back({"features", carry(kStages - 1)});
  return net;
}

}  // namespace whospeaks
