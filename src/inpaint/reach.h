// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"

#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// How far the requested motion lets the camera look behind things and beyond the photo's border.
/// All lengths are pixels of the photo.
class Reach {
public:
    /// @param views where the camera will stand. @param disparities least and largest of the scene.
    /// @param border_limit farthest beyond the border [pixels].
    Reach(const Camera& camera, std::span<const View> views, cv::Vec2f disparities,
          float border_limit);

    /// Beyond what is measured between centres of pixels, against rounding in growth [pixels].
    static constexpr float kMargin = 2;

    /// How far beyond the edge at (u, v) of a surface of disparity `near` the camera sees one
    /// behind it of disparity `far`: the farthest over all views, in the photo's raster, plus
    /// kMargin.
    float behind(float u, float v, float near, float far) const;

    /// Positions at which a surface of a disparity between these two can come into view, outside
    /// the photo too.
    cv::Rect visible_area(float least, float most) const;

private:
    cv::Rect area_at(std::span<const View> views, float disparity, float border_limit) const;

    Camera camera_;
    std::vector<cv::Vec3f> positions_;
    cv::Vec2f disparities_;
    std::vector<cv::Rect> areas_;  // at evenly spaced disparities
};

}  // namespace unflat
