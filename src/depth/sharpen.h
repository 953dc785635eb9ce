// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/depth.h"

namespace unflat {

/// Turns ramps into steps: every pixel on a ramp takes the weighted median of the pixels around it
/// that lie on none, repeated inwards until no ramp is left; then the steps are moved, within what
/// was ramp, to where the photo's colours part. Clean steps are not touched.
/// @param values changed in place; NaN where unknown.
/// @param rgb the photo at the size of `values`.
/// @param loose pixels beside a step whose place is not known exactly (empty: none): the steps may
/// be moved there too.
/// @param loose_radius how far such a step may be off [pixels].
void sharpen(cv::Mat_<float>& values, float range, const cv::Mat_<cv::Vec3b>& rgb,
             const Mask& loose, int loose_radius, const PrepareDepthOptions& options,
             Progress* progress);

/// The same with a wider window, for high ramps alone: what comes before it where a map is small
/// and soft, as a network's is. Its silhouettes are ramps of a dozen pixels, of which the usual
/// window would make pieces of steps at many depths.
void sharpen_soft(cv::Mat_<float>& values, float range, const cv::Mat_<cv::Vec3b>& rgb,
                  const PrepareDepthOptions& options, Progress* progress);

}  // namespace unflat
