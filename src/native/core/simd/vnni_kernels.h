// Matrix products of 8-bit integers on the dot-product instructions of AVX-512 (VNNI). `no-vnni/` implements it
// where the compiler cannot.
#pragma once

#include <cstddef>
#include <cstdint>

namespace whospeaks {

/// Rows that `vnniGemm` takes at most, and panels.
constexpr int kVnniRows = 12;
constexpr int kVnniPanels = 2;
/// Numbers of a row of A that one step of k takes.
constexpr int kVnniDepth = 4;

/// C[row][column] = relu?(scale[column] * sum over segments and k of A[row][s][k] * B[s][k][column] + bias + residual),
/// as GemmTask, for A in 0 to 255 and B in -127 to 127.
struct VnniTask {
  const std::uint8_t* a;
  std::ptrdiff_t aRow;
  std::ptrdiff_t aSegment;
  int segments;
  int steps;             // of kVnniDepth numbers, a segment
  const std::int8_t* b;  // panels of [segments * steps][kPanel][kVnniDepth]
  std::ptrdiff_t bPanel;
  const float* scale;  // one a column
  float aScale;
  const float* bias;
  const float* residual;  // laid out as C, or null; may be C itself
  float* c;
  std::ptrdiff_t cRow;
  bool relu;
};

/// Whether this processor has them.
bool vnniAvailable();

void vnniGemm(const VnniTask& task, int rows, int panels);

/// The greatest of `count` numbers of at least 0; count is a multiple of 16.
float vnniGreatest(const float* values, std::size_t count);

/// Rounded to 0 to 255 after division by `scale`; count is a multiple of 16.
void vnniQuantize(const float* values, std::size_t count, float scale, std::uint8_t* to);

}  // namespace whospeaks
