// SPDX-License-Identifier: MIT
// A photo as a depth network wants to see it.
#pragma once

#include "unflat/network.h"
#include "unflat/photo.h"

#include <vector>

namespace unflat {

/// The size to which a photo is stretched.
cv::Size depth_input_size(const NetworkCard& card, cv::Size photo);

/// The photo at that size as planes of floats in the order of the card's inputs, `mirrored` left to
/// right.
std::vector<float> depth_input(const NetworkCard& card, const Photo& photo, cv::Size size,
                               bool mirrored);

}  // namespace unflat
