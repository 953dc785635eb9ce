// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"

#include "mesh/surface.h"

namespace unflat {

/// How far the camera may move in each direction before it sees what it does not see from the
/// photo's place: nothing at all, or, in more than a thousandth of the picture, faces that are
/// stretched to four times their size and more. All corners of the box hold what its sides do.
/// @param reach how far it is meant to move along x, y and z; eight times as far is the most that
/// is looked at, and what reaches farthest beyond it gives way first [scene units]
/// Cost: some hundred small drawings.
SafeRange find_safe_range(const Surface& surface, const Camera& camera, const cv::Vec3f& reach);

}  // namespace unflat
