// Compiled with AVX-512 VNNI switched on: nothing here may run before vnniAvailable() has said yes, and no header is
// used that could leave an inline function to the linker.
#include "engines/vnni/vnni_epilogue.h"

namespace whospeaks {
namespace {

constexpr int kSide = kVnniTile + 2;

inline __attribute__((always_inline)) __m512i add16(__m512i a, __m512i b) { return _mm512_add_epi16(a, b); }
inline __attribute__((always_inline)) __m512i subtract16(__m512i a, __m512i b) { return _mm512_sub_epi16(a, b); }

/// Bt d of Lavin and Gray's F(4, 3), at the points 0, 1, -1, 2, -2, infinity. Sums may wrap on the way: the results fit.
inline __attribute__((always_inline)) void inputLine(const __m512i* d, __m512i* v) {
  const __m512i even = subtract16(d[4], _mm512_slli_epi16(d[2], 2));
  const __m512i odd = subtract16(d[3], _mm512_slli_epi16(d[1], 2));
  const __m512i evenTwo = subtract16(d[4], d[2]);
  const __m512i step = subtract16(d[3], d[1]);
  const __m512i oddTwo = add16(step, step);
  v[0] = add16(_mm512_slli_epi16(subtract16(d[0], d[2]), 2), evenTwo);
  v[1] = add16(even, odd);
  v[2] = subtract16(even, odd);
  v[3] = add16(evenTwo, oddTwo);
  v[4] = subtract16(evenTwo, oddTwo);
  v[5] = subtract16(subtract16(d[5], d[3]), add16(oddTwo, oddTwo));
}

/// The same of a column of numbers, each brought to its size first.
inline __attribute__((always_inline)) void inputColumn(const std::int16_t* in, std::ptrdiff_t rowStride, __m512i factor,
                                                       __m512i* v) {
  __m512i column[kSide];
#pragma GCC unroll 6
  for (int h = 0; h < kSide; ++h) column[h] = _mm512_mulhrs_epi16(_mm512_loadu_si512(in + h * rowStride), factor);
  inputLine(column, v);
}

inline __attribute__((always_inline)) __m512 scaled(const std::int32_t* m, const float* scale) {
  return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_loadu_si512(m)), _mm512_loadu_ps(scale));
}
inline __attribute__((always_inline)) __m512 plusScaled(const std::int32_t* m, const float* scale, __m512 to) {
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_loadu_si512(m)), _mm512_loadu_ps(scale), to);
}
inline __attribute__((always_inline)) __m512 minusScaled(const std::int32_t* m, const float* scale, __m512 to) {
  return _mm512_fnmadd_ps(_mm512_cvtepi32_ps(_mm512_loadu_si512(m)), _mm512_loadu_ps(scale), to);
}

/// At m of one row of points, `point` numbers apart, scaled.
inline __attribute__((always_inline)) void outputRow(const std::int32_t* m, const float* scale, int point, __m512* y) {
  const __m512 one = scaled(m + point, scale + point);
  const __m512 sum1 = plusScaled(m + 2 * point, scale + 2 * point, one);
  const __m512 difference1 = minusScaled(m + 2 * point, scale + 2 * point, one);
  const __m512 three = scaled(m + 3 * point, scale + 3 * point);
  const __m512 sum2 = plusScaled(m + 4 * point, scale + 4 * point, three);
  const __m512 difference2 = minusScaled(m + 4 * point, scale + 4 * point, three);
  y[0] = _mm512_add_ps(plusScaled(m, scale, sum1), sum2);
  y[1] = _mm512_fmadd_ps(_mm512_set1_ps(2), difference2, difference1);
  y[2] = _mm512_fmadd_ps(_mm512_set1_ps(4), sum2, sum1);
  y[3] = plusScaled(m + 5 * point, scale + 5 * point, _mm512_fmadd_ps(_mm512_set1_ps(8), difference2, difference1));
}

/// The same of a column of values, `row` numbers apart.
inline __attribute__((always_inline)) void outputColumn(const float* half, int row, __m512* y) {
  __m512 m[kSide];
#pragma GCC unroll 6
  for (int h = 0; h < kSide; ++h) m[h] = _mm512_loadu_ps(half + h * row);
  const __m512 sum1 = _mm512_add_ps(m[1], m[2]);
  const __m512 difference1 = _mm512_sub_ps(m[1], m[2]);
  const __m512 sum2 = _mm512_add_ps(m[3], m[4]);
  const __m512 difference2 = _mm512_sub_ps(m[3], m[4]);
  y[0] = _mm512_add_ps(_mm512_add_ps(m[0], sum1), sum2);
  y[1] = _mm512_fmadd_ps(_mm512_set1_ps(2), difference2, difference1);
  y[2] = _mm512_fmadd_ps(_mm512_set1_ps(4), sum2, sum1);
  y[3] = _mm512_add_ps(m[5], _mm512_fmadd_ps(_mm512_set1_ps(8), difference2, difference1));
}

