// SPDX-License-Identifier: MIT
#include "io/embedded.h"

#include "io/exif.h"

namespace unflat {

namespace {

// Runs `read`, and turns what it finds wrong into a warning
template <typename Read>
void try_to(Embedded& embedded, Read&& read) {
    try {
        read();
    } catch (const Malformed& malformed) {
        embedded.warnings.push_back("what it holds beside the picture was ignored: " +
                                    std::string(malformed.what()));
    }
}

// A depth JPEG of its own may say how it lies, as Android writes it
std::optional<int> own_orientation(const StoredDepth& depth) {
    if (depth.picture.exif.empty())
        return std::nullopt;
    const int orientation = read_exif(depth.picture.exif, depth.picture.size).orientation;
    return orientation > 1 ? std::optional<int>(orientation) : std::nullopt;
}

Embedded read_embedded_jpeg(Bytes bytes, Extent extent) {
    Embedded embedded;
    const JpegLayout layout = find_layout(bytes);
    const Xmp xmp = read_xmp(layout, embedded.warnings);
    if (!xmp.empty()) {
        try_to(embedded, [&] { embedded.depth = read_gdepth(xmp, extent); });
        // Without depth it is something else: in Cardboard photos, the right eye's picture
        if (embedded.depth)
            try_to(embedded, [&] { embedded.original = read_gimage(xmp, extent); });
        if (!embedded.depth)
            try_to(embedded, [&] {
                embedded.depth = read_dynamic_depth(xmp, bytes.subspan(layout.end), extent);
            });
        embedded.lens = read_imaging_model(xmp);
    }
    if (!embedded.depth)
        try_to(embedded,
               [&] { embedded.depth = read_apple_jpeg(bytes, layout, extent, embedded.lens); });
    if (embedded.depth)
        embedded.depth->orientation = own_orientation(*embedded.depth);
    return embedded;
}

}  // namespace

Embedded read_embedded(Bytes bytes, Extent extent) {
    switch (recognise(bytes)) {
        case Format::Jpeg:
            return read_embedded_jpeg(bytes, extent);
        case Format::Heif:
            return read_embedded_heif(bytes, extent);
        default:
            return {};
    }
}

}  // namespace unflat
