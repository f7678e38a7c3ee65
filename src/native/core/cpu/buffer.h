// Cache-line-aligned, zeroed float storage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace whospeaks {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t floats)
      : storage_(new float[floats + kSlack]()), size_(floats), data_(align(storage_.get())) {}

  float* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kSlack = kAlignment / sizeof(float);
  static float* align(float* p) {
    const auto address = reinterpret_cast<std::uintptr_t>(p);
    return reinterpret_cast<float*>((address + kAlignment - 1) / kAlignment * kAlignment);
  }
  std::unique_ptr<float[]> storage_;
  std::size_t size_ = 0;
  float* data_ = nullptr;
};

constexpr int roundUp(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace whospeaks
