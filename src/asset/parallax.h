// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"

#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// How far views see a place move when its disparity changes.
class Parallax {
public:
    Parallax(const Camera& camera, const std::vector<View>& views);
    /// Mean over the views of its square [(pixels per unit of disparity)^2].
    float mean_square(float x, float y) const;
    /// The most that any view sees [pixels per unit of disparity].
    float largest(float x, float y) const;

private:
    cv::Vec2f shift(const cv::Vec3f& position, float x, float y) const {
        return {position[2] * (x - camera_.cx) - camera_.focal * position[0],
                position[2] * (y - camera_.cy) - camera_.focal * position[1]};
    }
    Camera camera_;
    std::vector<cv::Vec3f> positions_;
};

}  // namespace unflat
