#include "search/vector_index.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "harness.h"

using whospeaks::VectorIndex;

namespace {

/// `count` unit vectors of `dimension`, one after another.
std::vector<float> unitVectors(int count, int dimension, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> list(static_cast<std::size_t>(count) * dimension);
  for (int i = 0; i < count; ++i) {
    float* vector = list.data() + static_cast<std::ptrdiff_t>(i) * dimension;
    float squares = 0;
    for (int k = 0; k < dimension; ++k) {
      vector[k] = normal(random);
      squares += vector[k] * vector[k];
    }
    for (int k = 0; k < dimension; ++k) vector[k] /= std::sqrt(squares);
  }
  return list;
}

}  // namespace

TEST(fewVectorsAreSearchedExactly) {
  // 20 is no multiple of any vector's width.
  const int dimension = 20;
  const auto list = unitVectors(300, dimension, 1);
  VectorIndex index(dimension);
  index.add(list.data(), 300);
  const auto query = unitVectors(1, dimension, 2);
  const auto found = index.search(query.data(), 300, 0);
  CHECK(found.size() == 300, found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(i == 0 || found[i - 1].score >= found[i].score, i);
    double expected = 0;
    for (int k = 0; k < dimension; ++k) expected += list[found[i].slot * dimension + k] * query[k];
    CHECK(std::abs(found[i].score - expected) < 1e-5, found[i].score << " is not " << expected);
  }
}

TEST(manyVectorsAreFoundThroughTheirCodes) {
  const int dimension = 70;
  const int count = 11'000;
  const auto list = unitVectors(count, dimension, 3);
  VectorIndex index(dimension);
  index.add(list.data(), count);
  for (int i = 0; i < count; i += 1009) {
    const auto found = index.search(list.data() + static_cast<std::ptrdiff_t>(i) * dimension, 3, 500);
    CHECK(found.size() == 3 && found[0].slot == static_cast<std::uint32_t>(i), i << " was taken for " << found[0].slot);
  }
}

TEST(theLastVectorTakesAFreeSlot) {
  const int dimension = 16;
  const auto list = unitVectors(9000, dimension, 4);
  VectorIndex index(dimension);
  for (int round = 0; round < 2; ++round) {
    index.add(list.data(), 9000);
    index.remove(5);
    CHECK(index.search(list.data() + 8999 * dimension, 1, 0)[0].slot == 5, "the last is not in slot 5");
    while (index.size() > 0) index.remove(index.size() / 2);
    CHECK(index.search(list.data(), 4, 0).empty(), "an empty index gave a match");
  }
}
