// SPDX-License-Identifier: MIT
#include "unflat/depth.h"

#include "core/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace unflat {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kRelativeRange = 3;         // span that relative disparity is stretched to
constexpr float kFarthestRelative = 0.05F;  // z = 20 scene units
constexpr float kMostTrue = 1e18F;          // and its inverse: squares of both must stay finite
constexpr double kOutliers = 0.005;         // share left out at both ends of true disparity

/// 1/z of one number of a map, NaN if it says nothing.
float inverse_depth(float value, DepthKind kind) {
    if (!std::isfinite(value))
        return kNaN;
    if (kind == DepthKind::Disparity)
        return value;
    const float d = kind == DepthKind::Depth ? 1 / value : value;
    return d >= 1 / kMostTrue && d <= kMostTrue ? d : kNaN;
}

cv::Mat_<float> inverse_depths(const DepthMap& depth) {
    cv::Mat_<float> result(depth.values.size());
    for (int y = 0; y < result.rows; ++y)
        for (int x = 0; x < result.cols; ++x)
            result(y, x) = inverse_depth(depth.values(y, x), depth.kind);
    return result;
}

std::vector<float> valid_values(const cv::Mat_<float>& values) {
    std::vector<float> valid;
    valid.reserve(values.total());
    for (const float value : values)
        if (!std::isnan(value))
            valid.push_back(value);
    return valid;
}

/// Stretches relative disparity to [0.05, 3]; NaN stays.
void normalise(cv::Mat_<float>& values, float least, float most) {
    const auto low = static_cast<double>(least);
    const double scale = static_cast<double>(kRelativeRange) / (static_cast<double>(most) - low);
    for (float& value : values)
        if (!std::isnan(value))
            value = std::max(static_cast<float>((static_cast<double>(value) - low) * scale),
                             kFarthestRelative);
}

/// Span of true disparity without outliers; where that is nothing, the whole span.
float true_range(std::vector<float>& valid, float least, float most) {
    const auto at = [&](double share) {
        const auto place =
            valid.begin() + std::lround(share * static_cast<double>(valid.size() - 1));
        std::nth_element(valid.begin(), place, valid.end());
        return *place;
    };
    const float span = at(1 - kOutliers) - at(kOutliers);
    if (span > 0)
        return span;
    return most > least ? most - least : most;
}

}  // namespace

DisparityMap disparity_from_depth(const DepthMap& depth, Progress* progress) {
    require(!depth.values.empty(), "the depth map is empty: it must have at least one pixel");
    DisparityMap result{.values = inverse_depths(depth), .range = kRelativeRange};
    std::vector<float> valid = valid_values(result.values);
    if (valid.empty())
        throw Error(ErrorKind::InvalidInput,
                    "the depth map of " + std::to_string(depth.values.cols) + "x" +
                        std::to_string(depth.values.rows) +
                        " pixels has no valid pixel: depth must be finite and, unless it is "
                        "relative disparity, > 0 and within 1e-18 to 1e18");
    const auto [least, most] = std::minmax_element(valid.begin(), valid.end());
    const float low = *least;
    const float high = *most;
    if (low == high)
        warn(progress, "the depth map is constant: the whole photo becomes one plane");

    if (depth.kind != DepthKind::Disparity) {
        result.true_scale = true;
        result.range = true_range(valid, low, high);
    } else if (low == high) {
        for (float& value : result.values)
            value = std::isnan(value) ? value : 1;
    } else {
        normalise(result.values, low, high);
    }
    return result;
}

}  // namespace unflat
