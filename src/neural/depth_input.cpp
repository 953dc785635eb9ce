// SPDX-License-Identifier: MIT
#include "neural/depth_input.h"

#include "unflat/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

int rounded(double side, const NetworkCard& card) {
    const int largest = std::max(1, card.max_side / card.multiple);
    const auto units = static_cast<int>(std::lround(side / card.multiple));
    return std::clamp(units, 1, largest) * card.multiple;
}

int channel_of(const std::string& name) {
    constexpr std::array kNames{"red", "green", "blue"};
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end())
        throw Error(ErrorKind::Unreadable,
                    "a depth network is shown red, green and blue, not '" + name + "'");
    return static_cast<int>(found - kNames.begin());
}

cv::Mat stretched(const cv::Mat& rgb, cv::Size size) {
    if (rgb.size() == size)
        return rgb;
    const bool smaller = size.width < rgb.cols || size.height < rgb.rows;
    cv::Mat result;
    cv::resize(rgb, result, size, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
    return result;
}

}  // namespace

cv::Size depth_input_size(const NetworkCard& card, cv::Size photo) {
    const DepthConvention& depth = card.depth;
    if (depth.width > 0)
        return {depth.width, depth.height};
    const double scale = depth.long_side > 0
                             ? static_cast<double>(depth.long_side) /
                                   static_cast<double>(std::max(photo.width, photo.height))
                             : static_cast<double>(depth.short_side) /
                                   static_cast<double>(std::min(photo.width, photo.height));
    return {rounded(photo.width * scale, card), rounded(photo.height * scale, card)};
}

std::vector<float> depth_input(const NetworkCard& card, const Photo& photo, cv::Size size,
                               bool mirrored) {
    const DepthConvention& depth = card.depth;
    cv::Mat seen = stretched(photo.rgb, size);
    if (mirrored) {
        cv::Mat turned;
        cv::flip(seen, turned, 1);
        seen = turned;
    }
    constexpr float kLargestByte = 255;
    std::vector<float> values(card.inputs.size() * static_cast<std::size_t>(size.area()));
    for (std::size_t i = 0; i < card.inputs.size(); ++i) {
        cv::Mat plane;
        cv::extractChannel(seen, plane, channel_of(card.inputs[i]));
        const std::size_t k = std::min(i, depth.mean.size() - 1);
        const double scale = static_cast<double>(depth.white / kLargestByte / depth.deviation[k]);
        cv::Mat target(size, CV_32F, &values[i * static_cast<std::size_t>(size.area())]);
        plane.convertTo(target, CV_32F, scale,
                        -static_cast<double>(depth.mean[k] / depth.deviation[k]));
    }
    return values;
}

}  // namespace unflat
