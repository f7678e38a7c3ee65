// What lies between sound and network: log-mel features of frames, and the speech gate's network on them. On every
// instruction set and machine they have the same bits, so that the same sound gives the same events wherever it is
// computed: kernels do every operation in one order and round each by itself. test/fbank/reference.ts has both plainly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "features/geometry.h"
#include "features/tables.h"
#include "simd/buffer.h"

namespace whospeaks {

constexpr int kGateInputs = 32;
constexpr int kGateUnits = 64;
/// Frames that any instruction set takes side by side at most.
constexpr int kMostLanes = 8;
/// Rows of a Matrix whose sums run side by side.
constexpr int kMatrixPanel = 32;

/// Matrices are rows x columns, row-major; GateNetwork keeps them column by column. They were trained as floats and are
/// read as such, which is half the memory; sums are doubles. Rows of the recurrent layer: reset, update, new state.
struct GateWeights {
  std::vector<float> project;
  std::vector<double> projectBias;
  std::vector<float> fromInput;
  std::vector<double> fromInputBias;
  std::vector<float> fromState;
  std::vector<double> fromStateBias;
  std::vector<double> out;
  double outBias;
};

/// Room for one group of frames.
struct LogMelScratch {
  /// 512 x lanes: samples; those beyond a frame stay zero. Afterwards the features, 80 x lanes.
  Buffer samples{2 * kTransformPoints * kMostLanes};
  /// Doubles: the transform, 256 x (re, im) x lanes; the powers, 256 x lanes.
  Buffer points{2 * 2 * kTransformPoints * kMostLanes};
  Buffer powers{2 * kTransformPoints * kMostLanes};
};

struct FrontEndKernels {
  int lanes;
  /// `frames`: count x 400, 1 to `lanes` of them; `features`: receives count x 80.
  void (*logMel)(const LogMelTables& tables, const float* frames, int count, float* features, LogMelScratch& scratch);
  /// `features`: count x 80; `scores`: receives the log-odds of speech of each frame; `state`: kGateUnits numbers, advanced.
  void (*gate)(const GateWeights& weights, const float* features, std::size_t count, double* scores, double* state);
  /// `panel`: columns x kMatrixPanel; `sums`: receives kMatrixPanel products with the vector. See matrix.h.
  void (*panelTimes)(const float* panel, std::size_t columns, const float* vector, double* sums);
};

/// Those of the instruction set that `selectKernels` names.
const FrontEndKernels& selectFrontEnd();

const FrontEndKernels& scalarFrontEnd();
const FrontEndKernels& avx2FrontEnd();
const FrontEndKernels& avx512FrontEnd();
const FrontEndKernels& neonFrontEnd();
const FrontEndKernels& wasmFrontEnd();

/// Log-mel filter-bank energies, Kaldi-compatible (`compute-fbank-feats` with WeSpeaker's settings: no dither, mean
/// removal, pre-emphasis 0.97, Hamming, 512-point power spectrum, 80 triangles 20 to 8000 Hz). Holds nothing from call to
/// call but room to work in, so how a stream was cut cannot matter.
///
/// The steps in the time domain are rounded to float32 in Kaldi's order: for a constant or near-silent signal what remains
/// after mean removal *is* the rounding error, and its logarithm is large. The spectrum is computed in double precision.
class LogMel {
 public:
  LogMel();
  /// `frames`: count x 400, row-major; `features`: receives count x 80.
  void compute(const float* frames, std::size_t count, float* features);

 private:
  const FrontEndKernels& kernels_;
  const LogMelTables& tables_;
  LogMelScratch scratch_;
};

/// The speech gate's network: 80 -> kGateInputs, kGateUnits gated recurrent units, 1.
class GateNetwork {
 public:
  /// Throws EngineError where a matrix has another size than the kernels were built for.
  explicit GateNetwork(GateWeights weights);
  /// `features`: count x 80; `scores`: receives the log-odds of speech of each frame.
  void score(const float* features, std::size_t count, double* scores);
  void reset();
  /// What frames so far have left behind: kGateUnits numbers, which another network goes on from.
  std::vector<double>& state() { return state_; }

 private:
  const FrontEndKernels& kernels_;
  GateWeights weights_;
  std::vector<double> state_;
};

}  // namespace whospeaks
