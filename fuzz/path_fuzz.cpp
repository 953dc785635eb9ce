// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include <cmath>

// Any bytes may be refused; none may crash, hang or break what a KeyedPath promises.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    try {
        const unflat::KeyedPath path =
            unflat::decode_path(std::as_bytes(std::span(data, size)), "fuzz");
        if (path.keys.empty() || !(path.fps > 0))
            __builtin_trap();
        for (const unflat::PathKey& key : path.keys)
            if (!std::isfinite(key.t) || !std::isfinite(key.pose.yaw))
                __builtin_trap();
    } catch (const unflat::Error& error) {
        if (error.kind() != unflat::ErrorKind::Unreadable)
            __builtin_trap();
    }
    return 0;
}
