// SPDX-License-Identifier: MIT
#include "unflat/camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace unflat {

Camera default_camera(cv::Size size) {
    return {.size = size,
            .focal = static_cast<float>(std::max(size.width, size.height)),
            .cx = static_cast<float>(size.width) / 2,
            .cy = static_cast<float>(size.height) / 2};
}

Camera resized_camera(const Camera& camera, cv::Size size) {
    const float x_factor = static_cast<float>(size.width) / static_cast<float>(camera.size.width);
    const float y_factor = static_cast<float>(size.height) / static_cast<float>(camera.size.height);
    return {.size = size,
            .focal = camera.focal * (size.width >= size.height ? x_factor : y_factor),
            .cx = camera.cx * x_factor,
            .cy = camera.cy * y_factor};
}

cv::Matx33f photo_from_camera(const Pose& pose) {
    constexpr float kRadians = std::numbers::pi_v<float> / 180;
    const float cos_yaw = std::cos(pose.yaw * kRadians), sin_yaw = std::sin(pose.yaw * kRadians);
    const float cos_pitch = std::cos(pose.pitch * kRadians);
    const float sin_pitch = std::sin(pose.pitch * kRadians);
    const float cos_roll = std::cos(pose.roll * kRadians);
    const float sin_roll = std::sin(pose.roll * kRadians);
    const cv::Matx33f about_y(cos_yaw, 0, sin_yaw, 0, 1, 0, -sin_yaw, 0, cos_yaw);
    const cv::Matx33f about_x(1, 0, 0, 0, cos_pitch, -sin_pitch, 0, sin_pitch, cos_pitch);
    const cv::Matx33f about_z(cos_roll, -sin_roll, 0, sin_roll, cos_roll, 0, 0, 0, 1);
    return about_y * about_x * about_z;
}

std::optional<cv::Point2f> project(const View& view, const cv::Vec3f& p_photo) {
    const cv::Vec3f p_camera = photo_from_camera(view.pose).t() * (p_photo - view.pose.position);
    if (!(p_camera[2] > 0))
        return std::nullopt;
    return view.camera.project(p_camera);
}

}  // namespace unflat
