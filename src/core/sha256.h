// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace unflat {

/// SHA-256 of some bytes (FIPS 180-4), in hexadecimal, lower case.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace unflat
