// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"
#include "unflat/ldi.h"

// Any bytes may be refused; none may crash, hang or break what an Ldi promises.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    try {
        const unflat::Ldi ldi = unflat::decode_ldi(std::as_bytes(std::span(data, size)), "fuzz");
        if (!unflat::find_violation(ldi).empty())
            __builtin_trap();
    } catch (const unflat::Error& error) {
        if (error.kind() != unflat::ErrorKind::Unreadable)
            __builtin_trap();
    }
    return 0;
}
