// The nearest of many unit vectors by cosine. Small sets are searched exactly. Of large ones a filter picks the
// candidates, whose exact scores are then compared: each vector has a code of one bit a dimension, the signs after
// a random rotation, and the share of bits in which two codes differ tells the angle between their vectors
// (Charikar, "Similarity Estimation Techniques from Rounding Algorithms", 2002).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simd/buffer.h"
#include "simd/kernels.h"

namespace whospeaks {

class VectorIndex {
 public:
  struct Match {
    std::uint32_t slot;
    float score;
  };

  explicit VectorIndex(int dimension);

  int dimension() const { return dimension_; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const;

  /// Appends `count` vectors; their slots follow on.
  void add(const float* vectors, std::size_t count);
  /// The last vector takes the slot of the one that goes.
  void remove(std::size_t slot);

  /// The `count` nearest, best first, with their inner products. `rescored` candidates are compared exactly
  /// where the filter is used; 0: as many as the set's size asks for.
  std::vector<Match> search(const float* query, std::size_t count, std::size_t rescored);

 private:
  float* row(std::size_t slot) const;
  void encodeAll();
  void encode(const float* vector, std::uint64_t* code) const;
  std::vector<std::uint32_t> candidates(const float* query, std::size_t wanted);

  const Kernels& kernels_;
  int dimension_;
  /// Floats of a row: the dimension, padded to whole vectors.
  int stride_;
  /// Bits of a code: the dimension, padded to a power of two.
  int bits_;
  int words_;
  std::size_t size_ = 0;
  std::vector<Buffer> blocks_;
  /// Signs of two rounds of (random signs, Hadamard transform).
  std::vector<float> signs_;
  std::vector<double> sum_;
  /// What codes are taken around: the mean of the vectors when they were last encoded; empty: no codes yet.
  std::vector<float> centre_;
  std::size_t encodedSize_ = 0;
  std::vector<std::uint64_t> codes_;
  /// Of the search in progress.
  std::vector<std::uint16_t> distances_;
};

}  // namespace whospeaks
