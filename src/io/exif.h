// SPDX-License-Identifier: MIT
#pragma once

#include "io/picture.h"

#include <optional>

#include <opencv2/core.hpp>

namespace unflat {

/// What EXIF says of a picture's place and lens.
struct ExifFacts {
    int orientation = 1;         ///< 1..8
    std::optional<float> focal;  ///< [pixels of the picture]
    bool is_broken = false;      ///< something in it could not be read
};

/// Reads EXIF from a TIFF block; never throws for what stands in it.
/// The focal length comes from FocalLengthIn35mmFilm, which compares diagonals (43.27 mm), else
/// from FocalLength and the focal plane's resolution.
ExifFacts read_exif(Bytes exif, cv::Size size);

/// Whether any lens has this focal length [pixels of a picture of this size].
bool is_likely_focal(double focal, cv::Size size);

}  // namespace unflat
