// SPDX-License-Identifier: MIT
#include "io/embedded.h"

// Any packet may be refused; none may crash or hang what looks for depth in it.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace unflat;
    const std::string_view packet(reinterpret_cast<const char*>(data), size);
    const auto try_to = [](const auto& read) {
        try {
            read();
        } catch (const Malformed&) {
        }
    };
    Xmp xmp;
    try_to([&] { xmp.add_packet(packet); });
    try_to([&] { read_gdepth(xmp, Extent::Pixels); });
    try_to([&] { read_gimage(xmp, Extent::Header); });
    // The packet itself stands for what follows the primary picture
    try_to([&] { read_dynamic_depth(xmp, std::as_bytes(std::span(data, size)), Extent::Pixels); });
    read_imaging_model(xmp);
    read_apple_depth(xmp, 255);
    read_apple_lens(xmp);
    return 0;
}
