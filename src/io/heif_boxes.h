// SPDX-License-Identifier: MIT
#pragma once

#include "io/embedded.h"

#include <cstdint>
#include <map>
#include <optional>

namespace unflat {

/// What libheif 1.15 does not tell of a HEIC or AVIF file: how its pictures are to be turned,
/// cameras, and stereo pairs. Read leniently: what is broken is left out.
struct HeifBoxes {
    struct Item {
        int orientation = 1;     ///< as of EXIF, from the properties that turn and mirror
        bool is_turned = false;  ///< has such a property
        cv::Size size;           ///< as stored [pixels]
        std::optional<StoredLens> lens;
    };

    std::uint32_t primary = 0;
    std::map<std::uint32_t, Item> items;
    std::optional<std::uint32_t> left;  ///< of a stereo pair
};

HeifBoxes read_heif_boxes(Bytes bytes);

}  // namespace unflat
