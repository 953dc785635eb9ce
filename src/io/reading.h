// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/error.h"
#include "unflat/progress.h"

#include "io/picture.h"

#include <new>
#include <string>
#include <vector>

namespace unflat {

/// Runs `decode` and gives its complaints the file's name: "cannot read 'NAME': FOUND; ACCEPTED".
template <typename Decode>
auto read_as(const std::string& name, const char* accepted, Decode&& decode) {
    const auto fail = [&](const std::string& found) {
        return Error(ErrorKind::Unreadable,
                     "cannot read '" + name + "': " + found + "; " + accepted);
    };
    try {
        return decode();
    } catch (const Malformed& malformed) {
        throw fail(malformed.what());
    } catch (const std::bad_alloc&) {
        throw fail("there is not enough memory for it");
    } catch (const cv::Exception&) {
        throw fail("there is not enough memory for it");
    }
}

/// Hands warnings about a file to the person.
inline void warn_of(const std::string& name, const std::vector<std::string>& warnings,
                    Progress* progress) {
    if (progress)
        for (const std::string& warning : warnings)
            progress->warn("'" + name + "': " + warning);
}

}  // namespace unflat
