// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// Encodes sRGB pixels as a baseline JPEG with optimised Huffman tables and full-resolution
/// colour: charts of an atlas must not bleed into one another.
/// @param quality 1..100
/// @throws Error{InvalidInput} if the picture is empty or larger than JPEG allows (65,500 pixels).
std::vector<std::byte> encode_texture_jpeg(const cv::Mat_<cv::Vec3b>& rgb, int quality);

}  // namespace unflat
