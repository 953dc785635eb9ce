// SPDX-License-Identifier: MIT
#include "render/clip.h"

#include <array>
#include <cstddef>

namespace unflat {

namespace {

/// What is kept: normal . position >= offset.
struct HalfSpace {
    cv::Vec3d normal;
    double offset = 0;
    double distance(const ClipVertex& vertex) const { return normal.dot(vertex.position) - offset; }
};

/// Where the edge leaves the half space; always computed from its inner end, so that both
/// polygons at the edge find the same point.
ClipVertex cross(const ClipVertex& inside, const ClipVertex& outside, const HalfSpace& space) {
    const double inner = space.distance(inside), outer = space.distance(outside);
    const double part = inner / (inner - outer);
    return {.position = inside.position + part * (outside.position - inside.position),
            .atlas = inside.atlas + part * (outside.atlas - inside.atlas)};
}

ClipPolygon cut(const ClipPolygon& polygon, const HalfSpace& space) {
    ClipPolygon kept;
    for (std::size_t i = 0; i < polygon.size(); ++i) {
        const ClipVertex& current = polygon[i];
        const ClipVertex& next = polygon[(i + 1) % polygon.size()];
        const bool current_is_inside = space.distance(current) >= 0;
        const bool next_is_inside = space.distance(next) >= 0;
        if (current_is_inside)
            kept.push_back(current);
        if (current_is_inside && !next_is_inside)
            kept.push_back(cross(current, next, space));
        if (!current_is_inside && next_is_inside)
            kept.push_back(cross(next, current, space));
    }
    return kept;
}

}  // namespace

void clip_polygon(ClipPolygon& polygon, const Camera& camera, double near_z, double guard) {
    const auto focal = static_cast<double>(camera.focal);
    const auto cx = static_cast<double>(camera.cx), cy = static_cast<double>(camera.cy);
    const std::array<HalfSpace, 5> spaces{
        HalfSpace{{0, 0, 1}, near_z}, HalfSpace{{focal, 0, guard + cx}},
        HalfSpace{{-focal, 0, guard - cx}}, HalfSpace{{0, focal, guard + cy}},
        HalfSpace{{0, -focal, guard - cy}}};
    for (const HalfSpace& space : spaces)
        polygon = cut(polygon, space);
}

}  // namespace unflat
