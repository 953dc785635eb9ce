// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include <cmath>

// libheif 1.15 loses 52 bytes where the code points of the colours are of no standard, and what
// dav1d decoded where a picture breaks off
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
    return "leak:libheif.so\nleak:libdav1d.so";
}

// Any bytes may be refused; none may crash, hang or break what a Photo promises.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    try {
        const unflat::Photo photo =
            unflat::decode_photo(std::as_bytes(std::span(data, size)), "fuzz");
        if (photo.rgb.empty() || photo.rgb.size() != photo.camera.size ||
            !std::isfinite(photo.camera.focal) || photo.camera.focal <= 0)
            __builtin_trap();
    } catch (const unflat::Error& error) {
        if (error.kind() != unflat::ErrorKind::Unreadable)
            __builtin_trap();
    }
    return 0;
}
