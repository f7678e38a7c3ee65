// A test is a function registered by name; CHECK throws with the place and the values.
#pragma once

#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "error.h"

namespace harness {

struct Test {
  std::string name;
  std::function<void()> body;
};

inline std::vector<Test>& tests() {
  static std::vector<Test> list;
  return list;
}

struct Register {
  Register(const char* name, std::function<void()> body) { tests().push_back({name, std::move(body)}); }
};

[[noreturn]] inline void fail(const char* file, int line, const std::string& what) {
  std::ostringstream text;
  text << file << ":" << line << ": " << what;
  throw std::runtime_error(text.str());
}

}  // namespace harness

/// With which code a body is refused.
inline std::string codeOf(const std::function<void()>& body) {
  try {
    body();
  } catch (const whospeaks::EngineError& error) {
    return error.code();
  }
  return "no error";
}

#define TEST(name)                                       \
  static void name();                                    \
  static const harness::Register register_##name(#name, name); \
  static void name()

#define CHECK(condition, detail)                                                \
  do {                                                                          \
    if (!(condition)) {                                                         \
      std::ostringstream check_text;                                            \
      check_text << #condition << " is false: " << detail;                      \
      harness::fail(__FILE__, __LINE__, check_text.str());                      \
    }                                                                           \
  } while (false)
