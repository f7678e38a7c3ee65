// Compiled with AVX-512 VNNI switched on: nothing here may run before vnniAvailable() has said yes, and no header is
// used that could leave an inline function to the linker.
#include "engines/vnni/vnni_epilogue.h"

namespace whospeaks {
namespace {

template <int ROWS>
void direct(const VnniDirect& task, const VnniEpilogue& epilogue) {
  __m512i sum[ROWS][2];
#pragma GCC unroll 32
  for (int r = 0; r < ROWS; ++r) sum[r][0] = sum[r][1] = _mm512_setzero_si512();
  const std::int8_t* b = task.b;
  const std::ptrdiff_t aRow = task.aRow;
  for (int segment = 0; segment < task.segments; ++segment) {
    const std::uint8_t* a = task.a + segment * task.aSegment;
    for (int step = 0; step < task.steps; ++step) {
      const __m512i first = _mm512_loadu_si512(b);
      const __m512i second = _mm512_loadu_si512(b + kHalf * kVnniBytes);
#pragma GCC unroll 32
      for (int r = 0; r < ROWS; ++r) {
        const __m512i x = _mm512_set1_epi32(*reinterpret_cast<const Four*>(a + r * aRow));
        sum[r][0] = _mm512_dpbusd_epi32(sum[r][0], x, first);
        sum[r][1] = _mm512_dpbusd_epi32(sum[r][1], x, second);
      }
      a += kVnniBytes;
      b += kVnniBytes * kVnniChannels;
    }
  }
  Epilogue end(epilogue);
  const __m512 scale[2] = {_mm512_loadu_ps(epilogue.scale), _mm512_loadu_ps(epilogue.scale + kHalf)};
  const __m512 bias[2] = {_mm512_loadu_ps(epilogue.bias), _mm512_loadu_ps(epilogue.bias + kHalf)};
#pragma GCC unroll 32
  for (int r = 0; r < ROWS; ++r) {
    end.store(_mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r][0]), scale[0], bias[0]),
              _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r][1]), scale[1], bias[1]), epilogue.out + r * task.outRow);
  }
  end.finish();
}

template <int ROWS>
struct Direct {
  static void run(const VnniDirect& task, const VnniEpilogue& epilogue) { direct<ROWS>(task, epilogue); }
};

}  // namespace

void vnniDirect(const VnniDirect& task, const VnniEpilogue& epilogue, int rows) {
  static constexpr Table<Direct, void (*)(const VnniDirect&, const VnniEpilogue&)> table;
  table.rows[rows - 1](task, epilogue);
}

void vnniStem(const VnniStem& task, const VnniEpilogue& epilogue) {
  Epilogue end(epilogue);
  const __m512 scale = _mm512_set1_ps(*epilogue.scale);
  const __m512 bias[2] = {_mm512_loadu_ps(epilogue.bias), _mm512_loadu_ps(epilogue.bias + kHalf)};
  __m512 taps[kVnniTaps][2];
  for (int i = 0; i < kVnniTaps; ++i) {
    for (int part = 0; part < 2; ++part) {
      taps[i][part] = _mm512_mul_ps(_mm512_loadu_ps(task.weights + i * kVnniChannels + part * kHalf), scale);
    }
  }
  for (int t = 0; t < task.width; ++t) {
    __m512 y[2] = {bias[0], bias[1]};
#pragma GCC unroll 9
    for (int i = 0; i < kVnniTaps; ++i) {
      const __m512 x = _mm512_set1_ps(task.in[i / 3 * task.rowStride + t + i % 3]);
      y[0] = _mm512_fmadd_ps(x, taps[i][0], y[0]);
      y[1] = _mm512_fmadd_ps(x, taps[i][1], y[1]);
    }
    end.store(y[0], y[1], epilogue.out + t * task.columnStride);
  }
  end.finish();
}

void vnniNarrowStem(const VnniStem& task, const VnniEpilogue& epilogue) {
  Epilogue end(epilogue);
  const __m512 scale = _mm512_set1_ps(*epilogue.scale);
  const __m512 bias = _mm512_loadu_ps(epilogue.bias);
  __m512 taps[kVnniTaps];
  for (int i = 0; i < kVnniTaps; ++i) {
    taps[i] = _mm512_mul_ps(_mm512_loadu_ps(task.weights + i * kHalf), scale);
  }
  for (int t = 0; t < task.width; t += 2) {
    __m512 y[2] = {bias, bias};
#pragma GCC unroll 9
    for (int i = 0; i < kVnniTaps; ++i) {
      const float* x = task.in + i / 3 * task.rowStride + t + i % 3;
      y[0] = _mm512_fmadd_ps(_mm512_set1_ps(x[0]), taps[i], y[0]);
      y[1] = _mm512_fmadd_ps(_mm512_set1_ps(x[1]), taps[i], y[1]);
    }
    end.storeNarrow(y[0], y[1], epilogue.out + t * task.columnStride, t + 1 < task.width);
  }
  end.finish();
}

void vnniLinear(const VnniLinear& task) {
  constexpr int kVectors = kVnniOutputs / kHalf;
  __m512 sum[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sum[v] = _mm512_setzero_ps();
  const std::int16_t* w = task.weights;
  for (int k = 0; k < task.inputs; ++k, w += kVnniOutputs) {
    const __m512 x = _mm512_set1_ps(task.in[k]);
    _mm_prefetch(w + 16 * kVnniOutputs, _MM_HINT_T0);
    _mm_prefetch(w + 16 * kVnniOutputs + kVnniChannels, _MM_HINT_T0);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const __m256i narrow = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + v * kHalf));
      sum[v] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(narrow)), x, sum[v]);
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const __m512 y =
        _mm512_fmadd_ps(sum[v], _mm512_loadu_ps(task.scale + v * kHalf), _mm512_loadu_ps(task.bias + v * kHalf));
    _mm512_storeu_ps(task.out + v * kHalf, task.relu ? _mm512_max_ps(y, _mm512_setzero_ps()) : y);
  }
}

void vnniToBytes(const std::int16_t* from, std::size_t count, std::int16_t factor, std::uint8_t* to) {
  const __m256i by = _mm256_set1_epi16(factor);
  for (std::size_t i = 0; i < count; i += kHalf) {
    const __m256i x = _mm256_mulhrs_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i)), by);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i),
                     _mm256_cvtusepi16_epi8(_mm256_max_epi16(x, _mm256_setzero_si256())));
  }
}

float vnniGreatest(const float* from, std::size_t count, float least) {
  __m512 greatest = _mm512_set1_ps(least);
  for (std::size_t i = 0; i < count; i += kHalf) {
    greatest = _mm512_max_ps(_mm512_abs_ps(_mm512_loadu_ps(from + i)), greatest);
  }
  return _mm512_reduce_max_ps(greatest);
}

void vnniFromFloats(const float* from, std::size_t count, float factor, std::int16_t* to) {
  const __m512 by = _mm512_set1_ps(factor);
  for (std::size_t i = 0; i < count; i += kHalf) {
    const __m256i x = _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(from + i), by)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_max_epi16(x, _mm256_set1_epi16(-32767)));
  }
}

void vnniToFloats(const std::int16_t* from, std::size_t count, float scale, float* to) {
  const __m512 by = _mm512_set1_ps(scale);
  for (std::size_t i = 0; i < count; i += kHalf) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    _mm512_storeu_ps(to + i, _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(x)), by));
  }
}

}  // namespace whospeaks
