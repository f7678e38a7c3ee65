#include "features/front_end.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "error.h"
#include "simd/kernels.h"

namespace whospeaks {
namespace {

void expect(bool fits, const char* what) {
  if (!fits) throw EngineError("engine-failed", std::string(what) + " has another size than this addon was built for");
}

/// rows x columns to columns x rows.
void transpose(std::vector<float>& matrix, std::size_t rows) {
  const std::size_t columns = matrix.size() / rows;
  std::vector<float> turned(matrix.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) turned[column * rows + row] = matrix[row * columns + column];
  }
  matrix = std::move(turned);
}

}  // namespace

const FrontEndKernels& selectFrontEnd() {
  const char* name = selectKernels().name;
#if defined(WS_X86)
  if (std::strcmp(name, "avx512") == 0) return avx512FrontEnd();
  if (std::strcmp(name, "avx2") == 0) return avx2FrontEnd();
#elif defined(WS_NEON)
  if (std::strcmp(name, "neon") == 0) return neonFrontEnd();
#elif defined(WS_WASM_SIMD)
  if (std::strcmp(name, wasmKernels().name) == 0) return wasmFrontEnd();
#endif
  (void)name;
  return scalarFrontEnd();
}

LogMel::LogMel() : kernels_(selectFrontEnd()), tables_(logMelTables()) {}

void LogMel::compute(const float* frames, std::size_t count, float* features) {
  const auto lanes = static_cast<std::size_t>(kernels_.lanes);
  for (std::size_t first = 0; first < count; first += lanes) {
    const int taken = static_cast<int>(std::min(lanes, count - first));
    kernels_.logMel(tables_, frames + first * kFrameSamples, taken, features + first * kMelBins, scratch_);
  }
}

GateNetwork::GateNetwork(GateWeights weights)
    : kernels_(selectFrontEnd()), weights_(std::move(weights)), state_(kGateUnits, 0.0) {
  expect(weights_.project.size() == kMelBins * kGateInputs && weights_.projectBias.size() == kGateInputs,
         "the speech gate's first layer");
  expect(weights_.fromInput.size() == kGateInputs * 3 * kGateUnits && weights_.fromInputBias.size() == 3 * kGateUnits &&
             weights_.fromState.size() == kGateUnits * 3 * kGateUnits && weights_.fromStateBias.size() == 3 * kGateUnits,
         "the speech gate's recurrent layer");
  expect(weights_.out.size() == kGateUnits, "the speech gate's last layer");
  transpose(weights_.project, kGateInputs);
  transpose(weights_.fromInput, 3 * kGateUnits);
  transpose(weights_.fromState, 3 * kGateUnits);
}

void GateNetwork::score(const float* features, std::size_t count, double* scores) {
  kernels_.gate(weights_, features, count, scores, state_.data());
}

void GateNetwork::reset() { std::fill(state_.begin(), state_.end(), 0.0); }

}  // namespace whospeaks
