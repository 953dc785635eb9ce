// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include <cmath>

// Any bytes may be refused; none may crash, hang or break what a DepthMap promises.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    try {
        const unflat::DepthMap depth =
            unflat::decode_depth(std::as_bytes(std::span(data, size)), "fuzz",
                                 {.kind = unflat::DepthKind::Depth, .invalid = 1});
        if (depth.values.empty())
            __builtin_trap();
        for (const float z : depth.values)
            if (!std::isnan(z) && (!std::isfinite(z) || z <= 0))
                __builtin_trap();
    } catch (const unflat::Error& error) {
        if (error.kind() != unflat::ErrorKind::Unreadable)
            __builtin_trap();
    }
    return 0;
}
