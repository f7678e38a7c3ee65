// The table of kernels, one an instruction set, and the choice between them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace whospeaks {

/// Channels are stored in groups of this many, zero-padded; weights are packed in panels as wide.
constexpr int kPanel = 16;

/// C[row][column] = epilogue(sum over segments s and k of A[row][s][k] * B[s][k][column]), where
/// epilogue(x) = relu?(x + bias + residual). A convolution is this with one segment a kernel row: the taps
/// of a row and their channels lie side by side in a channels-last image.
struct GemmTask {
  const float* a;
  std::ptrdiff_t aRow;      // floats between rows of A
  std::ptrdiff_t aSegment;  // floats between segments of A
  int segments;
  int segmentLength;
  const float* b;         // panels of [segments * segmentLength][kPanel]
  std::ptrdiff_t bPanel;  // floats between panels of B
  std::ptrdiff_t ahead;      // where prefetching begins, in floats from b
  std::ptrdiff_t aheadStep;  // floats that it advances a step of k
  const float* bias;      // one a column, or null
  const float* residual;  // laid out as C, or null; may be C itself
  float* c;
  std::ptrdiff_t cRow;  // floats between rows of C
  bool relu;
};

/// How a 3x3 convolution is cut into tiles of height x width outputs (F(height x width, 3x3)).
enum class WinogradTile { f2x4, f4x4, f5x5, f6x6 };
constexpr int tileWidth(WinogradTile tile) {
  return tile == WinogradTile::f6x6 ? 6 : tile == WinogradTile::f5x5 ? 5 : 4;
}
constexpr int tileHeight(WinogradTile tile) { return tile == WinogradTile::f2x4 ? 2 : tileWidth(tile); }
/// Points of the transformed tile: (height + 2) x (width + 2).
constexpr int tilePoints(WinogradTile tile) { return (tileHeight(tile) + 2) * (tileWidth(tile) + 2); }

/// V = Bt d B of one tile, for all channels.
struct WinogradInput {
  const float* image;  // first input of the tile: one row and column before its first output
  std::ptrdiff_t rowStride;
  int channels;  // a multiple of kPanel; neighbours in time are as far apart
  float* v;      // points x channels
};

/// Y = At m A of one tile, for `channels` of its channels, with the epilogue of GemmTask.
struct WinogradOutput {
  const float* m;  // points x channels
  int channels;    // a multiple of kPanel
  const float* bias;
  float* out;  // first output of the tile
  std::ptrdiff_t rowStride;
  std::ptrdiff_t columnStride;
  int rows;  // outputs of the tile that lie in the image
  int columns;
  bool addOut;  // the residual is what `out` holds
  bool relu;
};

/// y = slope?(gain (x - mean) / sqrt(variance + 1e-5) + bias) of kPanel channels over time, the variance divided by
/// `steps`; slope?(y) is y, or slope * y below 0.
struct NormalizeTask {
  const float* in;
  std::ptrdiff_t inStep;  // floats between steps
  float* out;
  std::ptrdiff_t outStep;
  int steps;
  const float* gain;
  const float* bias;
  float slope;
};

/// relu?(x * sigmoid((x - mean)^2 / (4 (variance + 1e-4)) + 1/2) [+ what `out` holds]) of kPanel channels, mean and
/// unbiased variance over rows x columns; two images of the same layout.
struct SimAmTask {
  const float* in;
  float* out;
  std::ptrdiff_t rowStride;
  std::ptrdiff_t columnStride;
  int rows;
  int columns;
  bool add;
  bool relu;
};

/// Mean and sqrt(max(variance, floor)) over `steps` of kPanel channels, each step weighted by the softmax over the steps of
/// `scores`, times `weights`.
struct AttentionTask {
  /// steps x kPanel; overwritten.
  float* scores;
  const float* in;
  std::ptrdiff_t inStep;
  int steps;
  /// One a step, not all 0; null: ones.
  const float* weights;
  float floor;
  float* mean;
  float* deviation;
};

/// One step of an LSTM, for `rows` sequences: with z = inputs + weights * before, in the order i, f, g, o,
/// cell = sigmoid(z_f) cell + sigmoid(z_i) tanh(z_g) and out = sigmoid(z_o) tanh(cell).
struct LstmStep {
  float* inputs;  // of one sequence: 4 x units; overwritten
  std::ptrdiff_t inputsRow;
  const float* before;  // of one sequence: units
  std::ptrdiff_t beforeRow;
  const float* weights;  // [units / kPanel][units before][4][kPanel]
  float* cell;           // rows x units
  float* out;            // of one sequence: units
  std::ptrdiff_t outRow;
  int units;  // a multiple of kPanel
  /// Panels of units from the last to the first: steps that go to and fro find the weights that the one before them used
  /// last still in the nearest cache.
  bool backwards;
};

struct Kernels {
  const char* name;
  /// Best number of rows a call; `gemm` takes 1 to maxRows.
  int maxRows;
  /// Panels that `gemm` takes at once.
  int maxPanels;
  void (*gemm)(const GemmTask& task, int rows, int panels);
  /// U = G g Gt of one input channel and kPanel outputs: taps [9][kPanel] to points, `stride` floats apart.
  void (*winogradWeights)(WinogradTile tile, const float* taps, float* u, std::ptrdiff_t stride);
  void (*winogradInput)(WinogradTile tile, const WinogradInput& task);
  void (*winogradOutput)(WinogradTile tile, const WinogradOutput& task);
  /// Mean and sqrt(unbiased variance + 1e-7) over `width` steps of `channels` (a multiple of kPanel).
  void (*statistics)(const float* row, int width, int channels, float* mean, float* deviation);
  /// Weighted mean and deviation over `width` columns of `size` numbers each: see masked_pooling.h.
  void (*weightedStatistics)(const float* columns, const float* weights, int width, int size, float* mean,
                             float* deviation);
  void (*simAm)(const SimAmTask& task);
  void (*attention)(const AttentionTask& task);
  /// In place; `count` is a multiple of kPanel.
  void (*hyperbolicTangent)(float* values, std::size_t count);
  /// The greatest of `size` steps, for each of `steps` outputs; of magnitudes where `absolute`. Channels as in `statistics`.
  void (*maxPool)(const float* in, int steps, int size, int channels, bool absolute, float* out);
  void (*normalize)(const NormalizeTask& task);
  /// As `normalize`, of a single channel whose steps are neighbours.
  void (*normalizeLine)(const NormalizeTask& task);
  /// a + b and a - b of `count` numbers.
  void (*sumAndDifference)(const float* a, const float* b, int count, float* sums, float* differences);
  /// In place: slope * x below 0.
  void (*leakyRelu)(float* values, std::size_t count, float slope);
  /// Sequences that `lstmStep` takes at once: 1 to lstmRows.
  int lstmRows;
  void (*lstmStep)(const LstmStep& task, int rows);
  /// Inner product of `count` numbers, a multiple of kPanel.
  float (*dot)(const float* a, const float* b, int count);
  /// Bits in which each of `count` codes of `words` words differs from `query`.
  void (*hamming)(const std::uint64_t* codes, std::size_t count, int words, const std::uint64_t* query,
                  std::uint16_t* distances);
};

/// The fastest that this processor runs, or the one that the environment variable WHOSPEAKS_SIMD names
/// (scalar, avx2, avx512, neon, wasm). Throws `engine-unavailable` where the named one does not run here.
const Kernels& selectKernels();

const Kernels& scalarKernels();
const Kernels& avx2Kernels();
const Kernels& avx512Kernels();
const Kernels& neonKernels();
const Kernels& wasmKernels();

}  // namespace whospeaks
