// SPDX-License-Identifier: MIT
// Small synthetic scenes whose right answer is known by construction.
#pragma once

#include "unflat/depth.h"
#include "unflat/photo.h"

#include <cmath>

#include <opencv2/core.hpp>

namespace unflat {

/// A fronto-parallel plane of one disparity.
inline DisparityMap plane(cv::Size size, float disparity) {
    return {.values = cv::Mat_<float>(size, disparity)};
}

/// A plane with a disc in front of it; centre and radius in pixels.
inline DisparityMap disc(cv::Size size, float background, float foreground, cv::Point2f centre,
                         float radius) {
    DisparityMap map = plane(size, background);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            if (std::hypot(static_cast<float>(x) + 0.5F - centre.x,
                           static_cast<float>(y) + 0.5F - centre.y) < radius)
                map.values(y, x) = foreground;
    return map;
}

/// Puts a rectangle of one disparity in front.
inline void put_box(DisparityMap& map, const cv::Rect& box, float disparity) {
    map.values(box & cv::Rect({}, map.values.size())).setTo(disparity);
}

/// A photo whose colours are smooth waves with some texture: no two places look the same, and
/// wrong places are far off.
inline Photo waves(cv::Size size) {
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(size), .camera = default_camera(size)};
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            const auto wave = [&](float a, float b, float c) {
                const float phase = a * static_cast<float>(x) + b * static_cast<float>(y) + c;
                return cv::saturate_cast<std::uint8_t>(128 + 100 * std::sin(phase));
            };
            photo.rgb(y, x) = {wave(0.05F, 0.02F, 0), wave(0.01F, 0.06F, 1),
                               wave(0.04F, -0.03F, 2)};
        }
    return photo;
}

}  // namespace unflat
