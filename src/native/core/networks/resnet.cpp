#include "networks/resnet.h"

#include <algorithm>

#include "error.h"
#include "networks/sizes.h"

namespace whospeaks {
namespace {

constexpr int kStages = 4;
/// Three stages halve time (rounding up) and the unbiased variance needs two steps.
constexpr int kLeastFrames = 9;
/// One minute of 32 channels, less of more: bounds the memory that one call can ask for (256 MB for ResNet34).
constexpr int kMostFrames = 6000;
constexpr int kChannelsOfMostFrames = 32;
/// 15 s, whatever the channels.
constexpr int kAlwaysFrames = 1500;

enum class Block { basic, bottleneck, simAm };
enum class Pooling { statistics, tanhAttention, reluAttention };

Block blockOf(const NetworkConfig& config) { return static_cast<Block>(sizeOf(config, "block", 0, 2)); }
Pooling poolingKindOf(const NetworkConfig& config) { return static_cast<Pooling>(sizeOf(config, "pooling", 0, 2)); }

/// How many times a stage's channels its blocks give out.
int expansionOf(Block block) { return block == Block::bottleneck ? 4 : 1; }

int channelsOf(const NetworkConfig& config) { return sizeOf(config, "channels", 1, 1024); }
int lastChannels(const NetworkConfig& config) {
  return (channelsOf(config) << (kStages - 1)) * expansionOf(blockOf(config));
}

int binsOf(const NetworkConfig& config) {
  const int bins = sizeOf(config, "featureSize", 8, 1024);
  if (bins % 8 != 0) throw EngineError("model-shape", "the feature size must be a multiple of 8");
  return bins;
}
int rowsOf(const NetworkConfig& config) { return binsOf(config) / 8; }

/// The places of a stage: what goes from block to block, and what lies between the convolutions of one.
struct Stage {
  int carry;
  int inner;
  /// Of a Bottleneck: after its first convolution where the stage still has the size of the one before.
  int entry;
  /// After the second convolution of a Bottleneck, or before SimAM.
  int middle;
};

struct BlockSize {
  int in;
  int planes;
  int out;
  int stride;
};

/// relu(F(x) + shortcut(x)); where the shape stays, x lies in the place that F's last layer adds to already. The shortcut
/// comes first: before it nothing but x is needed, so that work can be given up there.
void addBlock(Network& net, Block block, const std::string& name, int from, const Stage& stage, const BlockSize& size) {
  const auto [in, planes, out, stride] = size;
  const auto add = [&](LayerSpec layer, int source, int to) { net.steps.push_back({std::move(layer), source, to}); };
  const auto named = [&](const char* part) { return name + "." + part; };
  if (from != stage.carry) add(ConvSpec{named("shortcut"), in, out, 1, stride}, from, stage.carry);
  switch (block) {
    case Block::basic:
      add(ConvSpec{named("conv1"), in, planes, 3, stride, true}, from, stage.inner);
      add(ConvSpec{named("conv2"), planes, out, 3, 1, true, true}, stage.inner, stage.carry);
      break;
    case Block::simAm:
      add(ConvSpec{named("conv1"), in, planes, 3, stride, true}, from, stage.inner);
      add(ConvSpec{named("conv2"), planes, out, 3, 1}, stage.inner, stage.middle);
      add(SimAmSpec{out, true, true}, stage.middle, stage.carry);
      break;
    case Block::bottleneck: {
      const int first = stride == 1 ? stage.inner : stage.entry;
      add(ConvSpec{named("conv1"), in, planes, 1, 1, true}, from, first);
      add(ConvSpec{named("conv2"), planes, planes, 3, stride, true}, first, stage.middle);
      add(ConvSpec{named("conv3"), planes, out, 1, 1, true, true}, stage.middle, stage.carry);
      break;
    }
  }
}

/// The convolutions, without what reads them; the last block's output lies in `net.steps.back().to`.
Network convolutions(const NetworkConfig& config) {
  const Block block = blockOf(config);
  const std::vector<int> blocks = sizesOf(config, "blocks", kStages, 1, 200);
  const int channels = channelsOf(config);
  const int widest = channels * expansionOf(block);
  const int most = std::clamp(kMostFrames * kChannelsOfMostFrames / widest, kAlwaysFrames, kMostFrames);

  Network net{binsOf(config), kLeastFrames, most, kInput + 1, {}, {}};
  const auto place = [&](bool wanted) { return wanted ? net.places++ : kInput; };
  net.steps.push_back({ConvSpec{"conv1", 1, channels, 3, 1, true}, kInput, place(true)});
  int in = channels;
  int from = net.steps.back().to;
  for (int stage = 0; stage < kStages; ++stage) {
    const int planes = channels << stage;
    const int out = planes * expansionOf(block);
    const bool grows = stage > 0 || in != out;
    const Stage places{grows ? place(true) : from, place(true), place(block == Block::bottleneck && stage > 0),
                       place(block != Block::basic)};
    for (int i = 0; i < blocks[static_cast<std::size_t>(stage)]; ++i) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(i);
      addBlock(net, block, name, from, places, {in, planes, out, stage > 0 && i == 0 ? 2 : 1});
      in = out;
      from = places.carry;
    }
  }
  return net;
}

}  // namespace

LayerSpec poolingOf(const NetworkConfig& config) {
  const Pooling pooling = poolingKindOf(config);
  const bool attentive = pooling != Pooling::statistics;
  const int units = sizeOf(config, "attention", attentive ? 1 : 0, attentive ? 4096 : 0);
  if (!attentive) return StatisticsSpec{};
  const bool isTanh = pooling == Pooling::tanhAttention;
  return AttentiveStatisticsSpec{"attention", rowsOf(config), lastChannels(config), units,
                                 isTanh ? Activation::tanh : Activation::relu, isTanh ? 1e-7f : 1e-5f};
}

std::vector<LinearSpec> embeddingOf(const NetworkConfig& config) {
  const int dimension = sizeOf(config, "dimension", 1, 65536);
  const int hidden = sizeOf(config, "hidden", 0, 65536);
  const LinearSpec first{"embedding", 2, rowsOf(config), lastChannels(config), dimension};
  if (hidden == 0) return {first};
  return {{"hidden", first.groups, first.rows, first.channels, hidden, true}, {"embedding", 1, 1, hidden, dimension}};
}

Network resnet(const NetworkConfig& config) {
  Network net = convolutions(config);
  const int overlap = sizeOf(config, "overlap", 0, 1);
  const int features = net.steps.back().to;
  const int statistics = net.places++;
  net.steps.push_back({poolingOf(config), features, statistics});
  int from = statistics;
  for (const LinearSpec& layer : embeddingOf(config)) {
    net.steps.push_back({layer, from, net.places});
    from = net.places++;
  }
  net.outputs.push_back({"embedding", from});
  if (overlap != 0) {
    net.steps.push_back({LinearSpec{"overlap", 2, rowsOf(config), lastChannels(config), 1}, statistics, net.places});
    net.outputs.push_back({"overlap", net.places++});
  }
  return net;
}

Network resnetFeatures(const NetworkConfig& config) {
  Network net = convolutions(config);
  net.outputs.push_back({"features", net.steps.back().to});
  return net;
}

}  // namespace whospeaks
