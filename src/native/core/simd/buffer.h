// Aligned float storage.
#pragma once

#include <cstddef>
#include <memory>

namespace whospeaks {

class Buffer {
 public:
  Buffer() = default;
  /// Aligned to a cache line, and where it is large to a huge page, which the system is asked to use:
  /// weights are streamed once a window, and small pages would cost a table walk every 4 KB.
  /// Zeroed, unless all of it will be written anyway.
  explicit Buffer(std::size_t floats, bool zeroed = true);

  float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  class Release {
   public:
    Release() : alignment_(0) {}
    explicit Release(std::size_t alignment) : alignment_(alignment) {}
    void operator()(float* p) const;

   private:
    std::size_t alignment_;
  };
  std::unique_ptr<float[], Release> data_;
  std::size_t size_ = 0;
};

/// The same of other numbers than floats.
template <class Number>
class BufferOf {
 public:
  BufferOf() = default;
  explicit BufferOf(std::size_t size)
      : storage_((size * sizeof(Number) + sizeof(float) - 1) / sizeof(float)), size_(size) {}

  Number* data() const { return reinterpret_cast<Number*>(storage_.data()); }
  std::size_t size() const { return size_; }

 private:
  Buffer storage_;
  std::size_t size_ = 0;
};

constexpr int roundUp(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace whospeaks
