// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <opencv2/core.hpp>

namespace unflat {

/// What the numbers of a depth map mean. Depth is z along the optical axis, never the length of
/// the ray.
enum class DepthKind : std::uint8_t {
    Disparity,     ///< relative: larger is nearer, scale and offset unknown
    Depth,         ///< true z in scene units
    InverseDepth,  ///< true 1/z
};

/// Depth as a file or a network gives it: any size, with gaps.
struct DepthMap {
    cv::Mat_<float> values;  ///< NaN where invalid
    DepthKind kind = DepthKind::Disparity;
};

}  // namespace unflat
