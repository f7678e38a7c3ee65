// A network's layers as MLX operations, their weights on the device.
#pragma once

#include <mlx/mlx.h>

#include <variant>
#include <vector>

#include "networks/network.h"

namespace whospeaks {

namespace mx = ::mlx::core;

/// Everything here belongs to the thread that made it.
class MlxNetwork {
 public:
  /// Copies the weights. The convolutions' are held in `dtype`; statistics and linear layers are float32 always.
  MlxNetwork(const Network& network, const TensorMap& weights, mx::Dtype dtype);

  /// The network is cut into parts (`partsOf`), run one after another. Between them work can be given up.
  std::size_t parts() const { return parts_.size(); }

  /// Whether it steps through time: thousands of small operations, which are not worth compiling for each shape.
  bool isRecurrent() const { return whospeaks::isRecurrent(network_); }

  /// Part 0 takes the input, batch x frames x inputSize, float32; the others take the one value that the part before
  /// them gives. The last gives the network's outputs, float32. Values are batch x height x width x channels.
  std::vector<mx::array> run(std::size_t part, const mx::array& input) const;

 private:
  struct Run;
  struct Conv {
    /// [out, kernel frequency, kernel time, in], as MLX takes it.
    mx::array weight;
    mx::array bias;
    ConvSpec spec;
  };
  struct SimAm {
    SimAmSpec spec;
  };
  struct Statistics {};
  struct AttentiveStatistics {
    /// [column, units], column channel-major
    mx::array weight;
    mx::array bias;
    /// [units, column]
    mx::array scores;
    AttentiveStatisticsSpec spec;
  };
  struct Linear {
    /// [in, out]
    mx::array weight;
    mx::array bias;
    LinearSpec spec;
  };
  struct Conv1d {
    /// [out, taps, in]
    mx::array weight;
    mx::array bias;
    Conv1dSpec spec;
  };
  struct MaxPool {
    MaxPoolSpec spec;
  };
  struct InstanceNorm {
    mx::array gain;
    mx::array bias;
    InstanceNormSpec spec;
  };
  struct Lstm {
    /// [direction, units before, 4 x units]
    mx::array weight;
    LstmSpec spec;
  };
  struct LogSoftmax {
    LogSoftmaxSpec spec;
  };
  using Layer = std::variant<Conv, SimAm, Statistics, AttentiveStatistics, Linear, Conv1d, MaxPool, InstanceNorm, Lstm,
                             LogSoftmax>;

  Layer load(const ConvSpec& spec, const TensorMap& weights);
  Layer load(const SimAmSpec& spec, const TensorMap& weights);
  Layer load(const AttentiveStatisticsSpec& spec, const TensorMap& weights);
  Layer load(const StatisticsSpec& spec, const TensorMap& weights);
  Layer load(const LinearSpec& spec, const TensorMap& weights);
  Layer load(const Conv1dSpec& spec, const TensorMap& weights);
  Layer load(const MaxPoolSpec& spec, const TensorMap& weights);
  Layer load(const InstanceNormSpec& spec, const TensorMap& weights);
  Layer load(const LstmSpec& spec, const TensorMap& weights);
  Layer load(const LogSoftmaxSpec& spec, const TensorMap& weights);

  const Network& network_;
  const std::vector<Part> parts_;
  mx::Dtype dtype_;
  std::vector<Layer> layers_;
};

}  // namespace whospeaks
