// SPDX-License-Identifier: MIT
#include "embedded.h"

// Any file may carry no depth; none may crash, hang or break what embedded depth promises.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const unflat::Bytes bytes = std::as_bytes(std::span(data, size));
    if (unflat::recognise(bytes) == unflat::Format::Jpeg)
        unflat::check_embedded(bytes, {64, 96});
    return 0;
}
