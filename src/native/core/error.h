// An error that has one of the SDK's stable codes.
#pragma once

#include <stdexcept>
#include <string>

namespace whospeaks {

class EngineError : public std::runtime_error {
 public:
  EngineError(const char* code, const std::string& message) : std::runtime_error(message), code_(code) {}
  const char* code() const noexcept { return code_; }

 private:
  const char* code_;
};

}  // namespace whospeaks
