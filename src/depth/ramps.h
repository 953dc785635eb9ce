// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/photo.h"

#include <opencv2/core.hpp>

namespace unflat {

/// Marks the pixels that lie on a ramp between two surfaces: a step that blur or enlargement has
/// spread over several pixels. Ramps are looked for along rows and columns: steep links beside
/// which the slope falls off on both sides within `reach` pixels, so that a slanted plane, however
/// steep, has none. The ends of a ramp are not marked: a step of one pixel has no ramp.
/// @param values NaN where unknown.
/// @param step difference that parts two surfaces, in the unit of `values`.
/// @param reach longest ramp on either side of its steepest link [pixels].
/// @param least_height lower ones are none, in the unit of `values`.
/// Cost: linear in pixels.
Mask find_ramps(const cv::Mat_<float>& values, float step, int reach, float least_height);

}  // namespace unflat
