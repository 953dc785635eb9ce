// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"
#include "unflat/depth_map.h"

#include <cstdint>
#include <optional>
#include <string>

#include <opencv2/core.hpp>

namespace unflat {

/// 0 = no, anything else = yes.
using Mask = cv::Mat_<std::uint8_t>;

/// Where a camera's focal length comes from.
enum class FocalSource : std::uint8_t {
    Assumed,   ///< nobody says: the long side
    Given,     ///< by the caller
    Exif,      ///< EXIF of the file
    Embedded,  ///< the file's own camera model, as it stands beside embedded depth
};

/// Depth that a photo's file carries beside the picture.
struct EmbeddedDepth {
    DepthMap map;            ///< upright like the photo, of any size
    std::string convention;  ///< what the file says of it, in words
    bool is_metric = false;  ///< scene units are metres
};

/// A photo as a person sees it: turned upright, converted to sRGB.
struct Photo {
    cv::Mat_<cv::Vec3b> rgb;   ///< height x width, sRGB bytes in the order R, G, B
    Camera camera;             ///< its size equals the size of `rgb`
    bool focal_known = false;  ///< the focal length was given or read from the file, not assumed
    FocalSource focal_source = FocalSource::Assumed;
    std::optional<EmbeddedDepth> depth = {};  ///< where the file carries depth
    bool is_stereo_left = false;              ///< the left picture of a stereo pair
};

/// Reduces (never enlarges) a photo so that its long side is at most `long_side` pixels; 0 keeps
/// it. Area averaging. The camera follows.
Photo reduce_photo(const Photo& photo, int long_side);

}  // namespace unflat
