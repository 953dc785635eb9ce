// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace unflat {

/// The page with the viewer, in which {{title}}, {{poster}} and {{scene}} are to be filled in;
/// empty if this build has none.
std::string_view viewer_page();

}  // namespace unflat