template <int ROWS>
void product(const VnniProduct& task) {
  // Three rows share a pointer: base, base + row, base + 2 rows are all one addressing mode away.
  constexpr int kGroups = (ROWS + 2) / 3;
  const std::int16_t* b = task.b;
  const std::ptrdiff_t aRow = task.aRow;
  const std::ptrdiff_t cRow = task.cRow;
  const int steps = task.steps;
  const std::int16_t* ahead = task.ahead;
  const std::ptrdiff_t aheadStep = task.aheadStep;
  for (int point = 0; point < task.points; ++point) {
    __m512i sum[ROWS][2];
#pragma GCC unroll 32
    for (int r = 0; r < ROWS; ++r) sum[r][0] = sum[r][1] = _mm512_setzero_si512();
    const std::int16_t* a[kGroups];
#pragma GCC unroll 32
    for (int g = 0; g < kGroups; ++g) {
      a[g] = task.a + static_cast<std::ptrdiff_t>(point) * steps * kVnniPair + g * 3 * aRow;
    }
    for (int step = 0; step < steps; ++step) {
      _mm_prefetch(ahead, _MM_HINT_T0);
      ahead += aheadStep;
      const __m512i first = _mm512_loadu_si512(b);
      const __m512i second = _mm512_loadu_si512(b + kVnniChannels);
#pragma GCC unroll 32
      for (int r = 0; r < ROWS; ++r) {
        const __m512i x = _mm512_set1_epi32(*reinterpret_cast<const Four*>(a[r / 3] + r % 3 * aRow));
        sum[r][0] = _mm512_dpwssd_epi32(sum[r][0], x, first);
        sum[r][1] = _mm512_dpwssd_epi32(sum[r][1], x, second);
      }
#pragma GCC unroll 32
      for (int g = 0; g < kGroups; ++g) a[g] += kVnniPair;
      b += kVnniPair * kVnniChannels;
    }
    std::int32_t* c = task.c + static_cast<std::ptrdiff_t>(point) * kVnniChannels;
#pragma GCC unroll 32
    for (int r = 0; r < ROWS; ++r, c += cRow) {
      _mm512_storeu_si512(c, sum[r][0]);
      _mm512_storeu_si512(c + kHalf, sum[r][1]);
    }
  }
}

/// Rows lie two by two.
template <int ROWS>
void narrowProduct(const VnniProduct& task) {
  const std::int16_t* b = task.b;
  const std::ptrdiff_t aRow = task.aRow;
  const std::ptrdiff_t cRow = task.cRow;
  const int steps = task.steps;
  for (int point = 0; point < task.points; ++point) {
    __m512i sum[ROWS];
#pragma GCC unroll 32
    for (int r = 0; r < ROWS; ++r) sum[r] = _mm512_setzero_si512();
    const std::int16_t* a = task.a + static_cast<std::ptrdiff_t>(point) * steps * 2 * kVnniPair;
    for (int step = 0; step < steps; ++step) {
      const __m512i w = _mm512_loadu_si512(b);
#pragma GCC unroll 32
      for (int r = 0; r < ROWS; ++r) {
        const std::int16_t* row = a + r / 2 * aRow + r % 2 * kVnniNarrow;
        sum[r] = _mm512_dpwssd_epi32(sum[r], _mm512_set1_epi32(*reinterpret_cast<const Four*>(row)), w);
      }
      a += kVnniPair;
      b += kVnniPair * kVnniNarrow;
    }
    std::int32_t* c = task.c + static_cast<std::ptrdiff_t>(point) * kVnniNarrow;
#pragma GCC unroll 32
    for (int r = 0; r < ROWS; ++r, c += cRow) _mm512_storeu_si512(c, sum[r]);
  }
}

template <int ROWS>
struct Product {
  static void run(const VnniProduct& task) { product<ROWS>(task); }
};
template <int ROWS>
struct NarrowProduct {
  static void run(const VnniProduct& task) { narrowProduct<ROWS>(task); }
};

}  // namespace

void vnniInput(const VnniInput& task) {
  const __m512i factor = _mm512_set1_epi16(task.factor);
  const int columns = task.tiles * kVnniTile + 2;
  const std::ptrdiff_t channels = task.channels;
  for (int c = 0; c < task.channels; c += kVnniChannels) {
    // Neighbouring tiles share two columns.
    __m512i half[kVnniTiles * kVnniTile + 2][kSide];
    const std::int16_t* in = task.in + c;
    for (int w = 0; w < columns; ++w, in += channels) {
      inputColumn(in, task.rowStride, factor, half[w]);
    }
    for (int tile = 0; tile < task.tiles; ++tile) {
      std::int16_t* to = task.v + tile * task.tileStride + c;
#pragma GCC unroll 6
      for (int h = 0; h < kSide; ++h) {
        __m512i row[kSide];
        __m512i v[kSide];
#pragma GCC unroll 6
        for (int w = 0; w < kSide; ++w) row[w] = half[tile * kVnniTile + w][h];
        inputLine(row, v);
#pragma GCC unroll 6
        for (int w = 0; w < kSide; ++w, to += channels) _mm512_storeu_si512(to, v[w]);
      }
    }
  }
}

