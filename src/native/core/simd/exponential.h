// The exponential over a vector type, for gates and attention. See simd.h for the rules.
#pragma once

#include "simd/simd.h"

namespace whospeaks {
namespace {

/// e^x to about 2e-7 of itself, for x from -27 to 27, beyond the value there; three of them can be multiplied. x =
/// (n + r) ln 2 with |r| <= 1/2, the series of e^(r ln 2) to its 7th power.
template <class V>
WS_INLINE V exponentialOf(V x) {
  const auto constant = [](float c) { return V::broadcast(c); };
  const V bounded = V::zero() - maximum(V::zero() - maximum(x, constant(-27.0f)), constant(-27.0f));
  // Adding 1.5 * 2^23 rounds to a whole number, and leaves it in the last bits.
  const V shifted = fma(bounded, constant(1.44269504088896341f), constant(12582912.0f));
  const V n = shifted - constant(12582912.0f);
  V r = fma(n, constant(-0.693359375f), bounded);
  r = fma(n, constant(2.12194440e-4f), r);
  V series = constant(1.0f / 5040);
  series = fma(series, r, constant(1.0f / 720));
  series = fma(series, r, constant(1.0f / 120));
  series = fma(series, r, constant(1.0f / 24));
  series = fma(series, r, constant(1.0f / 6));
  series = fma(series, r, constant(0.5f));
  series = fma(series, r, constant(1.0f));
  series = fma(series, r, constant(1.0f));
  return series * powerOfTwo(n + constant(12582912.0f + 127));
}

}  // namespace
}  // namespace whospeaks
