#include "search/vector_index.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace whospeaks {
namespace {

/// Up to here every vector is compared: 10 MB of 256 numbers each.
constexpr std::size_t kExactVectors = 10'000;
constexpr std::size_t kBlockRows = 4096;
/// Candidates: at least so many, and one in so many vectors.
constexpr std::size_t kMinRescored = 2048;
constexpr std::size_t kRescoredShare = 128;

int powerOfTwo(int value) {
  int power = 64;
  while (power < value) power *= 2;
  return power;
}

void hadamard(float* values, int count) {
  for (int half = 1; half < count; half *= 2) {
    for (int at = 0; at < count; at += 2 * half) {
      for (int i = at; i < at + half; ++i) {
        const float a = values[i];
        const float b = values[i + half];
        values[i] = a + b;
        values[i + half] = a - b;
      }
    }
  }
}

}  // namespace

VectorIndex::VectorIndex(int dimension)
    : kernels_(selectKernels()),
      dimension_(dimension),
      stride_(roundUp(dimension, kPanel)),
      bits_(powerOfTwo(dimension)),
      words_(bits_ / 64),
      signs_(2 * static_cast<std::size_t>(bits_)),
      sum_(static_cast<std::size_t>(dimension)) {
  std::mt19937 random(1);
  for (float& sign : signs_) sign = (random() & 1) != 0 ? 1.0f : -1.0f;
}

std::size_t VectorIndex::bytes() const {
  return blocks_.size() * kBlockRows * stride_ * sizeof(float) + codes_.capacity() * sizeof(std::uint64_t);
}

float* VectorIndex::row(std::size_t slot) const {
  return blocks_[slot / kBlockRows].data() + slot % kBlockRows * stride_;
}

void VectorIndex::add(const float* vectors, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (size_ == blocks_.size() * kBlockRows) blocks_.emplace_back(kBlockRows * stride_);
    const float* vector = vectors + i * dimension_;
    std::copy_n(vector, dimension_, row(size_));
    for (int k = 0; k < dimension_; ++k) sum_[k] += vector[k];
    ++size_;
    if (!centre_.empty()) {
      codes_.resize(size_ * words_);
      encode(row(size_ - 1), codes_.data() + (size_ - 1) * words_);
    }
  }
  if (size_ > kExactVectors && size_ >= 2 * encodedSize_) encodeAll();
}

void VectorIndex::remove(std::size_t slot) {
  const std::size_t last = size_ - 1;
  for (int k = 0; k < dimension_; ++k) sum_[k] -= row(slot)[k];
  if (slot != last) std::copy_n(row(last), dimension_, row(slot));
  if (!centre_.empty()) {
    std::copy_n(codes_.data() + last * words_, words_, codes_.data() + slot * words_);
    codes_.resize(last * words_);
  }
  size_ = last;
  if (blocks_.size() * kBlockRows >= size_ + 2 * kBlockRows) blocks_.pop_back();
}

void VectorIndex::encodeAll() {
  centre_.resize(dimension_);
  for (int k = 0; k < dimension_; ++k) centre_[k] = static_cast<float>(sum_[k] / static_cast<double>(size_));
  codes_.resize(size_ * words_);
  for (std::size_t i = 0; i < size_; ++i) encode(row(i), codes_.data() + i * words_);
  encodedSize_ = size_;
}

void VectorIndex::encode(const float* vector, std::uint64_t* code) const {
  std::vector<float> values(bits_, 0.0f);
  for (int k = 0; k < dimension_; ++k) values[k] = vector[k] - centre_[k];
  for (int round = 0; round < 2; ++round) {
    for (int k = 0; k < bits_; ++k) values[k] *= signs_[round * bits_ + k];
    hadamard(values.data(), bits_);
  }
  std::fill_n(code, words_, std::uint64_t{0});
  for (int k = 0; k < bits_; ++k) code[k / 64] |= static_cast<std::uint64_t>(values[k] > 0) << (k % 64);
}

std::vector<std::uint32_t> VectorIndex::candidates(const float* query, std::size_t wanted) {
  std::vector<std::uint32_t> slots;
  if (centre_.empty() || size_ <= kExactVectors || wanted >= size_) {
    slots.resize(size_);
    for (std::size_t i = 0; i < size_; ++i) slots[i] = static_cast<std::uint32_t>(i);
    return slots;
  }
  std::vector<std::uint64_t> code(words_);
  encode(query, code.data());
  distances_.resize(size_);
  kernels_.hamming(codes_.data(), size_, words_, code.data(), distances_.data());
  std::vector<std::size_t> histogram(bits_ + 1);
  for (const auto distance : distances_) ++histogram[distance];
  std::size_t within = histogram[0];
  int limit = 0;
  while (within < wanted) within += histogram[++limit];
  slots.reserve(within);
  for (std::size_t i = 0; i < size_; ++i) {
    if (distances_[i] <= limit) slots.push_back(static_cast<std::uint32_t>(i));
  }
  return slots;
}

std::vector<VectorIndex::Match> VectorIndex::search(const float* query, std::size_t count, std::size_t rescored) {
  const std::size_t wanted =
      std::max(count, rescored > 0 ? rescored : std::max(kMinRescored, size_ / kRescoredShare));
  std::vector<float> padded(stride_, 0.0f);
  std::copy_n(query, dimension_, padded.data());
  std::vector<Match> matches;
  for (const auto slot : candidates(query, wanted)) {
    matches.push_back({slot, kernels_.dot(row(slot), padded.data(), stride_)});
  }
  const auto better = [](const Match& a, const Match& b) {
    return a.score > b.score || (a.score == b.score && a.slot < b.slot);
  };
  const std::size_t kept = std::min(count, matches.size());
  std::partial_sort(matches.begin(), matches.begin() + static_cast<std::ptrdiff_t>(kept), matches.end(), better);
  matches.resize(kept);
  return matches;
}

}  // namespace whospeaks
