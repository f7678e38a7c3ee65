// What JavaScript hands in, checked in one place before it is read: a pointer of the wrong type reads past its memory.
// What is refused is a TypeError (of another type) or a RangeError (of another size or value) with a stable `code`; its
// message says name, expected and received.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace whospeaks {

/// The numbers of a typed array. Valid until JavaScript runs again, which may free them: a getter is enough.
template <class T>
struct Numbers {
  T* data;
  std::size_t size;

  std::vector<T> copy() const { return std::vector<T>(data, data + size); }
};

/// One value of JavaScript, and what messages call it: "embed: features".
class Arg {
 public:
  Arg(Napi::Value value, std::string name) : value_(value), name_(std::move(name)) {}
  /// A missing argument is undefined.
  Arg(const Napi::CallbackInfo& info, std::size_t index, const char* name) : Arg(info[index], name) {}

  /// A property of an object, and the names of all of its own. Both run JavaScript.
  Arg get(const std::string& key) const;
  std::vector<std::string> keys() const;
  /// The length of an array, and its elements. `at` runs JavaScript.
  std::uint32_t length() const;
  Arg at(std::uint32_t index) const;

  std::string text() const;
  /// Finite.
  double number() const;
  /// A whole number from `least` to `most`, else a RangeError with `code`.
  std::int64_t integer(std::int64_t least, std::int64_t most, const char* code = "invalid-option") const;

  /// A typed array of exactly this element type. Its memory is neither detached nor shared with other threads.
  template <class T>
  Numbers<T> numbers() const {
    Numbers<T> numbers{nullptr, 0};
    numbers.data = static_cast<T*>(typedArray(arrayType<T>(), numbers.size));
    return numbers;
  }
  /// One of `size` numbers, else a RangeError with `code`; `meaning` says what they are: "batch x frames x mel bins".
  template <class T>
  Numbers<T> numbers(std::size_t size, const char* code, const char* meaning) const {
    const auto numbers = this->numbers<T>();
    if (numbers.size != size) refuseRange(code, std::to_string(size) + " numbers (" + meaning + ")");
    return numbers;
  }

  [[noreturn]] void refuseType(const std::string& expected) const;
  [[noreturn]] void refuseRange(const char* code, const std::string& expected) const;

 private:
  template <class T>
  static constexpr napi_typedarray_type arrayType() {
    if (std::is_same<T, float>::value) return napi_float32_array;
    if (std::is_same<T, double>::value) return napi_float64_array;
    static_assert(std::is_floating_point<T>::value || std::is_same<T, std::uint16_t>::value, "add the kind of array");
    return napi_uint16_array;
  }
  void* typedArray(napi_typedarray_type wanted, std::size_t& size) const;
  std::string received() const;

  Napi::Value value_;
  std::string name_;
};

}  // namespace whospeaks
