// Compiled with AVX-512 VNNI switched on: nothing here may run before vnniAvailable() has said yes, and no header is
// used that could leave an inline function to the linker.
#include "simd/vnni_kernels.h"

#include <immintrin.h>

namespace whospeaks {
namespace {

constexpr int kColumns = 16;

/// Four bytes, wherever they lie.
typedef int Four __attribute__((may_alias, aligned(1)));

template <int ROWS, int PANELS>
void multiply(const VnniTask& task) {
  __m512i sum[ROWS][PANELS];
#pragma GCC unroll 32
  for (int r = 0; r < ROWS; ++r) {
#pragma GCC unroll 32
    for (int p = 0; p < PANELS; ++p) sum[r][p] = _mm512_setzero_si512();
  }
  const std::int8_t* b = task.b;
  const std::ptrdiff_t aRow = task.aRow;
  const std::ptrdiff_t bPanel = task.bPanel;
  const int steps = task.steps;
  const int segments = task.segments;
  const std::ptrdiff_t aSegment = task.aSegment;
  const std::uint8_t* first = task.a;
  for (int segment = 0; segment < segments; ++segment) {
    const std::uint8_t* a = first + segment * aSegment;
    for (int k = 0; k < steps; ++k) {
      __m512i w[PANELS];
#pragma GCC unroll 32
      for (int p = 0; p < PANELS; ++p) w[p] = _mm512_loadu_si512(b + p * bPanel);
#pragma GCC unroll 32
      for (int r = 0; r < ROWS; ++r) {
        const __m512i x = _mm512_set1_epi32(*reinterpret_cast<const Four*>(a + k * kVnniDepth + r * aRow));
#pragma GCC unroll 32
        for (int p = 0; p < PANELS; ++p) sum[r][p] = _mm512_dpbusd_epi32(sum[r][p], x, w[p]);
      }
      b += kColumns * kVnniDepth;
    }
  }
  const __m512 aScale = _mm512_set1_ps(task.aScale);
#pragma GCC unroll 32
  for (int r = 0; r < ROWS; ++r) {
#pragma GCC unroll 32
    for (int p = 0; p < PANELS; ++p) {
      const std::ptrdiff_t at = r * task.cRow + p * kColumns;
      const __m512 scale = _mm512_mul_ps(_mm512_loadu_ps(task.scale + p * kColumns), aScale);
      __m512 y = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r][p]), scale, _mm512_loadu_ps(task.bias + p * kColumns));
      if (task.residual) y = _mm512_add_ps(y, _mm512_loadu_ps(task.residual + at));
      if (task.relu) y = _mm512_max_ps(y, _mm512_setzero_ps());
      _mm512_storeu_ps(task.c + at, y);
    }
  }
}

using Multiply = void (*)(const VnniTask& task);

template <int PANELS>
struct Table {
  Multiply rows[kVnniRows];
  constexpr Table() : rows() { fill<kVnniRows>(); }

 private:
  template <int ROWS>
  constexpr void fill() {
    rows[ROWS - 1] = multiply<ROWS, PANELS>;
    if constexpr (ROWS > 1) fill<ROWS - 1>();
  }
};

}  // namespace

void vnniGemm(const VnniTask& task, int rows, int panels) {
  static constexpr Table<1> narrow;
  static constexpr Table<kVnniPanels> wide;
  (panels == kVnniPanels ? wide.rows : narrow.rows)[rows - 1](task);
}

float vnniGreatest(const float* values, std::size_t count) {
  __m512 greatest = _mm512_setzero_ps();
  for (std::size_t i = 0; i < count; i += 16) greatest = _mm512_max_ps(greatest, _mm512_loadu_ps(values + i));
  return _mm512_reduce_max_ps(greatest);
}

void vnniQuantize(const float* values, std::size_t count, float scale, std::uint8_t* to) {
  const __m512 inverse = _mm512_set1_ps(1.0f / scale);
  for (std::size_t i = 0; i < count; i += 16) {
    const __m512i rounded = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(values + i), inverse));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm512_cvtusepi32_epi8(rounded));
  }
}

}  // namespace whospeaks
