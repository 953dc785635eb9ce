// SPDX-License-Identifier: MIT
#include "asset/parallax.h"

#include <algorithm>
#include <cmath>

namespace unflat {

Parallax::Parallax(const Camera& camera, const std::vector<View>& views) : camera_(camera) {
    for (const View& view : views)
        positions_.push_back(view.pose.position);
}

float Parallax::mean_square(float x, float y) const {
    float sum = 0;
    for (const cv::Vec3f& position : positions_) {
        const cv::Vec2f s = shift(position, x, y);
        sum += s.dot(s);
    }
    return sum / static_cast<float>(std::max<std::size_t>(positions_.size(), 1));
}

float Parallax::largest(float x, float y) const {
    float largest = 0;
    for (const cv::Vec3f& position : positions_) {
        const cv::Vec2f s = shift(position, x, y);
        largest = std::max(largest, s.dot(s));
    }
    return std::sqrt(largest);
}

}  // namespace unflat
