// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// An OpenEXR file in memory: one channel Z, 32-bit float, ZIP-compressed.
std::vector<std::byte> encode_exr(const cv::Mat_<float>& values);

}  // namespace unflat
