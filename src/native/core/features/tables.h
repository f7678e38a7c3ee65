// The numbers that log-mel features are computed with, made with plain operations in a fixed order: the same bits on
// every machine, whatever its mathematics library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace whospeaks {

/// Points of the complex transform: half of the 512 that a frame is padded to.
constexpr int kTransformPoints = 256;

struct LogMelTables {
  /// Hamming, rounded to float32, times the samples' scale.
  std::vector<float> window;
  /// Of the passes of 256, 64 and 16 points: cos and sin of w, w^2, w^3 for each of their 64 + 16 + 4 positions p,
  /// w = exp(-2 pi i p / points).
  std::vector<double> twiddles;
  /// Cosines and sines of 2 pi k / 512, k = 0 to 128, which take the two interleaved spectra apart.
  std::vector<double> splitCos;
  std::vector<double> splitSin;
  /// Triangle b weighs powers first[b] to first[b] + count[b] - 1; weights one after another.
  std::vector<std::uint16_t> first;
  std::vector<std::uint16_t> count;
  std::vector<double> weights;
};

/// Made once for all streams.
const LogMelTables& logMelTables();

}  // namespace whospeaks
