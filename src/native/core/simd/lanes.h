// Double precision side by side, one type an instruction set, for code that must give the same bits everywhere: plain
// IEEE operations in the order written. There is no fused multiply-add here, and the files that include this are
// compiled so that none is made. As in simd.h, nothing may leave an inline symbol that the linker could share.
#pragma once

#include <math.h>

#include <cstdint>
#include <cstring>

#include "simd/simd.h"

namespace whospeaks {
namespace {

/// The portable base: one lane. `Floats` are as many numbers in single precision.
struct ScalarFloats {
  float v;
  static WS_INLINE ScalarFloats load(const float* p) { return {*p}; }
  static WS_INLINE ScalarFloats broadcast(float x) { return {x}; }
  WS_INLINE void store(float* p) const { *p = v; }
};
WS_INLINE ScalarFloats operator+(ScalarFloats a, ScalarFloats b) { return {a.v + b.v}; }
WS_INLINE ScalarFloats operator-(ScalarFloats a, ScalarFloats b) { return {a.v - b.v}; }
WS_INLINE ScalarFloats operator*(ScalarFloats a, ScalarFloats b) { return {a.v * b.v}; }
WS_INLINE ScalarFloats operator/(ScalarFloats a, ScalarFloats b) { return {a.v / b.v}; }

struct ScalarDoubles {
  static constexpr int width = 1;
  using Floats = ScalarFloats;
  using Mask = bool;
  double v;
  static WS_INLINE ScalarDoubles load(const double* p) { return {*p}; }
  static WS_INLINE ScalarDoubles broadcast(double x) { return {x}; }
  static WS_INLINE ScalarDoubles widen(ScalarFloats x) { return {static_cast<double>(x.v)}; }
  WS_INLINE ScalarFloats narrow() const { return {static_cast<float>(v)}; }
  WS_INLINE void store(double* p) const { *p = v; }
  /// The bits of 2^52 + e, e the biased exponent of v; and v with the exponent of 1.
  WS_INLINE ScalarDoubles exponentBits() const { return fromBits(bits() >> 52 | 0x4330000000000000u); }
  WS_INLINE ScalarDoubles mantissa() const { return fromBits((bits() & 0x000fffffffffffffu) | 0x3ff0000000000000u); }
  /// The number whose exponent is the last bits of v.
  WS_INLINE ScalarDoubles exponentFromBits() const { return fromBits(bits() << 52); }
  /// Towards zero; for numbers below 2^31.
  WS_INLINE ScalarDoubles truncated() const { return {trunc(v)}; }

 private:
  WS_INLINE std::uint64_t bits() const {
    std::uint64_t b;
    memcpy(&b, &v, sizeof b);
    return b;
  }
  static WS_INLINE ScalarDoubles fromBits(std::uint64_t b) {
    ScalarDoubles x;
    memcpy(&x.v, &b, sizeof b);
    return x;
  }
};
WS_INLINE ScalarDoubles operator+(ScalarDoubles a, ScalarDoubles b) { return {a.v + b.v}; }
WS_INLINE ScalarDoubles operator-(ScalarDoubles a, ScalarDoubles b) { return {a.v - b.v}; }
WS_INLINE ScalarDoubles operator*(ScalarDoubles a, ScalarDoubles b) { return {a.v * b.v}; }
WS_INLINE ScalarDoubles operator/(ScalarDoubles a, ScalarDoubles b) { return {a.v / b.v}; }
/// Comparisons are false where either is not a number.
WS_INLINE bool above(ScalarDoubles a, ScalarDoubles b) { return a.v > b.v; }
WS_INLINE bool atLeast(ScalarDoubles a, ScalarDoubles b) { return a.v >= b.v; }
WS_INLINE ScalarDoubles select(bool mask, ScalarDoubles yes, ScalarDoubles no) { return mask ? yes : no; }

#if defined(__AVX512F__)
struct Avx512Floats {
  __m256 v;
  static WS_INLINE Avx512Floats load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static WS_INLINE Avx512Floats broadcast(float x) { return {_mm256_set1_ps(x)}; }
  WS_INLINE void store(float* p) const { _mm256_storeu_ps(p, v); }
};
WS_INLINE Avx512Floats operator+(Avx512Floats a, Avx512Floats b) { return {_mm256_add_ps(a.v, b.v)}; }
WS_INLINE Avx512Floats operator-(Avx512Floats a, Avx512Floats b) { return {_mm256_sub_ps(a.v, b.v)}; }
WS_INLINE Avx512Floats operator*(Avx512Floats a, Avx512Floats b) { return {_mm256_mul_ps(a.v, b.v)}; }
WS_INLINE Avx512Floats operator/(Avx512Floats a, Avx512Floats b) { return {_mm256_div_ps(a.v, b.v)}; }

struct Avx512Doubles {
  static constexpr int width = 8;
  using Floats = Avx512Floats;
  using Mask = __mmask8;
  __m512d v;
  static WS_INLINE Avx512Doubles load(const double* p) { return {_mm512_loadu_pd(p)}; }
  static WS_INLINE Avx512Doubles broadcast(double x) { return {_mm512_set1_pd(x)}; }
  static WS_INLINE Avx512Doubles widen(Avx512Floats x) { return {_mm512_cvtps_pd(x.v)}; }
  WS_INLINE Avx512Floats narrow() const { return {_mm512_cvtpd_ps(v)}; }
  WS_INLINE void store(double* p) const { _mm512_storeu_pd(p, v); }
  WS_INLINE Avx512Doubles exponentBits() const {
    return of(_mm512_or_si512(_mm512_srli_epi64(bits(), 52), _mm512_set1_epi64(0x4330000000000000)));
  }
  WS_INLINE Avx512Doubles mantissa() const {
    return of(_mm512_or_si512(_mm512_and_si512(bits(), _mm512_set1_epi64(0x000fffffffffffff)),
                              _mm512_set1_epi64(0x3ff0000000000000)));
  }
  WS_INLINE Avx512Doubles exponentFromBits() const { return of(_mm512_slli_epi64(bits(), 52)); }
  WS_INLINE Avx512Doubles truncated() const {
    return {_mm512_roundscale_pd(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)};
  }

