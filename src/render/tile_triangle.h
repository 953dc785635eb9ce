// SPDX-License-Identifier: MIT
// Where in the atlas a triangle is read, as a tile sees it.
#pragma once

#include "render/outline.h"
#include "render/screen.h"
#include "render/texture.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <opencv2/core.hpp>
#include <opencv2/core/hal/intrin.hpp>

namespace unflat {

/// The texture of a triangle in the coordinates of a tile; what runs of pixels need comes first.
struct TileTriangle {
    ScreenPlane q;         ///< depth in the photo's frame over depth in the view; about 1
    ScreenPlane s_q, t_q;  ///< place in the atlas from the base, times q [texel steps]
    float q_least = 0, q_greatest = 0;  ///< bounds of q, half and twice what the corners have
    cv::Point2f least, greatest;        ///< bounds of reads, from the base; inside of the atlas
    int s_base = 0, t_base = 0;         ///< a texel of it [texel steps]
    float level = 0;                    ///< of the atlas pyramid
    ScreenPlane second, third;          ///< weights of the second and the third corner
    ScreenFace face;
    std::array<cv::Point2f, 3> corners;  ///< place in the atlas from the base [texel steps]
};

TileTriangle make_tile_triangle(const ScreenMesh& screen, cv::Size atlas_size,
                                std::uint32_t triangle, cv::Point tile_corner);

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
    const float q = std::min(std::max(triangle.q.at(u, v), triangle.q_least), triangle.q_greatest);
    const float factor = 1 / q;
    cv::Point2f place(triangle.s_q.at(u, v) * factor, triangle.t_q.at(u, v) * factor);
    place.x = std::min(std::max(place.x, triangle.least.x), triangle.greatest.x);
    place.y = std::min(std::max(place.y, triangle.least.y), triangle.greatest.y);
    if ((triangle.face.ends & kSlantedEnds) != 0)
        place = move_inside(triangle, place);
    return {triangle.s_base + cvRound(place.x), triangle.t_base + cvRound(place.y)};
}

/// texel_place for the pixels first, ..., end - 1 of a row by the same operations, four at a time;
/// for pixels whose centre lies in the triangle. Writes up to three places more.
inline void place_run(const TileTriangle& triangle, int first, int end, int y, TexelRow& places) {
    const auto begin_of = [&](const ScreenPlane& plane) {
        return cv::v_setall_f32(plane.begin_of_row(static_cast<float>(y)));
    };
    const auto clamped = [](const cv::v_float32x4& value, float low, float high) {
        return cv::v_min(cv::v_max(value, cv::v_setall_f32(low)), cv::v_setall_f32(high));
    };
    const cv::v_float32x4 q_begin = begin_of(triangle.q);
    const cv::v_float32x4 s_begin = begin_of(triangle.s_q), t_begin = begin_of(triangle.t_q);
    const auto u = static_cast<float>(first);
    cv::v_float32x4 us(u, u + 1, u + 2, u + 3);
    for (int x = first; x < end; x += 4) {
        const cv::v_float32x4 q = q_begin + cv::v_setall_f32(triangle.q.per_x) * us;
        const cv::v_float32x4 factor =
            cv::v_setall_f32(1) / clamped(q, triangle.q_least, triangle.q_greatest);
        const cv::v_float32x4 s = (s_begin + cv::v_setall_f32(triangle.s_q.per_x) * us) * factor;
        const cv::v_float32x4 t = (t_begin + cv::v_setall_f32(triangle.t_q.per_x) * us) * factor;
        const auto i = static_cast<std::size_t>(x);
        cv::v_store(&places.s[i], cv::v_round(clamped(s, triangle.least.x, triangle.greatest.x)) +
                                      cv::v_setall_s32(triangle.s_base));
        cv::v_store(&places.t[i], cv::v_round(clamped(t, triangle.least.y, triangle.greatest.y)) +
                                      cv::v_setall_s32(triangle.t_base));
        us = us + cv::v_setall_f32(4);
    }
}

}  // namespace unflat
