// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/photo.h"

#include <opencv2/core.hpp>

namespace unflat {

/// Disparity at another size.
struct Resampled {
    cv::Mat_<float> values;
    Mask loose;            ///< pixels beside a step that the size before did not show finely enough
    int loose_radius = 0;  ///< how far such a step may be off [pixels]
};

/// Resamples a map without mixing near and far: where the samples that a pixel would be
/// interpolated from part by more than `step`, the side with the larger share of the weight is
/// taken and averaged alone. Within a surface that is bilinear interpolation (enlarging) or an
/// average weighted by a tent (reducing).
/// Where the size is the same, the result shares its pixels with `values`.
/// @pre no NaN.
Resampled resample_disparity(const cv::Mat_<float>& values, cv::Size size, float step);

}  // namespace unflat
