// SPDX-License-Identifier: MIT
#include "embedded.h"

// libheif 1.15 loses 52 bytes where the code points of the colours are of no standard, and what
// dav1d decoded where a picture breaks off
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
    return "leak:libheif.so\nleak:libdav1d.so";
}

// Any file may carry no depth; none may crash, hang or break what embedded depth promises.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const unflat::Bytes bytes = std::as_bytes(std::span(data, size));
    if (unflat::recognise(bytes) == unflat::Format::Heif)
        unflat::check_embedded(bytes, {64, 64});
    return 0;
}
