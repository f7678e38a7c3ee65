// The table of kernels, one an instruction set, and the choice between them.
#pragma once

#include <cstddef>

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
  const float* bias;      // one a column, or null
  const float* residual;  // laid out as C, or null; may be C itself
  float* c;
  std::ptrdiff_t cRow;  // floats between rows of C
  bool relu;
};

struct Kernels {
  const char* name;
  /// Best number of rows a call; `gemm` takes 1 to maxRows.
  int maxRows;
  /// Panels that `gemm` takes at once.
  int maxPanels;
  void (*gemm)(const GemmTask& task, int rows, int panels);
  /// Mean and sqrt(unbiased variance + 1e-7) over `width` steps of `channels` (a multiple of kPanel).
  void (*statistics)(const float* row, int width, int channels, float* mean, float* deviation);
};

/// The fastest that this processor runs, or the one that the environment variable WHOSPEAKS_SIMD names
/// (scalar, avx2, avx512, neon). Throws `engine-unavailable` where the named one does not run here.
const Kernels& selectKernels();

const Kernels& scalarKernels();
const Kernels& avx2Kernels();
const Kernels& avx512Kernels();
const Kernels& neonKernels();

}  // namespace whospeaks
