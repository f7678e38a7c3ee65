// The front end's rates and lengths, which kernels are compiled for. src/stream/geometry.ts is their home; loading the
// addon compares the two.
#pragma once

namespace whospeaks {

constexpr int kSampleRateHz = 16000;
constexpr int kFrameSamples = 400;
constexpr int kShiftSamples = 160;
constexpr int kMelBins = 80;

}  // namespace whospeaks
