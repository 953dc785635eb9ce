// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A JPEG in memory: baseline with optimised Huffman tables; chroma at full resolution from
/// quality 90 on, else halved both ways. The same bytes on every run.
/// @param quality 1..100
/// @throws Error{InvalidInput} if the picture is empty or has a side above 65500 pixels.
std::vector<std::byte> encode_jpeg(const cv::Mat_<cv::Vec3b>& rgb, int quality);

}  // namespace unflat
