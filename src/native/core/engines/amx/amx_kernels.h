// Kernels in bf16: convolutions as products of 16 x 32 by 32 x 16 tiles, sums in fp32.
#pragma once

#include <cstddef>
#include <cstdint>

namespace whospeaks {

/// The upper half of a float.
using Bf16 = std::uint16_t;

/// Values of k that one tile product takes, and floats of a packed tile of weights.
constexpr int kAmxDepth = 32;
constexpr int kAmxTile = 16 * 32;

/// out[row][column] = relu?(sum over segments s and k of A[row][s][k] * B[s][k][column] + bias + residual)
/// for up to 32 rows, which are neighbours in time, and 16 or 32 columns.
struct AmxTask {
  const Bf16* a;
  std::ptrdiff_t aRow;      // values between rows of A
  std::ptrdiff_t aSegment;  // values between segments of A
  int segments;
  int chunks;             // tiles of k in a segment
  const Bf16* b;          // panels of segments x chunks tiles
  std::ptrdiff_t bPanel;  // values between panels of B
  const float* bias;
  const Bf16* residual;  // laid out as `out`, or null; may be `out` itself
  Bf16* out;
  std::ptrdiff_t outRow;  // values between rows of `out`
  int rows;
  /// Row r is the border between two rows of the image, and is set to zero, where (phase + r) % period is
  /// period - 1.
  int phase;
  int period;
  bool relu;
};

/// One row of the stem: a 3x3 convolution of one channel, in fp32.
struct AmxStemTask {
  const float* in;  // one row and column before the first output
  std::ptrdiff_t rowStride;
  const float* weights;  // 9 x channels
  const float* bias;
  int channels;  // a multiple of 16
  int width;
  Bf16* out;
};

/// Whether processor and system have what the kernels need; asks the system for it.
bool amxAvailable();
/// Around a thread's calls of amxGemm.
void amxBegin();
void amxEnd();
void amxGemm(const AmxTask& task, int panels);
void amxStem(const AmxStemTask& task);
/// Mean and sqrt(unbiased variance + 1e-7) over `width` steps of `channels` (a multiple of 16).
void amxStatistics(const Bf16* row, int width, int channels, float* mean, float* deviation);

}  // namespace whospeaks
