// What kernels share that write an image. Included by files that are compiled with AVX-512 VNNI switched on: nothing here may
// leave an inline function to the linker.
#pragma once

#include <immintrin.h>

#include "engines/vnni/vnni_kernels.h"

namespace whospeaks {
namespace {

constexpr int kHalf = 16;

/// Four bytes, or two numbers of 16 bits, wherever they lie.
typedef int Four __attribute__((may_alias, aligned(1)));

/// Kept in registers over the outputs of one call.
struct Epilogue {
  __m512i residual;
  __m512i least;
  __m512i greatest;
  bool add;
  std::int16_t* to;

  explicit inline __attribute__((always_inline)) Epilogue(const VnniEpilogue& task)
      : residual(_mm512_set1_epi16(task.residual)),
        least(_mm512_set1_epi16(task.relu ? 0 : -32767)),
        greatest(_mm512_loadu_si512(task.greatest)),
        add(task.add),
        to(task.greatest) {}

  inline __attribute__((always_inline)) void store(__m512 first, __m512 second, std::int16_t* out) {
    __m512i y = _mm512_packs_epi32(_mm512_cvtps_epi32(first), _mm512_cvtps_epi32(second));
    if (add) y = _mm512_adds_epi16(y, _mm512_mulhrs_epi16(_mm512_loadu_si512(out), residual));
    y = _mm512_max_epi16(y, least);
    greatest = _mm512_max_epi16(greatest, _mm512_abs_epi16(y));
    _mm512_storeu_si512(out, y);
  }
  /// Two outputs of a narrow group side by side, or the first alone.
  inline __attribute__((always_inline)) void storeNarrow(__m512 first, __m512 second, std::int16_t* out, bool both) {
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    const __mmask32 mask = both ? 0xffffffffu : 0xffffu;
    __m512i y = _mm512_packs_epi32(_mm512_cvtps_epi32(first), _mm512_cvtps_epi32(second));
    y = _mm512_permutexvar_epi64(order, y);
    if (add) y = _mm512_adds_epi16(y, _mm512_mulhrs_epi16(_mm512_maskz_loadu_epi16(mask, out), residual));
    y = _mm512_maskz_mov_epi16(mask, _mm512_max_epi16(y, least));
    greatest = _mm512_max_epi16(greatest, _mm512_abs_epi16(y));
    _mm512_mask_storeu_epi16(out, mask, y);
  }
  inline __attribute__((always_inline)) void finish() { _mm512_storeu_si512(to, greatest); }
};

/// A function for each number of rows.
template <template <int> class Of, class Function>
struct Table {
  Function rows[kVnniRows];
  constexpr Table() : rows() { fill<kVnniRows>(); }

 private:
  template <int ROWS>
  constexpr void fill() {
    rows[ROWS - 1] = Of<ROWS>::run;
    if constexpr (ROWS > 1) fill<ROWS - 1>();
  }
};

}  // namespace
}  // namespace whospeaks
