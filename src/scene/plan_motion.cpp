// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

namespace unflat {

namespace {

// The preset paths' own reach for relative depth; the mesh is made for at least that much, since
// whoever opens it in a viewer moves about.
constexpr float kDefaultShift = 0.05F;

constexpr std::size_t kViewsPerPath = 64;

// 1st percentile of z: how near the scene comes, whatever a few stray pixels say
float near_depth(const DisparityMap& disparity) {
    std::vector<float> values(disparity.values.begin(), disparity.values.end());
    const std::size_t rank = (values.size() - 1) - (values.size() - 1) / 100;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank),
                     values.end());
    return 1 / values[rank];
}

// Depth at a point of the photo, its centre if there is none
float depth_at(const DisparityMap& disparity, const std::optional<cv::Point2f>& point) {
    const cv::Size size = disparity.values.size();
    if (!point)
        return 1 / disparity.values(size.height / 2, size.width / 2);
    const bool inside = point->x >= 0 && point->y >= 0 &&
                        point->x <= static_cast<float>(size.width) &&
                        point->y <= static_cast<float>(size.height);
    require(inside, "plan_motion: the focus must lie inside the photo");
    const int x = std::min(static_cast<int>(point->x), size.width - 1);
    const int y = std::min(static_cast<int>(point->y), size.height - 1);
    return 1 / disparity.values(y, x);
}

float largest_shift(const Motion& motion, float least) {
    float largest = least;
    const auto add = [&](const View& view) {
        largest = std::max(largest, static_cast<float>(cv::norm(view.pose.position)));
    };
    for (const CameraPath& path : motion.paths)
        std::for_each(path.views.begin(), path.views.end(), add);
    std::for_each(motion.poses.begin(), motion.poses.end(), add);
    return largest;
}

// What bounds a motion: the farthest view in each of these
std::array<float, 7> coordinates(const View& view) {
    const Pose& pose = view.pose;
    return {pose.position[0], pose.position[1], pose.position[2], pose.yaw,
            pose.pitch,       pose.roll,        view.camera.focal};
}

// Evenly spread frames, and the extremes among all
std::vector<View> thin_out(const std::vector<View>& views) {
    std::set<std::size_t> kept;
    const std::size_t stride = (views.size() + kViewsPerPath - 1) / kViewsPerPath;
    for (std::size_t i = 0; i < views.size(); i += stride)
        kept.insert(i);
    for (std::size_t axis = 0; axis < 7; ++axis) {
        const auto less = [&](const View& a, const View& b) {
            return coordinates(a)[axis] < coordinates(b)[axis];
        };
        const auto [least, most] = std::minmax_element(views.begin(), views.end(), less);
        kept.insert(static_cast<std::size_t>(least - views.begin()));
        kept.insert(static_cast<std::size_t>(most - views.begin()));
    }
    std::vector<View> result;
    for (const std::size_t i : kept)
        result.push_back(views[i]);
    return result;
}

}  // namespace

Motion plan_motion(const Camera& camera, const DisparityMap& disparity,
                   const MotionOptions& options) {
    require(!disparity.values.empty() && disparity.values.size() == camera.size,
            "plan_motion: the disparity map must have the size of the photo");
    const float unit = disparity.true_scale ? 3 * near_depth(disparity) : 1;

    Motion motion;
    const PathOptions path_options{.motion = options.motion,
                                   .unit = unit,
                                   .focus_depth = depth_at(disparity, options.focus),
                                   .loop = options.loop,
                                   .fps = options.fps,
                                   .frame_count = options.frame_count};
    for (const std::string& name : options.paths)
        motion.paths.push_back(make_path(name, camera, path_options));

    for (std::size_t i = 0; i < options.keyed_paths.size(); ++i) {
        const KeyedPath& keyed = options.keyed_paths[i];
        std::optional<float> focus_depth;
        if (keyed.focus)
            focus_depth = depth_at(disparity, keyed.focus);
        motion.paths.push_back(
            sample_path(keyed, "path-" + std::to_string(i + 1), camera, focus_depth));
    }

    for (const Pose& pose : options.poses)
        motion.poses.push_back({.pose = pose, .camera = camera});
    motion.largest_shift = largest_shift(motion, kDefaultShift * unit);
    return motion;
}

std::vector<View> Motion::views() const {
    std::vector<View> result;
    for (const CameraPath& path : paths) {
        if (path.views.empty())
            continue;
        const std::vector<View> few = thin_out(path.views);
        result.insert(result.end(), few.begin(), few.end());
    }
    result.insert(result.end(), poses.begin(), poses.end());
    return result;
}

}  // namespace unflat
