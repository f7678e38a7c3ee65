// Logarithm and exponential, lane by lane, with the bits of JavaScript's Math.log and Math.exp as V8 computes them: the
// reductions and polynomials of fdlibm (Sun, 1993; e_log.c and e_exp.c describe them), without its branches.
#pragma once

#include "simd/lanes.h"

namespace whospeaks {
namespace {

constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;
/// 2^52 and the exponent's bias: what `exponentBits` holds above an exponent.
constexpr double kBiased = 4503599627370496.0 + 1023.0;

/// For normal numbers and infinity. x = 2^k (1 + f) with 1 + f from about 0.71 to 1.41; s = f / (2 + f) and
/// log(1 + f) = f - s (f - R(s^2)), or 0.5 f^2 taken out of it where f is in the middle.
template <class D>
WS_INLINE D logarithm(D x) {
  const auto constant = [](double c) { return D::broadcast(c); };
  const D one = constant(1);
  const D half = constant(0.5);
  const D m = x.mantissa();
  // Tests of the mantissa's first 20 bits, as numbers: 0x6a09c, 0x6147a, 0x6b852, 0xffffe and 0x00001 of 2^20.
  const auto upper = atLeast(m, constant(1 + 0x6a09c * 0x1p-20));
  const D k = x.exponentBits() - constant(kBiased) + select(upper, one, constant(0));
  const D f = select(upper, m * half, m) - one;
  const D s = f / (constant(2) + f);
  const D z = s * s;
  const D w = z * z;
  const D even = w * (constant(3.999999999940941908e-01) +
                      w * (constant(2.222219843214978396e-01) + w * constant(1.531383769920937332e-01)));
  const D odd = z * (constant(6.666666666666735130e-01) +
                     w * (constant(2.857142874366239149e-01) +
                          w * (constant(1.818357216161805012e-01) + w * constant(1.479819860511658591e-01))));
  const D rest = odd + even;
  const D square = half * f * f;
  const D low = k * constant(kLn2Low);
  const D middle = square - (s * (square + rest) + low);
  const D outer = s * (f - rest) - low;
  // |f| < 2^-20: two terms of the series do.
  const D tiny = f * f * (half - constant(0.33333333333333333) * f) - low;
  D correction = select(atLeast(m, constant(1 + 0x6147a * 0x1p-20)), middle, outer);
  correction = select(atLeast(m, constant(1 + 0x6b852 * 0x1p-20)), outer, correction);
  correction = select(atLeast(m, constant(1 + 0xffffe * 0x1p-20)), tiny, correction);
  correction = select(atLeast(m, constant(1 + 0x1p-20)), correction, tiny);
  const D result = k * constant(kLn2High) - (correction - f);
  return select(above(x, constant(1.7976931348623157e308)), x, result);
}

/// Below -700 that of -700: to what adds 1, as everybody here does, it is all one. x = k ln 2 + r, |r| <= 0.35, and
/// exp(r) = 1 + r + r c / (2 - c) with c = r - r^2 P(r^2).
template <class D>
WS_INLINE D exponential(D x0) {
  const auto constant = [](double c) { return D::broadcast(c); };
  const D x = select(above(constant(-700), x0), constant(-700), x0);
  const D one = constant(1);
  const D zero = constant(0);
  const D magnitude = select(above(zero, x), zero - x, x);
  // 0.5 ln 2, by the first 32 bits.
  const auto reduced = atLeast(magnitude, constant(0x1.62e43p-2));
  const D towards = constant(1.44269504088896338700e+00) * x + select(above(zero, x), constant(-0.5), constant(0.5));
  const D k = select(reduced, towards.truncated(), zero);
  const D high = x - k * constant(kLn2High);
  const D low = k * constant(kLn2Low);
  const D r = high - low;
  const D t = r * r;
  const D c = r - t * (constant(1.66666666666666019037e-01) +
                       t * (constant(-2.77777777770155933842e-03) +
                            t * (constant(6.61375632143793436117e-05) +
                                 t * (constant(-1.65339022054652515390e-06) + t * constant(4.13813679705723846039e-08)))));
  const D y = one - ((low - (r * c) / (constant(2) - c)) - high);
  // y 2^k in two steps, for 2^1024 is no number.
  const D power = (k - one + constant(kBiased)).exponentFromBits();
  D result = y * power * constant(2);
  result = select(atLeast(magnitude, constant(0x1p-28)), result, one + x);
  result = select(atLeast(x, one), select(above(x, one), result, constant(2.718281828459045)), result);
  result = select(above(x, constant(7.09782712893383973096e+02)), constant(HUGE_VAL), result);
  // A number that is none stays so.
  return select(atLeast(magnitude, zero), result, x);
}

}  // namespace
}  // namespace whospeaks
