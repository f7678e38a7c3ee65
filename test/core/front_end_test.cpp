#include "features/front_end.h"
#include "features/matrix.h"

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

/// Sizes as in use, numbers at random: what matters is that every machine computes the same from them.
LogMelTables tables(Numbers& numbers) {
  LogMelTables t;
  t.window = numbers.floats(kFrameSamples, 32768);
  t.twiddles = numbers.list(kTwiddles, 1);
  t.splitCos = numbers.list(kSplit, 1);
  t.splitSin = numbers.list(kSplit, 1);
  for (int bin = 0; bin < kMelBins; ++bin) {
    t.first.push_back(static_cast<std::uint16_t>(3 * bin));
    t.count.push_back(static_cast<std::uint16_t>(1 + bin / 8));
    // Energies from nothing to very much, so that every part of the logarithm is met.
    for (int k = 0; k < t.count.back(); ++k) t.weights.push_back((1 + numbers.next()) / (1ull << (bin % 63)));
  }
  return t;
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
  LogMel logMel(tables(numbers));
  const std::size_t count = 19;
  const auto frames = numbers.floats(count * kFrameSamples, 1);
  std::vector<float> features(count * kMelBins);
  logMel.compute(frames.data(), count, features.data());
  CHECK(hash(features) == 0xbd51a8654d8dd964u, std::hex << hash(features));
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

TEST(tablesOfAnotherSizeAreRefused) {
  Numbers numbers;
  auto t = tables(numbers);
  t.weights.pop_back();
  bool refused = false;
  try {
    LogMel logMel(std::move(t));
  } catch (const std::exception&) {
    refused = true;
  }
  CHECK(refused, "weights are missing");
}
