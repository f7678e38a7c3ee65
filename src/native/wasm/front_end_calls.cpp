// Features, the speech gate, matrices and the index of vectors, for JavaScript: see calls.h.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "calls.h"
#include "features/front_end.h"
#include "features/geometry.h"
#include "features/matrix.h"
#include "search/vector_index.h"

namespace whospeaks {
namespace {

struct FoundVectors {
  explicit FoundVectors(int dimension) : index(dimension) {}
  VectorIndex index;
  std::vector<std::uint32_t> slots;
  std::vector<float> scores;
};

/// The numbers of one weight after another, as GateWeights holds them.
class Reader {
 public:
  explicit Reader(const double* from) : from_(from) {}
  template <class T>
  std::vector<T> take(std::size_t count) {
    std::vector<T> values(from_, from_ + count);
    from_ += count;
    return values;
  }

 private:
  const double* from_;
};

}  // namespace

WS_EXPORT int ws_sample_rate_hz() { return kSampleRateHz; }
WS_EXPORT int ws_frame_samples() { return kFrameSamples; }
WS_EXPORT int ws_shift_samples() { return kShiftSamples; }
WS_EXPORT int ws_mel_bins() { return kMelBins; }

WS_EXPORT LogMel* ws_log_mel_new() {
  return guarded<LogMel*>(nullptr, [] { return new LogMel(); });
}
/// frames: count x 400; features: receives count x 80.
WS_EXPORT void ws_log_mel_compute(LogMel* logMel, const float* frames, int count, float* features) {
  logMel->compute(frames, static_cast<std::size_t>(count), features);
}
WS_EXPORT void ws_log_mel_free(LogMel* logMel) { delete logMel; }

/// weights: project, its bias, fromInput, its bias, fromState, its bias, out, outBias, in a row.
WS_EXPORT GateNetwork* ws_gate_new(const double* weights) {
  return guarded<GateNetwork*>(nullptr, [&] {
    Reader read(weights);
    constexpr std::size_t rows = 3 * kGateUnits;
    GateWeights gate;
    gate.project = read.take<float>(static_cast<std::size_t>(kGateInputs) * kMelBins);
    gate.projectBias = read.take<double>(kGateInputs);
    gate.fromInput = read.take<float>(rows * kGateInputs);
    gate.fromInputBias = read.take<double>(rows);
    gate.fromState = read.take<float>(rows * kGateUnits);
    gate.fromStateBias = read.take<double>(rows);
    gate.out = read.take<double>(kGateUnits);
    gate.outBias = read.take<double>(1).front();
    return new GateNetwork(std::move(gate));
  });
}
/// features: count x 80; scores: receives count numbers.
WS_EXPORT void ws_gate_score(GateNetwork* gate, const float* features, int count, double* scores) {
  gate->score(features, static_cast<std::size_t>(count), scores);
}
WS_EXPORT void ws_gate_reset(GateNetwork* gate) { gate->reset(); }
/// kGateUnits numbers, to be read and written.
WS_EXPORT double* ws_gate_state(GateNetwork* gate) { return gate->state().data(); }
WS_EXPORT void ws_gate_free(GateNetwork* gate) { delete gate; }

WS_EXPORT Matrix* ws_matrix_new(const float* values, int rows, int columns) {
  return guarded<Matrix*>(nullptr, [&] {
    return new Matrix(values, static_cast<std::size_t>(rows), static_cast<std::size_t>(columns));
  });
}
WS_EXPORT void ws_matrix_times(Matrix* matrix, const float* vector, double* out) { matrix->times(vector, out); }
WS_EXPORT void ws_matrix_free(Matrix* matrix) { delete matrix; }

WS_EXPORT FoundVectors* ws_index_new(int dimension) {
  return guarded<FoundVectors*>(nullptr, [&] { return new FoundVectors(dimension); });
}
WS_EXPORT int ws_index_add(FoundVectors* found, const float* vectors, int count) {
  return guarded<int>(0, [&] {
    found->index.add(vectors, static_cast<std::size_t>(count));
    return 1;
  });
}
WS_EXPORT void ws_index_remove(FoundVectors* found, int slot) { found->index.remove(static_cast<std::size_t>(slot)); }
/// How many were found; below 0: an error. Their slots and scores lie where the next two calls say.
WS_EXPORT int ws_index_search(FoundVectors* found, const float* query, int count, int rescored) {
  return guarded<int>(-1, [&] {
    const auto matches = found->index.search(query, static_cast<std::size_t>(count), static_cast<std::size_t>(rescored));
    found->slots.resize(matches.size());
    found->scores.resize(matches.size());
    for (std::size_t i = 0; i < matches.size(); ++i) {
      found->slots[i] = matches[i].slot;
      found->scores[i] = matches[i].score;
    }
    return static_cast<int>(matches.size());
  });
}
WS_EXPORT const std::uint32_t* ws_index_slots(const FoundVectors* found) { return found->slots.data(); }
WS_EXPORT const float* ws_index_scores(const FoundVectors* found) { return found->scores.data(); }
WS_EXPORT int ws_index_size(const FoundVectors* found) { return static_cast<int>(found->index.size()); }
WS_EXPORT int ws_index_bytes(const FoundVectors* found) { return static_cast<int>(found->index.bytes()); }
WS_EXPORT void ws_index_free(FoundVectors* found) { delete found; }

}  // namespace whospeaks
