// Log-mel features of D::width frames side by side, a frame a lane.
#pragma once

#include "features/front_end.h"
#include "simd/elementary.h"

namespace whospeaks {
namespace {

constexpr float kPreEmphasis = 0.97f;
constexpr double kEnergyFloor = 0x1p-23;
constexpr int kHalf = kTransformPoints / 2;

/// Where the in-place transform leaves point k of 256: the four base-4 digits of k, in reverse.
struct Reversed {
  std::uint8_t at[kTransformPoints];
  constexpr Reversed() : at() {
    for (int k = 0; k < kTransformPoints; ++k) {
      at[k] = static_cast<std::uint8_t>((k & 3) << 6 | (k >> 2 & 3) << 4 | (k >> 4 & 3) << 2 | (k >> 6 & 3));
    }
  }
};

/// Frames to lanes, mean off, pre-emphasis, window, in single precision. Where there are fewer frames than lanes, the
/// last one fills the rest.
template <class D>
WS_INLINE void condition(const float* window, const float* frames, int count, float* samples) {
  using F = typename D::Floats;
  constexpr int W = D::width;
  const float* lane[W];
  for (int l = 0; l < W; ++l) lane[l] = frames + kFrameSamples * (l < count ? l : count - 1);
  F sum = F::broadcast(0);
  for (int i = 0; i < kFrameSamples; ++i) {
    WS_UNROLL
    for (int l = 0; l < W; ++l) samples[i * W + l] = lane[l][i];
  }
  for (int i = 0; i < kFrameSamples; ++i) sum = sum + F::load(samples + i * W);
  const F mean = sum / F::broadcast(kFrameSamples);
  const F sharp = F::broadcast(kPreEmphasis);
  F previous = F::load(samples) - mean;
  for (int i = 0; i < kFrameSamples; ++i) {
    const F level = F::load(samples + i * W) - mean;
    ((level - sharp * previous) * F::broadcast(window[i])).store(samples + i * W);
    previous = level;
  }
}

template <class D>
struct Complex {
  D re;
  D im;
};
template <class D>
WS_INLINE Complex<D> operator+(Complex<D> a, Complex<D> b) {
  return {a.re + b.re, a.im + b.im};
}
template <class D>
WS_INLINE Complex<D> operator-(Complex<D> a, Complex<D> b) {
  return {a.re - b.re, a.im - b.im};
}
template <class D>
WS_INLINE Complex<D> turned(Complex<D> a, const double* twiddle) {
  const D c = D::broadcast(twiddle[0]);
  const D s = D::broadcast(twiddle[1]);
  return {a.re * c - a.im * s, a.re * s + a.im * c};
}
template <class D>
WS_INLINE Complex<D> loadPoint(const double* points, int at) {
  return {D::load(points + 2 * at * D::width), D::load(points + (2 * at + 1) * D::width)};
}
template <class D>
WS_INLINE void storePoint(double* points, int at, Complex<D> value) {
  value.re.store(points + 2 * at * D::width);
  value.im.store(points + (2 * at + 1) * D::width);
}

/// One butterfly: four points, a quarter of the block apart, and the twiddles of their position; null: all 1.
template <class D>
WS_INLINE void butterfly(Complex<D> a, Complex<D> b, Complex<D> c, Complex<D> d, const double* twiddles, double* points,
                         int at, int quarter) {
  const Complex<D> sumAc = a + c;
  const Complex<D> diffAc = a - c;
  const Complex<D> sumBd = b + d;
  // i (b - d)
  const Complex<D> turn{d.im - b.im, b.re - d.re};
  storePoint(points, at, sumAc + sumBd);
  const Complex<D> one = diffAc - turn;
  const Complex<D> two = sumAc - sumBd;
  const Complex<D> three = diffAc + turn;
  storePoint(points, at + quarter, twiddles ? turned(one, twiddles) : one);
  storePoint(points, at + 2 * quarter, twiddles ? turned(two, twiddles + 2) : two);
  storePoint(points, at + 3 * quarter, twiddles ? turned(three, twiddles + 4) : three);
}

/// One radix-4 pass over a block of `size` points, in place.
template <class D, int size>
WS_INLINE void pass(double* points, const double* twiddles) {
  constexpr int quarter = size / 4;
  for (int p = 0; p < quarter; ++p) {
    butterfly(loadPoint<D>(points, p), loadPoint<D>(points, p + quarter), loadPoint<D>(points, p + 2 * quarter),
              loadPoint<D>(points, p + 3 * quarter), size == 4 ? nullptr : twiddles + 6 * p, points, p, quarter);
  }
}

/// Power spectrum of 512 real samples by a complex transform of 256 points: even samples are the real part, odd samples
/// the imaginary part, and `split` takes the two interleaved spectra apart (the usual way, e.g. Numerical Recipes, "FFT of
/// Single Real Function"). Radix 4, in place; the points are left in the order of `Reversed`.
template <class D>
void transform(const double* twiddles, const float* samples, double* points) {
  using F = typename D::Floats;
  constexpr int W = D::width;
  constexpr int quarter = kTransformPoints / 4;
  const auto point = [samples](int n) {
    return Complex<D>{D::widen(F::load(samples + 2 * n * W)), D::widen(F::load(samples + (2 * n + 1) * W))};
  };
  for (int p = 0; p < quarter; ++p) {
    butterfly(point(p), point(p + quarter), point(p + 2 * quarter), point(p + 3 * quarter), twiddles + 6 * p, points, p,
              quarter);
  }
  for (int block = 0; block < 4; ++block) {
    double* first = points + block * 64 * 2 * W;
    pass<D, 64>(first, twiddles + 6 * 64);
    for (int inner = 0; inner < 4; ++inner) {
      double* second = first + inner * 16 * 2 * W;
      pass<D, 16>(second, twiddles + 6 * (64 + 16));
      for (int last = 0; last < 4; ++last) pass<D, 4>(second + last * 4 * 2 * W, nullptr);
    }
  }
}

/// Powers of the real transform's points 0 to 255: X(k) = E(k) + W^k O(k) and X(256 - k) = conj(E(k) - W^k O(k)), E and O
/// the two halves' spectra. The point at 8000 Hz is not computed, for no triangle reaches it.
template <class D>
void split(const LogMelTables& tables, const double* points, double* powers) {
  static constexpr Reversed reversed;
  constexpr int W = D::width;
  const D half = D::broadcast(0.5);
  const Complex<D> zero = loadPoint<D>(points, 0);
  const D dc = zero.re + zero.im;
  (dc * dc).store(powers);
  for (int k = 1; k <= kHalf; ++k) {
    const int m = kTransformPoints - k;
    const Complex<D> a = loadPoint<D>(points, reversed.at[k]);
    const Complex<D> b = loadPoint<D>(points, reversed.at[m]);
    const Complex<D> even{half * (a.re + b.re), half * (a.im - b.im)};
    const Complex<D> odd{half * (a.im + b.im), half * (b.re - a.re)};
    const D c = D::broadcast(tables.splitCos[k]);
    const D s = D::broadcast(tables.splitSin[k]);
    const Complex<D> turn{odd.re * c + odd.im * s, odd.im * c - odd.re * s};
    const Complex<D> low = even + turn;
    const Complex<D> high = even - turn;
    (low.re * low.re + low.im * low.im).store(powers + k * W);
    (high.re * high.re + high.im * high.im).store(powers + m * W);
  }
}

template <class D>
void logMel(const LogMelTables& tables, const float* frames, int count, float* features, LogMelScratch& scratch) {
  constexpr int W = D::width;
  float* samples = scratch.samples.data();
  auto* points = reinterpret_cast<double*>(scratch.points.data());
  auto* powers = reinterpret_cast<double*>(scratch.powers.data());
  condition<D>(tables.window.data(), frames, count, samples);
  transform<D>(tables.twiddles.data(), samples, points);
  split<D>(tables, points, powers);
  const D floor = D::broadcast(kEnergyFloor);
  const double* weight = tables.weights.data();
  for (int bin = 0; bin < kMelBins; ++bin) {
    const double* power = powers + tables.first[bin] * W;
    D energy = D::broadcast(0);
    for (int k = 0; k < tables.count[bin]; ++k) energy = energy + D::broadcast(*weight++) * D::load(power + k * W);
    float lanes[W];
    logarithm(select(above(energy, floor), energy, floor)).narrow().store(lanes);
    for (int l = 0; l < count; ++l) features[l * kMelBins + bin] = lanes[l];
  }
}

}  // namespace
}  // namespace whospeaks
