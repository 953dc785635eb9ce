// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace unflat {

/// Bytes of a base64 text (RFC 4648); white space is skipped, padding may be missing. Nothing if
/// another character stands in it or it ends within a byte.
std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace unflat