 private:
  WS_INLINE __m512i bits() const { return _mm512_castpd_si512(v); }
  static WS_INLINE Avx512Doubles of(__m512i b) { return {_mm512_castsi512_pd(b)}; }
};
WS_INLINE Avx512Doubles operator+(Avx512Doubles a, Avx512Doubles b) { return {_mm512_add_pd(a.v, b.v)}; }
WS_INLINE Avx512Doubles operator-(Avx512Doubles a, Avx512Doubles b) { return {_mm512_sub_pd(a.v, b.v)}; }
WS_INLINE Avx512Doubles operator*(Avx512Doubles a, Avx512Doubles b) { return {_mm512_mul_pd(a.v, b.v)}; }
WS_INLINE Avx512Doubles operator/(Avx512Doubles a, Avx512Doubles b) { return {_mm512_div_pd(a.v, b.v)}; }
WS_INLINE __mmask8 above(Avx512Doubles a, Avx512Doubles b) { return _mm512_cmp_pd_mask(a.v, b.v, _CMP_GT_OQ); }
WS_INLINE __mmask8 atLeast(Avx512Doubles a, Avx512Doubles b) { return _mm512_cmp_pd_mask(a.v, b.v, _CMP_GE_OQ); }
WS_INLINE Avx512Doubles select(__mmask8 mask, Avx512Doubles yes, Avx512Doubles no) {
  return {_mm512_mask_blend_pd(mask, no.v, yes.v)};
}
#endif

#if defined(__AVX2__)
struct Avx2Floats {
  __m128 v;
  static WS_INLINE Avx2Floats load(const float* p) { return {_mm_loadu_ps(p)}; }
  static WS_INLINE Avx2Floats broadcast(float x) { return {_mm_set1_ps(x)}; }
  WS_INLINE void store(float* p) const { _mm_storeu_ps(p, v); }
};
WS_INLINE Avx2Floats operator+(Avx2Floats a, Avx2Floats b) { return {_mm_add_ps(a.v, b.v)}; }
WS_INLINE Avx2Floats operator-(Avx2Floats a, Avx2Floats b) { return {_mm_sub_ps(a.v, b.v)}; }
WS_INLINE Avx2Floats operator*(Avx2Floats a, Avx2Floats b) { return {_mm_mul_ps(a.v, b.v)}; }
WS_INLINE Avx2Floats operator/(Avx2Floats a, Avx2Floats b) { return {_mm_div_ps(a.v, b.v)}; }

struct Avx2Doubles {
  static constexpr int width = 4;
  using Floats = Avx2Floats;
  using Mask = __m256d;
  __m256d v;
  static WS_INLINE Avx2Doubles load(const double* p) { return {_mm256_loadu_pd(p)}; }
  static WS_INLINE Avx2Doubles broadcast(double x) { return {_mm256_set1_pd(x)}; }
  static WS_INLINE Avx2Doubles widen(Avx2Floats x) { return {_mm256_cvtps_pd(x.v)}; }
  WS_INLINE Avx2Floats narrow() const { return {_mm256_cvtpd_ps(v)}; }
  WS_INLINE void store(double* p) const { _mm256_storeu_pd(p, v); }
  WS_INLINE Avx2Doubles exponentBits() const {
    return of(_mm256_or_si256(_mm256_srli_epi64(bits(), 52), _mm256_set1_epi64x(0x4330000000000000)));
  }
  WS_INLINE Avx2Doubles mantissa() const {
    return of(_mm256_or_si256(_mm256_and_si256(bits(), _mm256_set1_epi64x(0x000fffffffffffff)),
                              _mm256_set1_epi64x(0x3ff0000000000000)));
  }
  WS_INLINE Avx2Doubles exponentFromBits() const { return of(_mm256_slli_epi64(bits(), 52)); }
  WS_INLINE Avx2Doubles truncated() const { return {_mm256_round_pd(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)}; }

