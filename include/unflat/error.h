// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

namespace unflat {

/// What went wrong, in the terms a caller can act on.
enum class ErrorKind {
    InvalidInput,  ///< An argument breaks a documented precondition.
    Unreadable,    ///< A file is missing, truncated, malformed or of a type that is not accepted.
    Unwritable,    ///< A file could not be written completely; nothing of it was left behind.
    Unsupported,   ///< A valid request that this build cannot serve.
    Cancelled,     ///< The caller's Progress asked to stop.
};

/// The only exception that this library throws. what() is one sentence that names the culprit,
/// what was found and what is accepted.
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
    ErrorKind kind() const noexcept { return kind_; }

private:
    ErrorKind kind_;
};

/// Checks a precondition of a public function.
/// @throws Error{InvalidInput} with `message` unless `condition` holds.
inline void require(bool condition, const char* message) {
    if (!condition)
        throw Error(ErrorKind::InvalidInput, message);
}

}  // namespace unflat
