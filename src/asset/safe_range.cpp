// SPDX-License-Identifier: MIT
#include "asset/safe_range.h"

#include "asset/visibility.h"
#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <vector>

namespace unflat {

namespace {

constexpr int kCoarseSide = 160;          // long side of the drawings that look how far [pixels]
constexpr int kFineSide = 320;            // of those that decide
constexpr float kStretched = 4;           // areas: on the screen over on the photo
constexpr double kUnnoticed = 1. / 1000;  // share of the picture that may be stretched
constexpr double kSparks = 1. / 50000;    // share that may be empty: between triangles that do not
                                          // meet exactly
constexpr float kMostReach = 8;
constexpr int kHalvings = 6;

class RangeProbe {
public:
    RangeProbe(const Surface& surface, const Camera& camera, int side)
        : surface_(surface),
          camera_(camera),
          reduction_((std::max(camera.size.width, camera.size.height) + side - 1) / side),
          pixel_(static_cast<double>(reduction_) * reduction_ / camera.size.area()),
          at_home_(faults_from({0, 0, 0})) {}

    bool is_safe(const cv::Vec3f& position) const {
        const Faults faults = faults_from(position);
        // One pixel at least: the last digits decide where triangles meet
        const double sparks = std::max(kSparks, pixel_);
        return faults.empty <= at_home_.empty + sparks &&
               faults.stretched <= at_home_.stretched + kUnnoticed;
    }

private:
    struct Faults {
        double empty = 0, stretched = 0;  // shares of the picture
    };

    Faults faults_from(const cv::Vec3f& position) const {
        const View view{.pose = {.position = position}, .camera = camera_};
        const SeenFaces seen = draw_faces(surface_, camera_, view, reduction_);
        std::vector<std::int8_t> judged(surface_.faces.size(), -1);
        std::int64_t empty = 0, stretched = 0;
        for (const std::int32_t face : seen.face) {
            if (face == -1) {
                ++empty;
                continue;
            }
            std::int8_t& is_bad = judged[static_cast<std::size_t>(face)];
            if (is_bad == -1)
                is_bad = is_stretched(surface_.faces[static_cast<std::size_t>(face)], position);
            stretched += is_bad;
        }
        const auto total = static_cast<double>(seen.face.total());
        return {static_cast<double>(empty) / total, static_cast<double>(stretched) / total};
    }

    // Coming nearer enlarges everything, which is no fault
    bool is_stretched(const Surface::Face& face, const cv::Vec3f& position) const {
        std::array<Surface::Point, 3> moved;
        float enlarged = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const Surface::Point& p = surface_.points[face.points[k]];
            const float factor = 1 / std::max(1e-6F, 1 - position[2] * p.disparity);
            enlarged = std::max(enlarged, factor);
            moved[k] = {camera_.cx +
                            factor * (p.x - camera_.cx - camera_.focal * position[0] * p.disparity),
                        camera_.cy +
                            factor * (p.y - camera_.cy - camera_.focal * position[1] * p.disparity),
                        p.disparity};
        }
        const float before =
            std::abs(doubled_area(surface_.points[face.points[0]], surface_.points[face.points[1]],
                                  surface_.points[face.points[2]]));
        const float after = std::abs(doubled_area(moved[0], moved[1], moved[2]));
        return after > kStretched * before * std::max(1.F, enlarged * enlarged);
    }

    const Surface& surface_;
    Camera camera_;
    int reduction_;
    double pixel_ = 0;  // share of the picture
    Faults at_home_;
};

// The farthest safe place in one direction
float farthest(const RangeProbe& probe, const cv::Vec3f& direction, float most) {
    float safe = 0, unsafe = most;
    for (int i = 0; i < kHalvings; ++i) {
        const float middle = (safe + unsafe) / 2;
        (probe.is_safe(middle * direction) ? safe : unsafe) = middle;
    }
    return safe;
}

bool corners_are_safe(const RangeProbe& probe, const SafeRange& range) {
    std::atomic<bool> safe = true;
    parallel_ranges(8, 1, [&](int corner, int) {
        if (!safe)
            return;
        const cv::Vec3f position((corner & 1 ? range.max : range.min)[0],
                                 (corner & 2 ? range.max : range.min)[1],
                                 (corner & 4 ? range.max : range.min)[2]);
        if (!probe.is_safe(position))
            safe = false;
    });
    return safe;
}

// Until all corners are safe; the axis along which it reaches farthest beyond what was planned
// gives way
void shrink(const RangeProbe& probe, const cv::Vec3f& reach, SafeRange& range) {
    const auto excess = [&](int axis) {
        return (range.max[axis] - range.min[axis]) / std::max(1e-12F, reach[axis]);
    };
    constexpr float kShrink = 0.8F;
    constexpr int kMostShrinks = 48;
    for (int i = 0; i < kMostShrinks && !corners_are_safe(probe, range); ++i) {
        int axis = 0;
        for (const int other : {1, 2})
            if (excess(other) > excess(axis))
                axis = other;
        range.min[axis] *= kShrink;
        range.max[axis] *= kShrink;
    }
}

}  // namespace

SafeRange find_safe_range(const Surface& surface, const Camera& camera, const cv::Vec3f& reach) {
    const RangeProbe coarse(surface, camera, kCoarseSide), fine(surface, camera, kFineSide);
    SafeRange range;
    parallel_ranges(6, 1, [&](int i, int) {
        const int axis = i / 2;
        cv::Vec3f direction(0, 0, 0);
        direction[axis] = i % 2 ? 1.F : -1.F;
        const float far = farthest(coarse, direction, kMostReach * reach[axis]);
        (i % 2 ? range.max : range.min)[axis] = direction[axis] * far;
    });
    // Most of the way is found coarsely
    shrink(coarse, reach, range);
    shrink(fine, reach, range);
    return range;
}

}  // namespace unflat
