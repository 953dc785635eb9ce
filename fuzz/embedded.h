// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/error.h"
#include "unflat/io.h"

#include "io/embedded.h"

#include <cmath>

namespace unflat {

/// Looks for depth in the bytes of a file, and traps if what comes back breaks a promise.
inline void check_embedded(Bytes bytes, cv::Size photo_size) {
    read_embedded(bytes, Extent::Header);
    const Embedded embedded = read_embedded(bytes, Extent::Pixels);
    if (embedded.lens)
        if (const auto camera = camera_of(*embedded.lens, embedded.orientation, photo_size))
            if (!std::isfinite(camera->focal) || camera->focal <= 0 || !std::isfinite(camera->cx))
                __builtin_trap();
    if (!embedded.depth)
        return;
    std::vector<std::string> warnings;
    try {
        const EmbeddedDepth depth =
            convert_embedded(*embedded.depth, {}, 6, default_camera(photo_size), warnings);
        if (depth.map.values.empty())
            __builtin_trap();
        for (const float value : depth.map.values)
            if (!std::isnan(value) &&
                (!std::isfinite(value) || (depth.map.kind != DepthKind::Disparity && value <= 0)))
                __builtin_trap();
    } catch (const Malformed&) {
    }
}

}  // namespace unflat
