// SPDX-License-Identifier: MIT
// A triangle in the coordinates of a tile: its outline in whole pixel steps, its planes, and where
// in the atlas it is read.
#pragma once

#include "render/tile.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace unflat {

/// Rows of a tile; none if first > last.
struct RowRange {
    int first = 0;
    int last = -1;
};

/// The outline of a triangle, rounded to pixel steps from the tile's corner and turned so that its
/// inside is on the positive side of its edges.
class SnappedTriangle {
public:
    SnappedTriangle(const ScreenMesh& screen, std::uint32_t triangle, cv::Point tile_corner);

    bool has_area() const { return has_area_; }

    /// Rows that may hold a covered sample.
    RowRange rows(int row_count) const;

    std::array<EdgeBound, 3> edges() const;

private:
    std::array<double, 3> u_;  ///< whole [pixel steps]
    std::array<double, 3> v_;
    bool has_area_ = false;
};

TileTriangle make_tile_triangle(const ScreenMesh& screen, cv::Size atlas_size,
                                std::uint32_t triangle, const cv::Rect& area);

/// True if the centre of a pixel lies in the triangle, or beside it by no more than a rounding.
inline bool contains_centre(const TileTriangle& triangle, int x, int y) {
    constexpr float kRounding = -1e-4F;
    const float second = triangle.second.at(static_cast<float>(x), static_cast<float>(y));
    const float third = triangle.third.at(static_cast<float>(x), static_cast<float>(y));
    return second >= kRounding && third >= kRounding && 1 - second - third >= kRounding;
}

/// True if two triangles have a vertex in common, as neighbours on one surface have.
inline bool touch(const ScreenFace& a, const ScreenFace& b) {
    for (const std::uint32_t corner : a.corners)
        if (corner == b.corners[0] || corner == b.corners[1] || corner == b.corners[2])
            return true;
    return false;
}

/// Moves a read that lies beyond a slanted edge at which the surface ends onto the edge.
cv::Point2f move_inside(const TileTriangle& triangle, cv::Point2f place);

/// Where a triangle's colour for a pixel is read: in steps of a texel.
struct TexelPlace {
    int s = 0;
    int t = 0;
};

inline constexpr SurfaceEnds kSlantedEnds = 7 * kEndsAtEdge;

/// The place in the atlas that the centre of a pixel shows.
///
/// Texture coordinates are interpolated in the photo's raster, in which the atlas was cut, not in
/// space: weighted by the depth in the photo's frame, they are exact on slanted triangles too.
/// The centre may lie outside of the triangle: then its texture goes on by at most a texel, and
/// nowhere beyond the end of the surface.
inline TexelPlace texel_place(const TileTriangle& triangle, int x, int y) {
    const auto u = static_cast<float>(x), v = static_cast<float>(y);
    // Outside of a steep triangle the plane may reach any value
    const float q = std::min(std::max(triangle.q.at(u, v), triangle.q_min / 2), triangle.q_max * 2);
    const float factor = 1 / q;
    cv::Point2f place(triangle.s_q.at(u, v) * factor, triangle.t_q.at(u, v) * factor);
    place.x = std::min(std::max(place.x, triangle.least.x), triangle.greatest.x);
    place.y = std::min(std::max(place.y, triangle.least.y), triangle.greatest.y);
    if ((triangle.face.ends & kSlantedEnds) != 0)
        place = move_inside(triangle, place);
    return {triangle.s_base * kTexelSteps + cvRound(place.x * kTexelSteps),
            triangle.t_base * kTexelSteps + cvRound(place.y * kTexelSteps)};
}

/// Where four neighbouring pixels of a row are read.
struct TexelPlaces {
    std::array<int, 4> s;
    std::array<int, 4> t;
};

/// texel_place for the pixels x, ..., x + 3 at once, by the same operations; for triangles at whose
/// slanted edges no surface ends.
inline TexelPlaces texel_places(const TileTriangle& triangle, int x, int y) {
    const auto u = static_cast<float>(x);
    const cv::v_float32x4 us(u, u + 1, u + 2, u + 3);
    const auto at = [&](const ScreenPlane& plane) {
        return cv::v_setall_f32(plane.origin) + cv::v_setall_f32(plane.per_x) * us +
               cv::v_setall_f32(plane.per_y * static_cast<float>(y));
    };
    const auto clamped = [](const cv::v_float32x4& value, float low, float high) {
        return cv::v_min(cv::v_max(value, cv::v_setall_f32(low)), cv::v_setall_f32(high));
    };
    const cv::v_float32x4 factor =
        cv::v_setall_f32(1) / clamped(at(triangle.q), triangle.q_min / 2, triangle.q_max * 2);
    const auto store = [&](const ScreenPlane& plane, float least, float greatest, int base,
                           std::array<int, 4>& places) {
        const cv::v_float32x4 place = clamped(at(plane) * factor, least, greatest);
        const cv::v_int32x4 steps = cv::v_round(place * cv::v_setall_f32(kTexelSteps));
        cv::v_store(places.data(), steps + cv::v_setall_s32(base * kTexelSteps));
    };
    TexelPlaces places;
    store(triangle.s_q, triangle.least.x, triangle.greatest.x, triangle.s_base, places.s);
    store(triangle.t_q, triangle.least.y, triangle.greatest.y, triangle.t_base, places.t);
    return places;
}

}  // namespace unflat
