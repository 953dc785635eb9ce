// SPDX-License-Identifier: MIT
#include "io/yuv.h"

#include <cmath>

namespace unflat {

namespace {

// Weights of the matrix times 2^16
constexpr int kShift = 16;
constexpr double kRed = 0.2126, kBlue = 0.0722, kGreen = 1 - kRed - kBlue;
constexpr double kLumaRange = 219.0 / 255, kChromaRange = 224.0 / 255;

constexpr int fixed(double value) {
    return static_cast<int>(value * (1 << kShift) + (value < 0 ? -0.5 : 0.5));
}

struct Weights {
    int red, green, blue;
};

constexpr Weights kLuma{fixed(kRed * kLumaRange), fixed(kGreen* kLumaRange),
                        fixed(kBlue* kLumaRange)};
constexpr double kCbFactor = kChromaRange / (2 * (1 - kBlue));
constexpr double kCrFactor = kChromaRange / (2 * (1 - kRed));
// The weights of a chroma channel sum to 0, so that grey has none
constexpr int kCbRed = fixed(-kRed * kCbFactor), kCbGreen = fixed(-kGreen * kCbFactor);
constexpr Weights kCb{kCbRed, kCbGreen, -kCbRed - kCbGreen};
constexpr int kCrGreen = fixed(-kGreen * kCrFactor), kCrBlue = fixed(-kBlue * kCrFactor);
constexpr Weights kCr{-kCrGreen - kCrBlue, kCrGreen, kCrBlue};

void convert_luma(const std::uint8_t* red, const std::uint8_t* green, const std::uint8_t* blue,
                  int width, std::uint8_t* luma) {
    constexpr int kOffset = (16 << kShift) + (1 << (kShift - 1));
    for (int x = 0; x < width; ++x)
        luma[x] = static_cast<std::uint8_t>(
            (kLuma.red * red[x] + kLuma.green * green[x] + kLuma.blue * blue[x] + kOffset) >>
            kShift);
}

/// Sums over two rows and, with weights 1 2 1, over three columns: 8 times the mean.
void sum_channel(const std::uint8_t* upper, const std::uint8_t* lower, int width,
                 std::int32_t* sums) {
    const auto column = [&](int x) { return static_cast<std::int32_t>(upper[x] + lower[x]); };
    sums[0] = 3 * column(0) + column(1);
    for (int i = 1; i < width / 2; ++i)
        sums[i] = column(2 * i - 1) + 2 * column(2 * i) + column(2 * i + 1);
}

void convert_chroma(const std::int32_t* red, const std::int32_t* green, const std::int32_t* blue,
                    const Weights& weights, int width, std::uint8_t* chroma) {
    constexpr int kSumShift = kShift + 3;
    constexpr int kOffset = (128 << kSumShift) + (1 << (kSumShift - 1));
    for (int x = 0; x < width; ++x)
        chroma[x] = static_cast<std::uint8_t>(
            (weights.red * red[x] + weights.green * green[x] + weights.blue * blue[x] + kOffset) >>
            kSumShift);
}

}  // namespace

void YuvConverter::convert(const cv::Mat_<cv::Vec3b>& rgb, const YuvPlanes& planes) {
    const int width = rgb.cols;
    for (cv::Mat_<std::int32_t>& sums : sums_)
        sums.create(1, width / 2);
    for (int y = 0; y < rgb.rows; y += 2) {
        cv::split(rgb.rowRange(y, y + 2), channels_);
        for (int row = 0; row < 2; ++row)
            convert_luma(channels_[0][row], channels_[1][row], channels_[2][row], width,
                         planes.data[0] + (y + row) * planes.strides[0]);
        for (int i = 0; i < 3; ++i)
            sum_channel(channels_[i][0], channels_[i][1], width, sums_[i][0]);
        convert_chroma(sums_[0][0], sums_[1][0], sums_[2][0], kCb, width / 2,
                       planes.data[1] + y / 2 * planes.strides[1]);
        convert_chroma(sums_[0][0], sums_[1][0], sums_[2][0], kCr, width / 2,
                       planes.data[2] + y / 2 * planes.strides[2]);
    }
}

}  // namespace unflat
