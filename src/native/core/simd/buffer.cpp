#include "simd/buffer.h"

#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace whospeaks {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

Buffer::Buffer(std::size_t floats, bool zeroed) : size_(floats) {
  const std::size_t bytes = floats * sizeof(float);
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : kCacheLine;
  auto* memory = static_cast<float*>(::operator new(bytes, std::align_val_t{alignment}));
  data_ = std::unique_ptr<float[], Release>(memory, Release(alignment));
#if defined(__linux__)
  if (alignment == kHugePage) madvise(data_.get(), bytes, MADV_HUGEPAGE);
#endif
  if (zeroed) std::memset(data_.get(), 0, bytes);
}

void Buffer::Release::operator()(float* p) const { ::operator delete(p, std::align_val_t{alignment_}); }

}  // namespace whospeaks
