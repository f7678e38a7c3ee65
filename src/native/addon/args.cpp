#include "args.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace whospeaks {
namespace {

/// In the order of napi_typedarray_type.
constexpr std::array<const char*, 11> kArrayNames{
    "Int8Array",   "Uint8Array",   "Uint8ClampedArray", "Int16Array",    "Uint16Array",   "Int32Array",
    "Uint32Array", "Float32Array", "Float64Array",      "BigInt64Array", "BigUint64Array"};
constexpr std::size_t kMostTextShown = 60;

struct ArrayView {
  /// Stays so where Node-API has no name for the kind.
  napi_typedarray_type type = static_cast<napi_typedarray_type>(-1);
  std::size_t size = 0;
  void* data = nullptr;
  bool shared = false;
  bool detached = false;

  std::string name() const {
    const auto index = static_cast<std::size_t>(type);
    return index < kArrayNames.size() ? kArrayNames[index] : "typed array of another kind";
  }
};

void check(napi_env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

ArrayView view(const Napi::Value& value) {
  const napi_env env = value.Env();
  ArrayView view;
  napi_value buffer = nullptr;
  check(env, napi_get_typedarray_info(env, value, &view.type, &view.size, &view.data, &buffer, nullptr));
  bool own = false;
  check(env, napi_is_arraybuffer(env, buffer, &own));
  view.shared = !own;
  if (own) check(env, napi_is_detached_arraybuffer(env, buffer, &view.detached));
  return view;
}

template <class Error>
[[noreturn]] void raise(Napi::Env env, const char* code, const std::string& message) {
  Error error = Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  throw error;
}

std::string shown(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  char text[32];
  std::snprintf(text, sizeof(text), "%.17g", number);
  return text;
}

}  // namespace

Arg Arg::get(const std::string& key) const {
  if (!value_.IsObject()) refuseType("an object");
  return Arg(value_.As<Napi::Object>().Get(key), name_ + "." + key);
}

std::vector<std::string> Arg::keys() const {
  if (value_.Type() != napi_object) refuseType("an object");
  const Napi::Array names = value_.As<Napi::Object>().GetPropertyNames();
  std::vector<std::string> keys;
  for (std::uint32_t i = 0; i < names.Length(); ++i) {
    keys.push_back(Napi::Value(names.Get(i)).ToString().Utf8Value());
  }
  return keys;
}

std::uint32_t Arg::length() const {
  if (!value_.IsArray()) refuseType("an array");
  return value_.As<Napi::Array>().Length();
}

Arg Arg::at(std::uint32_t index) const {
  return Arg(value_.As<Napi::Array>().Get(index), name_ + "[" + std::to_string(index) + "]");
}

std::string Arg::text() const {
  if (!value_.IsString()) refuseType("a string");
  return value_.As<Napi::String>().Utf8Value();
}

double Arg::number() const {
  if (!value_.IsNumber()) refuseType("a number");
  const double number = value_.As<Napi::Number>().DoubleValue();
  if (!std::isfinite(number)) refuseRange("invalid-option", "a finite number");
  return number;
}

std::int64_t Arg::integer(std::int64_t least, std::int64_t most, const char* code) const {
  const auto expected = [&] { return "an integer from " + std::to_string(least) + " to " + std::to_string(most); };
  if (!value_.IsNumber()) refuseType(expected());
  const double number = value_.As<Napi::Number>().DoubleValue();
  const bool fits = number >= static_cast<double>(least) && number <= static_cast<double>(most);
  if (!fits || number != std::floor(number)) refuseRange(code, expected());
  return static_cast<std::int64_t>(number);
}

void* Arg::typedArray(napi_typedarray_type wanted, std::size_t& size) const {
  const auto expected = [&] { return std::string("a ") + kArrayNames[static_cast<std::size_t>(wanted)]; };
  if (!value_.IsTypedArray()) refuseType(expected());
  const ArrayView array = view(value_);
  if (array.type != wanted || array.detached) refuseType(expected());
  if (array.shared) refuseType(expected() + " on memory of this thread alone (copy it with slice())");
  size = array.size;
  return array.data;
}

void Arg::refuseType(const std::string& expected) const {
  raise<Napi::TypeError>(value_.Env(), "invalid-option", name_ + ": expected " + expected + ", received " + received());
}

void Arg::refuseRange(const char* code, const std::string& expected) const {
  raise<Napi::RangeError>(value_.Env(), code, name_ + ": expected " + expected + ", received " + received());
}

/// Runs no JavaScript: the value may be anything.
std::string Arg::received() const {
  switch (value_.Type()) {
    case napi_undefined:
      return "undefined";
    case napi_null:
      return "null";
    case napi_boolean:
      return value_.As<Napi::Boolean>().Value() ? "true" : "false";
    case napi_number:
      return shown(value_.As<Napi::Number>().DoubleValue());
    case napi_string: {
      const std::string text = value_.As<Napi::String>().Utf8Value();
      if (text.size() > kMostTextShown) return "a string of " + std::to_string(text.size()) + " bytes";
      return "\"" + text + "\"";
    }
    case napi_symbol:
      return "a symbol";
    case napi_bigint:
      return "a bigint";
    case napi_function:
      return "a function";
    default:
      break;
  }
  if (value_.IsTypedArray()) {
    const ArrayView array = view(value_);
    const std::string kind = array.detached ? "detached " : array.shared ? "shared " : "";
    return "a " + kind + array.name() + " of " + std::to_string(array.size);
  }
  if (value_.IsArray()) return "an array of " + std::to_string(value_.As<Napi::Array>().Length());
  if (value_.IsDataView()) return "a DataView";
  if (value_.IsArrayBuffer()) return "an ArrayBuffer";
  return "an object";
}

}  // namespace whospeaks
