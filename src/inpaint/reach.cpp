// SPDX-License-Identifier: MIT
#include "inpaint/reach.h"

#include <algorithm>
#include <cmath>

namespace unflat {

namespace {

constexpr float kBorderMargin = 4;  // [px], since slanted surfaces end raggedly beyond the border
constexpr int kAreaCount = 64;      // disparities at which visible areas are computed
constexpr int kBorderSamples = 8;   // rays per side of a frame

// Grows `bounds` (left, top, right, bottom) by where the rim of a view's frame looks at a plane of
// the given disparity, in pixels of the photo
void include_frame(const Camera& photo, const View& view, float disparity, cv::Vec4f& bounds) {
    const cv::Matx33f photo_from_view = photo_from_camera(view.pose);
    const auto include = [&](float u, float v) {
        const cv::Vec3f ray = photo_from_view * view.camera.unproject(u, v, 1);
        // In units of depth: 1 / disparity = position z + s ray z
        const float s = (1 / disparity - view.pose.position[2]) / ray[2];
        if (!(ray[2] > 0) || !(s > 0))
            return;
        const cv::Point2f seen = photo.project(view.pose.position + ray * s);
        bounds[0] = std::min(bounds[0], seen.x);
        bounds[1] = std::min(bounds[1], seen.y);
        bounds[2] = std::max(bounds[2], seen.x);
        bounds[3] = std::max(bounds[3], seen.y);
    };
    const auto width = static_cast<float>(view.camera.size.width);
    const auto height = static_cast<float>(view.camera.size.height);
    for (int i = 0; i <= kBorderSamples; ++i) {
        const float t = static_cast<float>(i) / kBorderSamples;
        include(t * width, 0);
        include(t * width, height);
        include(0, t * height);
        include(width, t * height);
    }
}

}  // namespace

Reach::Reach(const Camera& camera, std::span<const View> views, cv::Vec2f disparities,
             float border_limit)
    : camera_(camera), disparities_(disparities) {
    for (const View& view : views)
        positions_.push_back(view.pose.position);
    for (int i = 0; i < kAreaCount; ++i) {
        const float t = static_cast<float>(i) / (kAreaCount - 1);
        areas_.push_back(
            area_at(views, disparities[0] + t * (disparities[1] - disparities[0]), border_limit));
    }
}

cv::Rect Reach::area_at(std::span<const View> views, float disparity, float border_limit) const {
    const auto width = static_cast<float>(camera_.size.width);
    const auto height = static_cast<float>(camera_.size.height);
    cv::Vec4f bounds(0, 0, width, height);
    for (const View& view : views)
        include_frame(camera_, view, disparity, bounds);

    const auto beyond = [&](float pixels) {  // what lies beyond a side, with margin and limit
        return pixels > 0
                   ? static_cast<int>(std::ceil(std::min(pixels + kBorderMargin, border_limit)))
                   : 0;
    };
    const int left = beyond(-bounds[0]), top = beyond(-bounds[1]);
    const int right = beyond(bounds[2] - width), bottom = beyond(bounds[3] - height);
    return {-left, -top, camera_.size.width + left + right, camera_.size.height + top + bottom};
}

float Reach::behind(float u, float v, float near, float far) const {
    // A view at t sees, past a point (x, y, 1) / near, the surface of disparity `far` at
    // (x, y) + (near - far) ((x, y) t.z - t.xy) / (1 - near t.z), however it is turned. In the
    // view itself the same gap is narrower where the camera went back, wider where it went forward
    const cv::Vec3f ray = camera_.unproject(u, v, 1);
    float widest = 0;
    for (const cv::Vec3f& position : positions_) {
        const float depth = 1 - near * position[2];
        if (depth <= 0)
            continue;  // the edge is behind the camera: not seen
        const float du = (ray[0] * position[2] - position[0]) / depth;
        const float dv = (ray[1] * position[2] - position[1]) / depth;
        widest = std::max(widest, du * du + dv * dv);
    }
    return camera_.focal * std::abs(near - far) * std::sqrt(widest) + kMargin;
}

cv::Rect Reach::visible_area(float least, float most) const {
    const float span = std::max(disparities_[1] - disparities_[0], 1e-20F);
    const auto place = [&](float disparity) {
        return std::clamp((disparity - disparities_[0]) / span, 0.0F, 1.0F) * (kAreaCount - 1);
    };
    const auto first = static_cast<std::size_t>(std::floor(place(least)));
    const auto last = static_cast<std::size_t>(std::ceil(place(most)));
    cv::Rect area = areas_[first];
    for (std::size_t i = first + 1; i <= last; ++i)
        area |= areas_[i];
    return area;
}

}  // namespace unflat
