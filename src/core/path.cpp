// SPDX-License-Identifier: MIT
#include "unflat/camera.h"
#include "unflat/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace unflat {

namespace {

constexpr float kSideways = 0.015F;  ///< a: shift across [units]
constexpr float kForward = 0.05F;    ///< b: shift along the axis [units]

/// A video's length is bounded, so that a wrong number in a path file cannot run for days.
constexpr int kMaxFrameCount = 100'000;
constexpr float kMaxFps = 1000;

enum class Track { Straight, Circle, Swing };

struct Preset {
    Track track = Track::Straight;
    bool is_dolly = false;
};

Preset find_preset(std::string_view name) {
    if (name == "dolly-zoom")
        return {.is_dolly = true};
    if (name == "zoom-in")
        return {};
    if (name == "circle")
        return {.track = Track::Circle};
    if (name == "swing")
        return {.track = Track::Swing};
    throw Error(ErrorKind::InvalidInput, "there is no path '" + std::string(name) +
                                             "'; the paths are dolly-zoom, zoom-in, circle, swing");
}

/// Position at frame i of n, in units.
cv::Vec3d position_at(Track track, const PathOptions& options, int i) {
    const double t = static_cast<double>(i) / options.frame_count;
    const double angle = 2 * std::numbers::pi * t;
    const double sideways = static_cast<double>(kSideways);
    const double forward = static_cast<double>(kForward);
    switch (track) {
        case Track::Circle:
            return {sideways * std::cos(2 * angle), sideways * std::sin(2 * angle),
                    -forward * std::cos(angle)};
        case Track::Swing:
            return {sideways * std::cos(2 * angle), 0, -forward * std::cos(angle)};
        case Track::Straight:
            break;
    }
    if (options.loop || options.frame_count == 1)
        return {0, 0, -forward * std::cos(angle)};
    return {0, 0, forward * (2.0 * i / (options.frame_count - 1) - 1)};
}

/// The focal length that keeps the size of things at `focus_depth` for a camera that has moved
/// forward by z. A camera near the focus or past it keeps a hundredth of the focal length.
float dolly_focal(float focal, float focus_depth, float z) {
    constexpr float kLeast = 0.01F;
    return focal * std::max((focus_depth - z) / focus_depth, kLeast);
}

void check_options(const PathOptions& options) {
    require(options.frame_count >= 1 && options.frame_count <= kMaxFrameCount,
            "make_path: the number of frames must lie in [1, 100000]");
    require(options.fps > 0 && options.fps <= kMaxFps,
            "make_path: the frames per second must lie in (0, 1000]");
    require(options.motion >= 0 && std::isfinite(options.motion),
            "make_path: the motion must be finite and >= 0");
    require(options.unit > 0 && std::isfinite(options.unit),
            "make_path: the unit must be finite and > 0");
    require(options.focus_depth > 0 && std::isfinite(options.focus_depth),
            "make_path: the depth of the focus must be finite and > 0");
}

// ---- Key frames

/// What is interpolated: position, rotation, field of view.
constexpr std::size_t kValueCount = 7;
using KeyValues = std::array<double, kValueCount>;

constexpr double kDegreesPerRadian = 180 / std::numbers::pi;

double long_side(const Camera& camera) {
    return std::max(camera.size.width, camera.size.height);
}

double fov_of(const Camera& camera) {
    return 2 * std::atan(long_side(camera) / (2 * static_cast<double>(camera.focal))) *
           kDegreesPerRadian;
}

float focal_of(const Camera& camera, double fov) {
    return static_cast<float>(long_side(camera) / (2 * std::tan(fov / 2 / kDegreesPerRadian)));
}

KeyValues values_of(const PathKey& key, double own_fov) {
    const Pose& pose = key.pose;
    return {static_cast<double>(pose.position[0]),
            static_cast<double>(pose.position[1]),
            static_cast<double>(pose.position[2]),
            static_cast<double>(pose.yaw),
            static_cast<double>(pose.pitch),
            static_cast<double>(pose.roll),
            key.fov ? static_cast<double>(*key.fov) : own_fov};
}

void check_keys(const KeyedPath& path) {
    require(!path.keys.empty(), "sample_path: the path has no keys");
    require(path.fps > 0 && path.fps <= kMaxFps,
            "sample_path: the frames per second must lie in (0, 1000]");
    for (std::size_t i = 0; i < path.keys.size(); ++i) {
        const PathKey& key = path.keys[i];
        require(std::isfinite(key.t) && (i == 0 || key.t > path.keys[i - 1].t),
                "sample_path: the times of the keys must be finite and increase from key to key");
        const KeyValues values = values_of(key, 60);
        require(std::all_of(values.begin(), values.end(),
                            [](double value) { return std::isfinite(value); }),
                "sample_path: positions and rotations of the keys must be finite");
        require(!key.fov || (*key.fov > 0 && *key.fov < 180),
                "sample_path: the field of view of a key must lie between 0 and 180 degrees");
    }
    const double duration =
        static_cast<double>(path.keys.back().t) - static_cast<double>(path.keys.front().t);
    require(duration * static_cast<double>(path.fps) < kMaxFrameCount,
            "sample_path: the path has more than 100000 frames");
}

/// A curve through values at increasing times: cubic pieces whose slope at a key is that of the
/// parabola through it and its two neighbours, which for even times is Catmull and Rom's.
/// Source: Catmull and Rom, "A Class of Local Interpolating Splines", 1974; Barry and Goldman,
/// "A Recursive Evaluation Algorithm for a Class of Catmull-Rom Splines", 1988 (uneven times).
class KeyCurve {
public:
    KeyCurve(const KeyedPath& path, double own_fov) : is_loop_(path.loop) {
        for (const PathKey& key : path.keys) {
            times_.push_back(static_cast<double>(key.t));
            values_.push_back(values_of(key, own_fov));
        }
        if (!is_loop_ || path.keys.size() == 1)
            return;
        // The way back takes as long as the other pieces on average, unless the last key already
        // stands where the first does
        if (values_.front() == values_.back())
            return;
        const double mean =
            (times_.back() - times_.front()) / static_cast<double>(times_.size() - 1);
        times_.push_back(times_.back() + mean);
        values_.push_back(values_.front());
    }