 private:
  WS_INLINE __m256i bits() const { return _mm256_castpd_si256(v); }
  static WS_INLINE Avx2Doubles of(__m256i b) { return {_mm256_castsi256_pd(b)}; }
};
WS_INLINE Avx2Doubles operator+(Avx2Doubles a, Avx2Doubles b) { return {_mm256_add_pd(a.v, b.v)}; }
WS_INLINE Avx2Doubles operator-(Avx2Doubles a, Avx2Doubles b) { return {_mm256_sub_pd(a.v, b.v)}; }
WS_INLINE Avx2Doubles operator*(Avx2Doubles a, Avx2Doubles b) { return {_mm256_mul_pd(a.v, b.v)}; }
WS_INLINE Avx2Doubles operator/(Avx2Doubles a, Avx2Doubles b) { return {_mm256_div_pd(a.v, b.v)}; }
WS_INLINE __m256d above(Avx2Doubles a, Avx2Doubles b) { return _mm256_cmp_pd(a.v, b.v, _CMP_GT_OQ); }
WS_INLINE __m256d atLeast(Avx2Doubles a, Avx2Doubles b) { return _mm256_cmp_pd(a.v, b.v, _CMP_GE_OQ); }
WS_INLINE Avx2Doubles select(__m256d mask, Avx2Doubles yes, Avx2Doubles no) {
  return {_mm256_blendv_pd(no.v, yes.v, mask)};
}
#endif

#if defined(__ARM_NEON) || defined(_M_ARM64)
struct NeonFloats {
  float32x2_t v;
  static WS_INLINE NeonFloats load(const float* p) { return {vld1_f32(p)}; }
  static WS_INLINE NeonFloats broadcast(float x) { return {vdup_n_f32(x)}; }
  WS_INLINE void store(float* p) const { vst1_f32(p, v); }
};
WS_INLINE NeonFloats operator+(NeonFloats a, NeonFloats b) { return {vadd_f32(a.v, b.v)}; }
WS_INLINE NeonFloats operator-(NeonFloats a, NeonFloats b) { return {vsub_f32(a.v, b.v)}; }
WS_INLINE NeonFloats operator*(NeonFloats a, NeonFloats b) { return {vmul_f32(a.v, b.v)}; }
WS_INLINE NeonFloats operator/(NeonFloats a, NeonFloats b) { return {vdiv_f32(a.v, b.v)}; }

struct NeonDoubles {
  static constexpr int width = 2;
  using Floats = NeonFloats;
  using Mask = uint64x2_t;
  float64x2_t v;
  static WS_INLINE NeonDoubles load(const double* p) { return {vld1q_f64(p)}; }
  static WS_INLINE NeonDoubles broadcast(double x) { return {vdupq_n_f64(x)}; }
  static WS_INLINE NeonDoubles widen(NeonFloats x) { return {vcvt_f64_f32(x.v)}; }
  WS_INLINE NeonFloats narrow() const { return {vcvt_f32_f64(v)}; }
  WS_INLINE void store(double* p) const { vst1q_f64(p, v); }
  WS_INLINE NeonDoubles exponentBits() const {
    return of(vorrq_u64(vshrq_n_u64(bits(), 52), vdupq_n_u64(0x4330000000000000u)));
  }
  WS_INLINE NeonDoubles mantissa() const {
    return of(vorrq_u64(vandq_u64(bits(), vdupq_n_u64(0x000fffffffffffffu)), vdupq_n_u64(0x3ff0000000000000u)));
  }
  WS_INLINE NeonDoubles exponentFromBits() const { return of(vshlq_n_u64(bits(), 52)); }
  WS_INLINE NeonDoubles truncated() const { return {vrndq_f64(v)}; }

