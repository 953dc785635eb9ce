// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"

#include "mesh/surface.h"

namespace unflat {

/// How far the camera may move in each direction before more than a thousandth of the picture
/// shows what it does not show from the photo's place: nothing at all, or a face that is stretched
/// to four times its size and more. All corners of the box hold what its sides do.
/// @param reach a first guess; eight times as far is the most that is looked at [scene units]
/// Cost: some sixty small drawings.
SafeRange find_safe_range(const Surface& surface, const Camera& camera, float reach);

}  // namespace unflat
