// SPDX-License-Identifier: MIT
#pragma once

#include <opencv2/core.hpp>

namespace unflat {

/// Undoes the rounding of a map that knows few values, as those of networks in 8-bit arithmetic:
/// where smooth surfaces are terraces whose steps would pass for depth edges, each terrace is
/// sloped from the contour it shares with the next lower one to the one it shares with the next
/// higher. No value leaves the interval that was rounded to it, and steps of two levels or more
/// stay. Maps whose levels are finer than half a `step` are left as they are, bit for bit.
/// @param values NaN where unknown.
/// @param step difference that parts two surfaces, in the unit of `values`.
/// Cost: a look at the pixels, and some 30 more where it is needed.
void dequantize(cv::Mat_<float>& values, float step);

}  // namespace unflat
