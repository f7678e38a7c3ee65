// As simd/elementary.h, compiled so that no product and sum are joined into one rounding.
#include "features/tables.h"

#include "features/geometry.h"
#include "simd/elementary.h"

namespace whospeaks {
namespace {

constexpr int kSpectrumPoints = 2 * kTransformPoints;
constexpr float kLowHz = 20;
constexpr float kHighHz = kSampleRateHz / 2;
/// Samples are scaled to the range of 16-bit integers, as the model's training saw them. A power of two, so it rounds
/// nothing wherever it is applied.
constexpr float kSampleScale = 32768;

struct Turn {
  double cos;
  double sin;
};

/// Taylor's series; |x| <= pi / 4.
Turn series(double x) {
  const double square = x * x;
  double cos = 1;
  double sin = 1;
  for (int n = 20; n >= 2; n -= 2) {
    cos = 1 - square / (n * (n - 1)) * cos;
    sin = 1 - square / (n * (n + 1)) * sin;
  }
  return {cos, x * sin};
}

/// Cosine and sine of 2 pi k / n, k >= 0: the series within an eighth of the circle, symmetry beyond.
Turn turn(int k, int n) {
  const double quarter = 1.5707963267948966;
  const int quarters = 4 * k / n;
  const int rest = 4 * k - quarters * n;
  const bool beyond = 2 * rest > n;
  const Turn near = series(quarter * (beyond ? n - rest : rest) / n);
  Turn turn = beyond ? Turn{near.sin, near.cos} : near;
  for (int i = 0; i < quarters % 4; ++i) turn = {-turn.sin, turn.cos};
  return turn;
}

void addWindow(LogMelTables& tables) {
  for (int i = 0; i < kFrameSamples; ++i) {
    const double value = 0.54 - 0.46 * turn(i, kFrameSamples - 1).cos;
    tables.window.push_back(kSampleScale * static_cast<float>(value));
  }
}

void addTwiddles(LogMelTables& tables) {
  for (const int points : {256, 64, 16}) {
    for (int p = 0; p < points / 4; ++p) {
      for (int j = 1; j <= 3; ++j) {
        const Turn w = turn(p * j, points);
        tables.twiddles.push_back(w.cos);
        tables.twiddles.push_back(-w.sin);
      }
    }
  }
  for (int k = 0; k <= kTransformPoints / 2; ++k) {
    const Turn w = turn(k, kSpectrumPoints);
    tables.splitCos.push_back(w.cos);
    tables.splitSin.push_back(w.sin);
  }
}

/// mel = 1127 ln(1 + f / 700), in float32 as Kaldi's `MelBanks::MelScale`.
float hzToMel(float hz) {
  const double ratio = 1 + hz / 700;
  return 1127 * logarithm(ScalarDoubles{ratio}).narrow().v;
}

/// 80 triangles with corners equally spaced in mel from 20 Hz to 8000 Hz, as Kaldi's `MelBanks` places them. Rounded to
/// float32 at each step as Kaldi does: the lowest triangles hold one or two powers, where a rounding step of the mel
/// scale is no longer small beside a weight.
void addTriangles(LogMelTables& tables) {
  const float low = hzToMel(kLowHz);
  const float step = (hzToMel(kHighHz) - low) / (kMelBins + 1);
  const auto corner = [&](int i) { return low + static_cast<float>(i) * step; };
  for (int bin = 0; bin < kMelBins; ++bin) {
    const float left = corner(bin);
    const float centre = corner(bin + 1);
    const float right = corner(bin + 2);
    std::uint16_t first = 0;
    std::uint16_t count = 0;
    for (int k = 0; k < kTransformPoints; ++k) {
      const float mel = hzToMel(static_cast<float>(kSampleRateHz) / kSpectrumPoints * static_cast<float>(k));
      if (mel <= left || mel >= right) continue;
      if (count++ == 0) first = static_cast<std::uint16_t>(k);
      tables.weights.push_back(mel <= centre ? (mel - left) / (centre - left) : (right - mel) / (right - centre));
    }
    tables.first.push_back(first);
    tables.count.push_back(count);
  }
}

LogMelTables make() {
  LogMelTables tables;
  addWindow(tables);
  addTwiddles(tables);
  addTriangles(tables);
  return tables;
}

}  // namespace

const LogMelTables& logMelTables() {
  static const LogMelTables tables = make();
  return tables;
}

}  // namespace whospeaks
