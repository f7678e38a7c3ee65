// The network as MLX operations, its weights on the device.
#pragma once

#include <mlx/mlx.h>

#include <vector>

#include "networks/resnet.h"

namespace whospeaks {

namespace mx = ::mlx::core;

/// Everything here belongs to the thread that made it.
class MlxNetwork {
 public:
  /// Copies the weights. The convolutions' are held in `dtype`; statistics and the last layer are float32 always.
  MlxNetwork(const Architecture& net, const TensorMap& weights, mx::Dtype dtype);

  /// The network is cut into parts, run one after another: the four stages (the first with the stem before it),
  /// then pooling with the last layer. Between parts work can be given up.
  static constexpr int kParts = 5;

  /// Part 0 takes features, batch x frames x bins, float32; the last gives embeddings, batch x dimension, float32.
  /// What lies between are images, batch x frequency x time x channels.
  mx::array part(int index, const mx::array& x) const;

 private:
  struct Conv {
    /// [out, kernel frequency, kernel time, in], as MLX takes it.
    mx::array weight;
    mx::array bias;
    int stride;
    int padding;
  };
  struct Block {
    Conv conv1;
    Conv conv2;
    std::vector<Conv> shortcut;
  };

  static mx::array copy(const TensorView& tensor);
  Conv load(const ConvSpec& spec, const TensorMap& weights) const;
  mx::array stem(const mx::array& features) const;
  mx::array embedding(const mx::array& image) const;

  mx::Dtype dtype_;
  Conv stem_;
  std::array<std::vector<Block>, 4> stages_;
  mx::array weight_;
  mx::array bias_;
};

}  // namespace whospeaks
