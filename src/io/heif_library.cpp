// SPDX-License-Identifier: MIT
#include "io/heif_library.h"

#include "io/heif_boxes.h"

namespace unflat {

// Stays loaded: libraries with threads of their own do not like to be unloaded
const HeifLibrary& heif() {
    static const HeifLibrary library;
    if (!library.is_usable())
        throw Malformed(
            "it is a HEIC or AVIF file, and libheif, which reads them, is not "
            "installed on this machine");
    return library;
}

void check(const heif_error& error) {
    if (error.code != heif_error_Ok)
        throw Malformed(std::string("it is a HEIC or AVIF file that is cut off or damaged (") +
                        error.message + ")");
}

HeifContext open_heif(Bytes bytes) {
    HeifContext context(heif().context_alloc(), heif().context_free);
    check(heif().context_read_from_memory_without_copy(context.get(), bytes.data(), bytes.size(),
                                                       nullptr));
    return context;
}

HeifImageHandle photo_image(heif_context* context, Bytes bytes) {
    heif_image_handle* handle = nullptr;
    const HeifBoxes boxes = read_heif_boxes(bytes);
    if (boxes.left && *boxes.left != boxes.primary &&
        heif().context_get_image_handle(context, *boxes.left, &handle).code == heif_error_Ok)
        return {handle, heif().image_handle_release};
    check(heif().context_get_primary_image_handle(context, &handle));
    return {handle, heif().image_handle_release};
}

}  // namespace unflat