 private:
  WS_INLINE uint64x2_t bits() const { return vreinterpretq_u64_f64(v); }
  static WS_INLINE NeonDoubles of(uint64x2_t b) { return {vreinterpretq_f64_u64(b)}; }
};
WS_INLINE NeonDoubles operator+(NeonDoubles a, NeonDoubles b) { return {vaddq_f64(a.v, b.v)}; }
WS_INLINE NeonDoubles operator-(NeonDoubles a, NeonDoubles b) { return {vsubq_f64(a.v, b.v)}; }
WS_INLINE NeonDoubles operator*(NeonDoubles a, NeonDoubles b) { return {vmulq_f64(a.v, b.v)}; }
WS_INLINE NeonDoubles operator/(NeonDoubles a, NeonDoubles b) { return {vdivq_f64(a.v, b.v)}; }
WS_INLINE uint64x2_t above(NeonDoubles a, NeonDoubles b) { return vcgtq_f64(a.v, b.v); }
WS_INLINE uint64x2_t atLeast(NeonDoubles a, NeonDoubles b) { return vcgeq_f64(a.v, b.v); }
WS_INLINE NeonDoubles select(uint64x2_t mask, NeonDoubles yes, NeonDoubles no) {
  return {vbslq_f64(mask, yes.v, no.v)};
}
#endif

#if defined(__wasm_simd128__)
/// Two numbers, in the lower half of a vector.
struct WasmFloats {
  v128_t v;
  static WS_INLINE WasmFloats load(const float* p) { return {wasm_v128_load64_zero(p)}; }
  static WS_INLINE WasmFloats broadcast(float x) { return {wasm_f32x4_splat(x)}; }
  WS_INLINE void store(float* p) const { wasm_v128_store64_lane(p, v, 0); }
};
WS_INLINE WasmFloats operator+(WasmFloats a, WasmFloats b) { return {wasm_f32x4_add(a.v, b.v)}; }
WS_INLINE WasmFloats operator-(WasmFloats a, WasmFloats b) { return {wasm_f32x4_sub(a.v, b.v)}; }
WS_INLINE WasmFloats operator*(WasmFloats a, WasmFloats b) { return {wasm_f32x4_mul(a.v, b.v)}; }
WS_INLINE WasmFloats operator/(WasmFloats a, WasmFloats b) { return {wasm_f32x4_div(a.v, b.v)}; }

struct WasmDoubles {
  static constexpr int width = 2;
  using Floats = WasmFloats;
  using Mask = v128_t;
  v128_t v;
  static WS_INLINE WasmDoubles load(const double* p) { return {wasm_v128_load(p)}; }
  static WS_INLINE WasmDoubles broadcast(double x) { return {wasm_f64x2_splat(x)}; }
  static WS_INLINE WasmDoubles widen(WasmFloats x) { return {wasm_f64x2_promote_low_f32x4(x.v)}; }
  WS_INLINE WasmFloats narrow() const { return {wasm_f32x4_demote_f64x2_zero(v)}; }
  WS_INLINE void store(double* p) const { wasm_v128_store(p, v); }
  WS_INLINE WasmDoubles exponentBits() const {
    return {wasm_v128_or(wasm_u64x2_shr(v, 52), wasm_i64x2_const_splat(0x4330000000000000))};
  }
  WS_INLINE WasmDoubles mantissa() const {
    return {wasm_v128_or(wasm_v128_and(v, wasm_i64x2_const_splat(0x000fffffffffffff)),
                         wasm_i64x2_const_splat(0x3ff0000000000000))};
  }
  WS_INLINE WasmDoubles exponentFromBits() const { return {wasm_i64x2_shl(v, 52)}; }
  WS_INLINE WasmDoubles truncated() const { return {wasm_f64x2_trunc(v)}; }
};
WS_INLINE WasmDoubles operator+(WasmDoubles a, WasmDoubles b) { return {wasm_f64x2_add(a.v, b.v)}; }
WS_INLINE WasmDoubles operator-(WasmDoubles a, WasmDoubles b) { return {wasm_f64x2_sub(a.v, b.v)}; }
WS_INLINE WasmDoubles operator*(WasmDoubles a, WasmDoubles b) { return {wasm_f64x2_mul(a.v, b.v)}; }
WS_INLINE WasmDoubles operator/(WasmDoubles a, WasmDoubles b) { return {wasm_f64x2_div(a.v, b.v)}; }
WS_INLINE v128_t above(WasmDoubles a, WasmDoubles b) { return wasm_f64x2_gt(a.v, b.v); }
WS_INLINE v128_t atLeast(WasmDoubles a, WasmDoubles b) { return wasm_f64x2_ge(a.v, b.v); }
WS_INLINE WasmDoubles select(v128_t mask, WasmDoubles yes, WasmDoubles no) {
  return {wasm_v128_bitselect(yes.v, no.v, mask)};
}
#endif

}  // namespace
}  // namespace whospeaks