    double begin() const { return times_.front(); }
    double duration() const { return times_.back() - times_.front(); }

    KeyValues at(double t) const {
        if (times_.size() == 1 || t <= times_.front())
            return values_.front();
        if (t >= times_.back())
            return values_.back();
        const auto next = std::upper_bound(times_.begin(), times_.end(), t);
        const auto i = static_cast<std::size_t>(next - times_.begin()) - 1;
        const double length = times_[i + 1] - times_[i];
        const double x = (t - times_[i]) / length;
        KeyValues result{};
        for (std::size_t k = 0; k < kValueCount; ++k) {
            // Cubic Hermite polynomial
            const double a = values_[i][k], b = values_[i + 1][k];
            const double slope_a = slope(i, k) * length, slope_b = slope(i + 1, k) * length;
            result[k] = a + x * (slope_a + x * (3 * (b - a) - 2 * slope_a - slope_b +
                                                x * (2 * (a - b) + slope_a + slope_b)));
        }
        return result;
    }

private:
    /// Slope at a key; across the join of a loop, along the piece at the end of an open path.
    double slope(std::size_t i, std::size_t k) const {
        const std::size_t last = times_.size() - 1;
        const bool is_end = i == 0 || i == last;
        if (is_end && !is_loop_) {
            const std::size_t a = i == 0 ? 0 : last - 1;
            return rise(a, k);
        }
        const std::size_t before = is_end ? last - 1 : i - 1;
        const std::size_t after = is_end ? 0 : i;
        const double before_length = times_[before + 1] - times_[before];
        const double after_length = times_[after + 1] - times_[after];
        return (rise(before, k) * after_length + rise(after, k) * before_length) /
               (before_length + after_length);
    }

    /// Mean slope of the piece that begins at key i.
    double rise(std::size_t i, std::size_t k) const {
        return (values_[i + 1][k] - values_[i][k]) / (times_[i + 1] - times_[i]);
    }

    bool is_loop_ = false;
    std::vector<double> times_;
    std::vector<KeyValues> values_;
};

}  // namespace

const std::vector<std::string>& preset_path_names() {
    static const std::vector<std::string> names{"dolly-zoom", "zoom-in", "circle", "swing"};
    return names;
}

CameraPath make_path(std::string_view name, const Camera& camera, const PathOptions& options) {
    const Preset preset = find_preset(name);
    check_options(options);
    CameraPath path{.name = std::string(name), .fps = options.fps};
    const double scale = static_cast<double>(options.motion) * static_cast<double>(options.unit);
    for (int i = 0; i < options.frame_count; ++i) {
        View view{.camera = camera};
        view.pose.position = cv::Vec3f(position_at(preset.track, options, i) * scale);
        if (preset.is_dolly)
            view.camera.focal =
                dolly_focal(camera.focal, options.focus_depth, view.pose.position[2]);
        path.views.push_back(view);
    }
    return path;
}

CameraPath sample_path(const KeyedPath& path, std::string name, const Camera& camera,
                       std::optional<float> focus_depth) {
    check_keys(path);
    require(!focus_depth || (*focus_depth > 0 && std::isfinite(*focus_depth)),
            "sample_path: the depth of the focus must be finite and > 0");
    const bool has_fov = std::any_of(path.keys.begin(), path.keys.end(),
                                     [](const PathKey& key) { return key.fov.has_value(); });
    const KeyCurve curve(path, fov_of(camera));

    // A loop ends one frame before it begins again, an open path on its last key
    const double steps = curve.duration() * static_cast<double>(path.fps);
    const auto whole_steps = static_cast<int>(std::lround(steps));
    const int frame_count = std::max(1, path.loop ? whole_steps : whole_steps + 1);
    CameraPath result{.name = std::move(name), .fps = path.fps};
    for (int i = 0; i < frame_count; ++i) {
        const KeyValues values =
            curve.at(curve.begin() + static_cast<double>(i) / static_cast<double>(path.fps));
        View view{.camera = camera};
        view.pose.position = cv::Vec3f(cv::Vec3d(values[0], values[1], values[2]));
        view.pose.yaw = static_cast<float>(values[3]);
        view.pose.pitch = static_cast<float>(values[4]);
        view.pose.roll = static_cast<float>(values[5]);
        constexpr double kLeastFov = 0.1, kGreatestFov = 179;
        if (has_fov)
            view.camera.focal = focal_of(camera, std::clamp(values[6], kLeastFov, kGreatestFov));
        else if (focus_depth)
            view.camera.focal = dolly_focal(camera.focal, *focus_depth, view.pose.position[2]);
        result.views.push_back(view);
    }
    return result;
}

}  // namespace unflat