void vnniProduct(const VnniProduct& task, int rows) {
  static constexpr Table<Product, void (*)(const VnniProduct&)> table;
  table.rows[rows - 1](task);
}

void vnniOutputRow(const VnniOutputRow& task) {
  for (int tile = 0; tile < task.tiles; ++tile) {
    const std::int32_t* m = task.m + tile * task.tileStride;
    float* half = task.half + tile * task.halfStride;
#pragma GCC unroll 2
    for (int part = 0; part < kVnniChannels; part += kHalf) {
      __m512 y[kVnniTile];
      outputRow(m + part, task.scale + part, kVnniChannels, y);
#pragma GCC unroll 4
      for (int w = 0; w < kVnniTile; ++w) _mm512_storeu_ps(half + w * kVnniChannels + part, y[w]);
    }
  }
}

void vnniOutput(const VnniOutput& task, const VnniEpilogue& epilogue) {
  constexpr int row = kVnniTile * kVnniChannels;
  Epilogue end(epilogue);
  const __m512 scale = _mm512_set1_ps(*epilogue.scale);
  const __m512 bias[2] = {_mm512_loadu_ps(epilogue.bias), _mm512_loadu_ps(epilogue.bias + kHalf)};
  for (int w = 0; w < task.columns; ++w) {
    __m512 y[2][kVnniTile];
#pragma GCC unroll 2
    for (int part = 0; part < 2; ++part) {
      const float* half = task.half + w * kVnniChannels + part * kHalf;
      outputColumn(half, row, y[part]);
    }
    std::int16_t* out = epilogue.out + w * task.columnStride;
#pragma GCC unroll 4
    for (int h = 0; h < kVnniTile; ++h) {
      if (h >= task.rows) break;
      end.store(_mm512_fmadd_ps(y[0][h], scale, bias[0]), _mm512_fmadd_ps(y[1][h], scale, bias[1]),
                out + h * task.rowStride);
    }
  }
  end.finish();
}

void vnniNarrowInput(const VnniInput& task) {
  const __m512i factor = _mm512_set1_epi16(task.factor);
  const int pairs = (task.tiles + 1) / 2;
  const int vectors = pairs * kVnniTile + 1;
  // Two columns a vector.
  __m512i half[kVnniTiles * kVnniTile / 2 + 1][kSide];
  const std::int16_t* in = task.in;
  for (int w = 0; w < vectors; ++w, in += kVnniChannels) {
    inputColumn(in, task.rowStride, factor, half[w]);
  }
  for (int pair = 0; pair < pairs; ++pair) {
    std::int16_t* to = task.v + pair * task.tileStride;
    const auto* from = half + pair * kVnniTile;
#pragma GCC unroll 6
    for (int h = 0; h < kSide; ++h) {
      // A column of the first tile beside the same of the second, which begins two vectors later.
      __m512i row[kSide];
      __m512i v[kSide];
#pragma GCC unroll 3
      for (int w = 0; w < kSide / 2; ++w) {
        row[2 * w] = _mm512_shuffle_i64x2(from[w][h], from[w + 2][h], 0x44);
        row[2 * w + 1] = _mm512_shuffle_i64x2(from[w][h], from[w + 2][h], 0xee);
      }
      inputLine(row, v);
#pragma GCC unroll 6
      for (int w = 0; w < kSide; ++w, to += kVnniChannels) _mm512_storeu_si512(to, v[w]);
    }
  }
}

void vnniNarrowProduct(const VnniProduct& task, int rows) {
  static constexpr Table<NarrowProduct, void (*)(const VnniProduct&)> table;
  table.rows[rows - 1](task);
}

void vnniNarrowOutputRow(const VnniOutputRow& task) {
  for (int tile = 0; tile < task.tiles; ++tile) {
    float* half = task.half + tile * task.halfStride;
    __m512 y[kVnniTile];
    outputRow(task.m + tile * task.tileStride, task.scale, kHalf, y);
#pragma GCC unroll 4
    for (int w = 0; w < kVnniTile; ++w) _mm512_storeu_ps(half + w * kHalf, y[w]);
  }
}

void vnniNarrowOutput(const VnniOutput& task, const VnniEpilogue& epilogue) {
  constexpr int row = kVnniTile * kHalf;
  Epilogue end(epilogue);
  const __m512 scale = _mm512_set1_ps(*epilogue.scale);
  const __m512 bias = _mm512_loadu_ps(epilogue.bias);
  for (int w = 0; w < task.columns; w += 2) {
    __m512 y[2][kVnniTile];
#pragma GCC unroll 2
    for (int next = 0; next < 2; ++next) {
      const float* half = task.half + (w + next) * kHalf;
      outputColumn(half, row, y[next]);
    }
    std::int16_t* out = epilogue.out + w * task.columnStride;
#pragma GCC unroll 4
    for (int h = 0; h < kVnniTile; ++h) {
      if (h >= task.rows) break;
      end.storeNarrow(_mm512_fmadd_ps(y[0][h], scale, bias), _mm512_fmadd_ps(y[1][h], scale, bias),
                      out + h * task.rowStride, w + 1 < task.columns);
    }
  }
  end.finish();
}

}  // namespace whospeaks
