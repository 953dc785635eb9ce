// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <opencv2/core.hpp>

namespace unflat {

/// Planes of a picture in Y'CbCr 4:2:0.
struct YuvPlanes {
    std::array<std::uint8_t*, 3> data{};      ///< Y, Cb, Cr
    std::array<std::ptrdiff_t, 3> strides{};  ///< bytes from row to row
};

/// Converts sRGB bytes to Y'CbCr as video uses it: BT.709 matrix, Y in 16..235, Cb and Cr in
/// 16..240, chroma samples between two rows at the place of every second column, averaged with
/// weights 1 2 1 across.
/// Source: ITU-R BT.709-6, items 3.2 to 3.5; chroma place: ITU-T H.264, figure E-1, type 0.
/// @pre width and height of `rgb` are even and > 0; planes of that size and of half of it.
class YuvConverter {
public:
    void convert(const cv::Mat_<cv::Vec3b>& rgb, const YuvPlanes& planes);

private:
    cv::Mat_<std::uint8_t> channels_[3];
    cv::Mat_<std::int32_t> sums_[3];
};

}  // namespace unflat
