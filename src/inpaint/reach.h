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

    /// Widest gap that opens at (u, v) between a surface of disparity `near` and one behind it of
    /// disparity `far`: max over views of |warp(p, near) - warp(p, far)|, plus a margin of 2 px.
    float behind(float u, float v, float near, float far) const;

    /// Positions at which a surface of a disparity between these two can come into view, outside
    /// the photo too.
    cv::Rect visible_area(float least, float most) const;

private:
    // A point seen at (x, y, 1) / disparity goes to direction - disparity * shift, where
    // direction = R^T (x, y, 1) and shift = R^T t
    struct Warp {
        cv::Matx33f camera_from_photo;
        cv::Vec3f shift;
    };

    cv::Rect area_at(std::span<const View> views, float disparity, float border_limit) const;

    Camera camera_;
    std::vector<Warp> warps_;
    cv::Vec2f disparities_;
    std::vector<cv::Rect> areas_;  // at evenly spaced disparities
};

}  // namespace unflat
