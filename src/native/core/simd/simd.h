// One float vector type an instruction set; kernels are templates over it. Each isa_*.cpp is compiled with
// its own flags and includes this file, so nothing here may leave an inline symbol that the linker could
// share between them: everything sits in an anonymous namespace and the only library functions are sqrtf and memcpy.
#pragma once

#include <math.h>
#include <string.h>

#include <cstddef>
#include <cstdint>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON) || defined(_M_ARM64)
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#if defined(__clang__)
#define WS_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define WS_UNROLL _Pragma("GCC unroll 32")
#else
#define WS_UNROLL
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define WS_INLINE __forceinline
#else
#define WS_INLINE inline __attribute__((always_inline))
#endif

namespace whospeaks {
namespace {

/// Beside arithmetic each type has `powerOfTwo(shifted)`: 2^n of `shifted` = 1.5 * 2^23 + 127 + n, which holds the
/// exponent's bits as its last ones; n from -126 to 127.

/// Ask for a cache line that will be read soon.
WS_INLINE void prefetch(const float* p) {
#if defined(__wasm__)
  (void)p;
#elif defined(__GNUC__)
  __builtin_prefetch(p, 0, 3);
#elif defined(__AVX2__)
  _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T1);
#else
  (void)p;
#endif
}

#if defined(__GNUC__)
/// The portable base: four lanes in whatever registers the plain target has.
struct ScalarVec {
  typedef float Lanes __attribute__((vector_size(16)));
  static constexpr int width = 4;
  static constexpr int maxRows = 2;
  static constexpr int lstmRows = 1;
  Lanes v;
  static WS_INLINE ScalarVec zero() { return {Lanes{}}; }
  static WS_INLINE ScalarVec load(const float* p) { return {Lanes{p[0], p[1], p[2], p[3]}}; }
  static WS_INLINE ScalarVec broadcast(float x) { return {Lanes{x, x, x, x}}; }
  WS_INLINE void store(float* p) const {
    for (int i = 0; i < 4; ++i) p[i] = v[i];
  }
};
WS_INLINE ScalarVec operator+(ScalarVec a, ScalarVec b) { return {a.v + b.v}; }
WS_INLINE ScalarVec operator-(ScalarVec a, ScalarVec b) { return {a.v - b.v}; }
WS_INLINE ScalarVec operator*(ScalarVec a, ScalarVec b) { return {a.v * b.v}; }
WS_INLINE ScalarVec operator/(ScalarVec a, ScalarVec b) { return {a.v / b.v}; }
#else
struct ScalarVec {
  static constexpr int width = 1;
  static constexpr int maxRows = 1;
  static constexpr int lstmRows = 1;
  float v;
  static WS_INLINE ScalarVec zero() { return {0}; }
  static WS_INLINE ScalarVec load(const float* p) { return {*p}; }
  static WS_INLINE ScalarVec broadcast(float x) { return {x}; }
  WS_INLINE void store(float* p) const { *p = v; }
};
WS_INLINE ScalarVec operator+(ScalarVec a, ScalarVec b) { return {a.v + b.v}; }
WS_INLINE ScalarVec operator-(ScalarVec a, ScalarVec b) { return {a.v - b.v}; }
WS_INLINE ScalarVec operator*(ScalarVec a, ScalarVec b) { return {a.v * b.v}; }
WS_INLINE ScalarVec operator/(ScalarVec a, ScalarVec b) { return {a.v / b.v}; }
#endif
WS_INLINE ScalarVec fma(ScalarVec a, ScalarVec b, ScalarVec c) { return a * b + c; }
WS_INLINE ScalarVec squareRoot(ScalarVec a) {
  float lanes[4];
  a.store(lanes);
  for (int i = 0; i < ScalarVec::width; ++i) lanes[i] = sqrtf(lanes[i]);
  return ScalarVec::load(lanes);
}
WS_INLINE ScalarVec maximum(ScalarVec a, ScalarVec b) {
  float lanes[4];
  float others[4];
  a.store(lanes);
  b.store(others);
  for (int i = 0; i < ScalarVec::width; ++i) lanes[i] = lanes[i] > others[i] ? lanes[i] : others[i];
  return ScalarVec::load(lanes);
}
WS_INLINE ScalarVec powerOfTwo(ScalarVec shifted) {
  float lanes[4];
  shifted.store(lanes);
  for (int i = 0; i < ScalarVec::width; ++i) {
    std::uint32_t bits;
    memcpy(&bits, &lanes[i], sizeof bits);
    bits <<= 23;
    memcpy(&lanes[i], &bits, sizeof bits);
  }
  return ScalarVec::load(lanes);
}

#if defined(__AVX512F__)
struct Avx512Vec {
  static constexpr int width = 16;
  static constexpr int maxRows = 12;
  static constexpr int lstmRows = 6;
  __m512 v;
  static WS_INLINE Avx512Vec zero() { return {_mm512_setzero_ps()}; }
  static WS_INLINE Avx512Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static WS_INLINE Avx512Vec broadcast(float x) { return {_mm512_set1_ps(x)}; }
  WS_INLINE void store(float* p) const { _mm512_storeu_ps(p, v); }
};
WS_INLINE Avx512Vec operator+(Avx512Vec a, Avx512Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
WS_INLINE Avx512Vec operator-(Avx512Vec a, Avx512Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
WS_INLINE Avx512Vec operator*(Avx512Vec a, Avx512Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
WS_INLINE Avx512Vec operator/(Avx512Vec a, Avx512Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
WS_INLINE Avx512Vec fma(Avx512Vec a, Avx512Vec b, Avx512Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
WS_INLINE Avx512Vec squareRoot(Avx512Vec a) { return {_mm512_sqrt_ps(a.v)}; }
WS_INLINE Avx512Vec maximum(Avx512Vec a, Avx512Vec b) { return {_mm512_max_ps(a.v, b.v)}; }
WS_INLINE Avx512Vec powerOfTwo(Avx512Vec shifted) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(shifted.v), 23))};
}
#endif

#if defined(__AVX2__)
struct Avx2Vec {
  static constexpr int width = 8;
  static constexpr int maxRows = 6;
  static constexpr int lstmRows = 2;
  __m256 v;
  static WS_INLINE Avx2Vec zero() { return {_mm256_setzero_ps()}; }
  static WS_INLINE Avx2Vec load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static WS_INLINE Avx2Vec broadcast(float x) { return {_mm256_set1_ps(x)}; }
  WS_INLINE void store(float* p) const { _mm256_storeu_ps(p, v); }
};
WS_INLINE Avx2Vec operator+(Avx2Vec a, Avx2Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
WS_INLINE Avx2Vec operator-(Avx2Vec a, Avx2Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
WS_INLINE Avx2Vec operator*(Avx2Vec a, Avx2Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
WS_INLINE Avx2Vec operator/(Avx2Vec a, Avx2Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
WS_INLINE Avx2Vec fma(Avx2Vec a, Avx2Vec b, Avx2Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
WS_INLINE Avx2Vec squareRoot(Avx2Vec a) { return {_mm256_sqrt_ps(a.v)}; }
WS_INLINE Avx2Vec maximum(Avx2Vec a, Avx2Vec b) { return {_mm256_max_ps(a.v, b.v)}; }
WS_INLINE Avx2Vec powerOfTwo(Avx2Vec shifted) {
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(shifted.v), 23))};
}
#endif

#if defined(__ARM_NEON) || defined(_M_ARM64)
struct NeonVec {
  static constexpr int width = 4;
  static constexpr int maxRows = 6;
  static constexpr int lstmRows = 6;
  float32x4_t v;
  static WS_INLINE NeonVec zero() { return {vdupq_n_f32(0)}; }
  static WS_INLINE NeonVec load(const float* p) { return {vld1q_f32(p)}; }
  static WS_INLINE NeonVec broadcast(float x) { return {vdupq_n_f32(x)}; }
  WS_INLINE void store(float* p) const { vst1q_f32(p, v); }
};
WS_INLINE NeonVec operator+(NeonVec a, NeonVec b) { return {vaddq_f32(a.v, b.v)}; }
WS_INLINE NeonVec operator-(NeonVec a, NeonVec b) { return {vsubq_f32(a.v, b.v)}; }
WS_INLINE NeonVec operator*(NeonVec a, NeonVec b) { return {vmulq_f32(a.v, b.v)}; }
WS_INLINE NeonVec operator/(NeonVec a, NeonVec b) { return {vdivq_f32(a.v, b.v)}; }
WS_INLINE NeonVec fma(NeonVec a, NeonVec b, NeonVec c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
WS_INLINE NeonVec squareRoot(NeonVec a) { return {vsqrtq_f32(a.v)}; }
WS_INLINE NeonVec maximum(NeonVec a, NeonVec b) { return {vmaxq_f32(a.v, b.v)}; }
WS_INLINE NeonVec powerOfTwo(NeonVec shifted) {
  return {vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(shifted.v), 23))};
}
#endif

#if defined(__wasm_simd128__)
/// 128 bits of WebAssembly. Where there is no fused multiply-add a product takes a register too, before it is added.
struct WasmVec {
  static constexpr int width = 4;
#if defined(__wasm_relaxed_simd__)
  static constexpr int maxRows = 6;
#else
  static constexpr int maxRows = 4;
#endif
  static constexpr int lstmRows = 2;
  v128_t v;
  static WS_INLINE WasmVec zero() { return {wasm_f32x4_const_splat(0)}; }
  static WS_INLINE WasmVec load(const float* p) { return {wasm_v128_load(p)}; }
  static WS_INLINE WasmVec broadcast(float x) { return {wasm_f32x4_splat(x)}; }
  WS_INLINE void store(float* p) const { wasm_v128_store(p, v); }
};
WS_INLINE WasmVec operator+(WasmVec a, WasmVec b) { return {wasm_f32x4_add(a.v, b.v)}; }
WS_INLINE WasmVec operator-(WasmVec a, WasmVec b) { return {wasm_f32x4_sub(a.v, b.v)}; }
WS_INLINE WasmVec operator*(WasmVec a, WasmVec b) { return {wasm_f32x4_mul(a.v, b.v)}; }
WS_INLINE WasmVec operator/(WasmVec a, WasmVec b) { return {wasm_f32x4_div(a.v, b.v)}; }
#if defined(__wasm_relaxed_simd__)
/// `f32x4.relaxed_madd`: rounded once where the processor multiplies and adds at once, twice elsewhere. Clang 14 has it under
/// the name, and with the opcode, of a draft: scripts/relaxed-opcodes.mjs writes the final one.
#if __has_builtin(__builtin_wasm_relaxed_madd_f32x4)
WS_INLINE WasmVec fma(WasmVec a, WasmVec b, WasmVec c) { return {__builtin_wasm_relaxed_madd_f32x4(a.v, b.v, c.v)}; }
#else
WS_INLINE WasmVec fma(WasmVec a, WasmVec b, WasmVec c) { return {__builtin_wasm_fma_f32x4(a.v, b.v, c.v)}; }
#endif
#else
#if !defined(__wasm_relaxed_simd__)
WS_INLINE WasmVec fma(WasmVec a, WasmVec b, WasmVec c) { return a * b + c; }
#elif __has_builtin(__builtin_wasm_relaxed_madd_f32x4)
/// `f32x4.relaxed_madd`: rounded once where the processor multiplies and adds at once, twice elsewhere.
WS_INLINE WasmVec fma(WasmVec a, WasmVec b, WasmVec c) {
  return {(v128_t)__builtin_wasm_relaxed_madd_f32x4((__f32x4)a.v, (__f32x4)b.v, (__f32x4)c.v)};
}
#else
/// The same under the name, and with the opcode, of a draft: scripts/relaxed-opcodes.mjs writes the final one.
WS_INLINE WasmVec fma(WasmVec a, WasmVec b, WasmVec c) {
  return {(v128_t)__builtin_wasm_fma_f32x4((__f32x4)a.v, (__f32x4)b.v, (__f32x4)c.v)};
}
#endif
#endif
WS_INLINE WasmVec squareRoot(WasmVec a) { return {wasm_f32x4_sqrt(a.v)}; }
/// One instruction of x86, where `wasm_f32x4_max` takes several to tell 0 from -0 and pass a NaN on.
WS_INLINE WasmVec maximum(WasmVec a, WasmVec b) { return {wasm_f32x4_pmax(b.v, a.v)}; }
WS_INLINE WasmVec powerOfTwo(WasmVec shifted) { return {wasm_i32x4_shl(shifted.v, 23)}; }
#endif

template <class V>
WS_INLINE V relu(V a) {
  return maximum(a, V::zero());
}

}  // namespace
}  // namespace whospeaks
