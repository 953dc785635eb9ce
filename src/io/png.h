// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A PNG in memory, without metadata; the same bytes on every run. Compressed lightly, for speed.
/// @param samples 8 or 16 bit; 1 channel (grey), 3 (RGB) or 4 (RGBA)
/// @throws Error{InvalidInput} for other samples.
std::vector<std::byte> encode_png(const cv::Mat& samples);

}  // namespace unflat
