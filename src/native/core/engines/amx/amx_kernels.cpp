// Compiled with AMX and AVX-512 switched on: nothing here may run before amxAvailable() has said yes, and no
// header is used that could leave an inline function to the linker.
#include "engines/amx/amx_kernels.h"

#include <immintrin.h>

namespace whospeaks {
namespace {

struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t startRow = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t columnBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

/// Not on the stack: the intrinsic tells the compiler of its first bytes only, which may then drop the rest.
const TileConfig kTiles;

inline __m512 widen(const Bf16* p) {
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

inline void narrow(Bf16* p, __m512 x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x)));
}

// Tiles 0 to 3 hold sums: 0 and 1 of the first 16 rows, 2 and 3 of the second; 4 and 5 are A, 6 and 7 B.
template <int ROW_TILES, int PANELS>
void multiply(const AmxTask& task, float* sums) {
  _tile_zero(0);
  if (PANELS > 1) _tile_zero(1);
  if (ROW_TILES > 1) _tile_zero(2);
  if (ROW_TILES > 1 && PANELS > 1) _tile_zero(3);
  const std::ptrdiff_t stride = task.aRow * static_cast<std::ptrdiff_t>(sizeof(Bf16));
  const Bf16* b = task.b;
  for (int segment = 0; segment < task.segments; ++segment) {
    const Bf16* a = task.a + segment * task.aSegment;
    for (int chunk = 0; chunk < task.chunks; ++chunk) {
      _tile_loadd(4, a, stride);
      _tile_loadd(6, b, 64);
      _tile_dpbf16ps(0, 4, 6);
      if (PANELS > 1) {
        _tile_loadd(7, b + task.bPanel, 64);
        _tile_dpbf16ps(1, 4, 7);
      }
      if (ROW_TILES > 1) {
        _tile_loadd(5, a + 16 * task.aRow, stride);
        _tile_dpbf16ps(2, 5, 6);
        if (PANELS > 1) _tile_dpbf16ps(3, 5, 7);
      }
      a += kAmxDepth;
      b += kAmxTile;
    }
  }
  constexpr int width = PANELS * 16;
  _tile_stored(0, sums, width * sizeof(float));
  if (PANELS > 1) _tile_stored(1, sums + 16, width * sizeof(float));
  if (ROW_TILES > 1) _tile_stored(2, sums + 16 * width, width * sizeof(float));
  if (ROW_TILES > 1 && PANELS > 1) _tile_stored(3, sums + 16 * width + 16, width * sizeof(float));
}

template <int PANELS>
void finish(const AmxTask& task, const float* sums) {
  int column = task.phase % task.period;
  for (int row = 0; row < task.rows; ++row) {
    const std::ptrdiff_t at = row * task.outRow;
    const bool border = column == task.period - 1;
    column = border ? 0 : column + 1;
    for (int v = 0; v < PANELS; ++v) {
      __m512 y = _mm512_add_ps(_mm512_load_ps(sums + (row * PANELS + v) * 16), _mm512_loadu_ps(task.bias + v * 16));
      if (task.residual) y = _mm512_add_ps(y, widen(task.residual + at + v * 16));
      if (task.relu) y = _mm512_max_ps(y, _mm512_setzero_ps());
      if (border) y = _mm512_setzero_ps();
      narrow(task.out + at + v * 16, y);
    }
  }
}

}  // namespace

void amxBegin() { _tile_loadconfig(&kTiles); }

void amxEnd() { _tile_release(); }

void amxGemm(const AmxTask& task, int panels) {
  alignas(64) float sums[32 * 32];
  if (panels > 1) {
    task.rows > 16 ? multiply<2, 2>(task, sums) : multiply<1, 2>(task, sums);
    finish<2>(task, sums);
  } else {
    task.rows > 16 ? multiply<2, 1>(task, sums) : multiply<1, 1>(task, sums);
    finish<1>(task, sums);
  }
}

void amxStem(const AmxStemTask& task) {
  for (int c = 0; c < task.channels; c += 16) {
    __m512 taps[9];
    for (int i = 0; i < 9; ++i) taps[i] = _mm512_loadu_ps(task.weights + i * task.channels + c);
    const __m512 bias = _mm512_loadu_ps(task.bias + c);
    for (int t = 0; t < task.width; ++t) {
      __m512 rows[3] = {bias, _mm512_setzero_ps(), _mm512_setzero_ps()};
      for (int i = 0; i < 9; ++i) {
        const __m512 x = _mm512_set1_ps(task.in[i / 3 * task.rowStride + t + i % 3]);
        rows[i / 3] = _mm512_fmadd_ps(x, taps[i], rows[i / 3]);
      }
      const __m512 y = _mm512_add_ps(_mm512_add_ps(rows[0], rows[1]), rows[2]);
      narrow(task.out + static_cast<std::ptrdiff_t>(t) * task.channels + c, _mm512_max_ps(y, _mm512_setzero_ps()));
    }
  }
}

void amxStatistics(const Bf16* row, int width, int channels, float* mean, float* deviation) {
  for (int c = 0; c < channels; c += 16) {
    __m512 sum = _mm512_setzero_ps();
    for (int t = 0; t < width; ++t) sum = _mm512_add_ps(sum, widen(row + static_cast<std::ptrdiff_t>(t) * channels + c));
    const __m512 average = _mm512_mul_ps(sum, _mm512_set1_ps(1.0f / static_cast<float>(width)));
    __m512 squares = _mm512_setzero_ps();
    for (int t = 0; t < width; ++t) {
      const __m512 away = _mm512_sub_ps(widen(row + static_cast<std::ptrdiff_t>(t) * channels + c), average);
      squares = _mm512_fmadd_ps(away, away, squares);
    }
    _mm512_storeu_ps(mean + c, average);
    const __m512 variance = _mm512_fmadd_ps(squares, _mm512_set1_ps(1.0f / static_cast<float>(width - 1)),
                                            _mm512_set1_ps(1e-7f));
    _mm512_storeu_ps(deviation + c, _mm512_sqrt_ps(variance));
  }
}

}  // namespace whospeaks
