#include "features/front_end.h"
#include "features/matrix.h"

#include <cmath>
#include <cstring>

#include "harness.h"

using namespace whospeaks;

namespace {

/// Numbers that are the same on every machine: no library has a say in them.
class Numbers {
 public:
  /// -1 to 1, in steps of 2^-23.
  double next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(static_cast<std::int64_t>(state_ >> 40) - (1 << 23)) / (1 << 23);
  }
  std::vector<double> list(std::size_t count, double scale) {
    std::vector<double> values(count);
    for (double& value : values) value = scale * next();
    return values;
  }
  std::vector<float> floats(std::size_t count, double scale) {
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(scale * next());
    return values;
  }

 private:
  std::uint64_t state_ = 7;
};

/// FNV-1a of the bytes.
template <class T>
std::uint64_t hash(const std::vector<T>& values) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  std::uint64_t h = 14695981039346656037u;
  for (std::size_t i = 0; i < values.size() * sizeof(T); ++i) h = (h ^ bytes[i]) * 1099511628211u;
  return h;
}

GateWeights gateWeights(Numbers& numbers) {
  GateWeights w;
  w.project = numbers.floats(kMelBins * kGateInputs, 0.1);
  w.projectBias = numbers.list(kGateInputs, 1);
  w.fromInput = numbers.floats(3 * kGateUnits * kGateInputs, 1);
  w.fromInputBias = numbers.list(3 * kGateUnits, 1);
  w.fromState = numbers.floats(3 * kGateUnits * kGateUnits, 1);
  w.fromStateBias = numbers.list(3 * kGateUnits, 1);
  w.out = numbers.list(kGateUnits, 1);
  w.outBias = 0.5;
  return w;
}

}  // namespace

TEST(featuresHaveTheSameBitsOnEveryInstructionSet) {
  Numbers numbers;
  LogMel logMel;
  const std::size_t count = 61;
  auto frames = numbers.floats(count * kFrameSamples, 1);
  // From far above full scale to what the floor cuts off, so that every part of the logarithm is met.
  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i] = std::ldexp(frames[i], 20 - static_cast<int>(i / kFrameSamples));
  }
  std::vector<float> features(count * kMelBins);
  logMel.compute(frames.data(), count, features.data());
  CHECK(hash(features) == 0x3e3d2231fdf136cbu, std::hex << hash(features));
  // Frames one by one, whose lanes are filled up.
  std::vector<float> alone(count * kMelBins);
  for (std::size_t i = 0; i < count; ++i) {
    logMel.compute(frames.data() + i * kFrameSamples, 1, alone.data() + i * kMelBins);
  }
  CHECK(alone == features, "frames differ alone");
}

TEST(speechScoresHaveTheSameBitsOnEveryInstructionSet) {
  Numbers numbers;
  GateNetwork gate(gateWeights(numbers));
  const std::size_t count = 300;
  // Faint and loud: where the exponential is near 1 and where it leaves its range.
  auto features = numbers.floats(count * kMelBins, 1);
  for (std::size_t i = 0; i < features.size(); ++i) features[i] *= static_cast<float>(1 << (i / kMelBins % 18));
  std::vector<double> scores(count);
  gate.score(features.data(), count, scores.data());
  CHECK(hash(scores) == 0xdc32d873398ec2b8u, std::hex << hash(scores));
  gate.reset();
  std::vector<double> again(count);
  for (std::size_t i = 0; i < count; ++i) gate.score(features.data() + i * kMelBins, 1, again.data() + i);
  CHECK(again == scores, "scores differ where frames come one by one");
}

TEST(aMatrixAddsItsProductsInTheOrderOfTheColumns) {
  Numbers numbers;
  const std::size_t rows = 77;
  const std::size_t columns = 50;
  const auto values = numbers.floats(rows * columns, 1);
  const auto vector = numbers.floats(columns, 1);
  Matrix matrix(values.data(), rows, columns);
  std::vector<double> out(rows);
  matrix.times(vector.data(), out.data());
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0;
    // The product of two floats is exact in double precision, so it is all one whether the compiler joins it to the sum.
    for (std::size_t k = 0; k < columns; ++k) sum += static_cast<double>(values[row * columns + k]) * vector[k];
    CHECK(out[row] == sum, "row " << row << ": " << out[row] << " is not " << sum);
  }
}

TEST(tablesHaveTheSameBitsOnEveryMachine) {
  const LogMelTables& tables = logMelTables();
  CHECK(hash(tables.window) == 0x8fba855934272c5u, std::hex << hash(tables.window));
  CHECK(hash(tables.twiddles) == 0x65882fb4c2415691u, std::hex << hash(tables.twiddles));
  CHECK(hash(tables.splitCos) == 0x32070ba0a55f8874u, std::hex << hash(tables.splitCos));
  CHECK(hash(tables.splitSin) == 0x89585ed0ae6469f9u, std::hex << hash(tables.splitSin));
  CHECK(hash(tables.first) == 0x3ce64573b82c7bd4u, std::hex << hash(tables.first));
  CHECK(hash(tables.count) == 0x1589eba1540d4bfeu, std::hex << hash(tables.count));
  CHECK(hash(tables.weights) == 0xeee1ff9fecb71744u, std::hex << hash(tables.weights));
}

TEST(tablesAreRight) {
  const LogMelTables& tables = logMelTables();
  for (int k = 0; k <= 128; ++k) {
    const double angle = 2 * 3.14159265358979323846 * k / 512;
    CHECK(std::abs(tables.splitCos[k] - std::cos(angle)) < 3e-16, k << ": " << tables.splitCos[k]);
    CHECK(std::abs(tables.splitSin[k] - std::sin(angle)) < 3e-16, k << ": " << tables.splitSin[k]);
  }
  // Neighbouring triangles add up to one between the first peak and the last.
  std::vector<double> sums(kTransformPoints);
  const double* weight = tables.weights.data();
  for (int bin = 0; bin < kMelBins; ++bin) {
    CHECK(tables.count[bin] > 0, "triangle " << bin << " is empty");
    for (int k = 0; k < tables.count[bin]; ++k) sums[tables.first[bin] + k] += *weight++;
  }
  CHECK(weight == tables.weights.data() + tables.weights.size(), "weights are left");
  for (int k = 2; k < 245; ++k) CHECK(std::abs(sums[k] - 1) < 1e-3, k << ": " << sums[k]);
  CHECK(sums[0] == 0, sums[0]);
}
