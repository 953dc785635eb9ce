// SPDX-License-Identifier: MIT
#pragma once

#include <opencv2/core.hpp>

namespace unflat {

/// Gives islands of fewer than `least_area` pixels, all around them steps of more than `step`, the
/// median disparity of what surrounds them. Their depth edges are too short to be kept, and uncut
/// they would be spikes that pierce whatever is invented behind their surroundings.
/// Cost: one pass over the pixels, plus `least_area` per pixel beside a step.
void absorb_specks(cv::Mat_<float>& disparity, float step, int least_area);

}  // namespace unflat
