// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace unflat::program {

/// Opens an address in the person's browser, without waiting for it.
/// @return false if there is no desktop, or nothing that would open it.
bool open_browser(const std::string& address);

}  // namespace unflat::program
