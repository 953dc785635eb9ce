// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"

#include <cstdint>

#include <opencv2/core.hpp>

namespace unflat {

/// 0 = no, anything else = yes.
using Mask = cv::Mat_<std::uint8_t>;

/// A photo as a person sees it: turned upright, converted to sRGB.
struct Photo {
    cv::Mat_<cv::Vec3b> rgb;   ///< height x width, sRGB bytes in the order R, G, B
    Camera camera;             ///< its size equals the size of `rgb`
    bool focal_known = false;  ///< the focal length was given or read from the file, not assumed
};

/// Reduces (never enlarges) a photo so that its long side is at most `long_side` pixels; 0 keeps
/// it. Area averaging. The camera follows.
Photo reduce_photo(const Photo& photo, int long_side);

}  // namespace unflat
