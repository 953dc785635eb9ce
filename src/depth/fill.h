// SPDX-License-Identifier: MIT
#pragma once

#include <opencv2/core.hpp>

namespace unflat {

/// Fills unknown pixels (NaN) from the farther side: what a sensor or a stereo match cannot see
/// mostly lies behind the edge of something near. Along its row and its column each takes the
/// farther of the two known ends, or the way between them where they belong to one surface; the
/// two answers are joined alike and smoothed within the surface.
/// @param step difference that parts two surfaces.
/// @pre at least one value is known.
void fill_unknown(cv::Mat_<float>& values, float step);

}  // namespace unflat
