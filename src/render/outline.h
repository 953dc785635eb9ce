// SPDX-License-Identifier: MIT
// A triangle as a tile sees it: its corners in whole pixel steps, and which pixels' centres it
// covers: exact, so that triangles that share an edge neither leave a centre out nor share one.
#pragma once

#include "render/screen.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/core/hal/intrin.hpp>

namespace unflat {

/// A quantity that is linear on the screen; x and y count pixels of the tile from the centre of its
/// first one.
struct ScreenPlane {
    float origin = 0;
    float per_x = 0;
    float per_y = 0;
    float begin_of_row(float y) const { return origin + per_y * y; }
    float at(float x, float y) const { return begin_of_row(y) + per_x * x; }
};

/// 1/z of a triangle; never beyond its corners, however thin it is.
struct DepthPlane {
    ScreenPlane w;
    float w_min = 0, w_max = 0;  ///< at the corners

    float at(float x, float y) const { return clamped(w.at(x, y)); }
    float clamped(float value) const { return std::min(std::max(value, w_min), w_max); }
};

/// Pixels of a tile from the first to the last column and row; none if the first is beyond the
/// last.
struct PixelBox {
    int left = 0, top = 0;
    int right = -1, bottom = -1;
    bool is_empty() const { return left > right || top > bottom; }
};

/// An edge from corner a to corner b; the inside is where its edge function
/// (b - a) x (p - a) = origin + per_u u + per_v v is positive, with (u, v) in pixel steps.
struct EdgeFunction {
    std::int64_t origin = 0;
    std::int64_t per_u = 0;
    std::int64_t per_v = 0;

    /// Points on the edge belong to the triangle if the edge is a left one, or a top one: a half is
    /// added or taken away. All values are below 2^53 (see kGuard), so doubles hold them exactly.
    double at(int u, int v) const {
        const bool owns_edge = per_u > 0 || (per_u == 0 && per_v > 0);
        return static_cast<double>(origin + per_u * u + per_v * v) + (owns_edge ? 0.5 : -0.5);
    }
};

/// Corners in pixel steps from the tile's corner, in the order that has the inside on the positive
/// side of the edges.
class Outline {
public:
    Outline(const ScreenMesh& screen, const std::array<std::uint32_t, 3>& corners,
            cv::Point tile_corner) {
        // Front faces turn the other way
        take(screen.vertex(corners[0]), 0, tile_corner);
        take(screen.vertex(corners[2]), 1, tile_corner);
        take(screen.vertex(corners[1]), 2, tile_corner);
        area_ = (u_[1] - u_[0]) * (v_[2] - v_[0]) - (u_[2] - u_[0]) * (v_[1] - v_[0]);
        if (area_ < 0) {
            std::swap(u_[1], u_[2]);
            std::swap(v_[1], v_[2]);
            std::swap(w_[1], w_[2]);
            area_ = -area_;
        }
    }

    bool has_area() const { return area_ > 0; }

    /// The edge from corner k to the next.
    EdgeFunction edge(std::size_t k) const {
        const std::size_t next = k < 2 ? k + 1 : 0;
        const std::int64_t per_u = v_[k] - v_[next], per_v = u_[next] - u_[k];
        return {.origin = -per_u * u_[k] - per_v * v_[k], .per_u = per_u, .per_v = per_v};
    }

    /// Pixels of which a part that is `margin` steps inside of their border meets the bounding box.
    PixelBox pixels(int margin, cv::Size tile_size) const;

    DepthPlane depth() const;

private:
    void take(const ScreenVertex& vertex, std::size_t k, cv::Point tile_corner) {
        u_[k] = vertex.u - tile_corner.x * kPixelSteps;
        v_[k] = vertex.v - tile_corner.y * kPixelSteps;
        w_[k] = vertex.w;
    }

    std::array<std::int64_t, 3> u_;  ///< [pixel steps]
    std::array<std::int64_t, 3> v_;
    std::array<float, 3> w_;
    std::int64_t area_ = 0;  ///< twice that of the triangle [squared pixel steps]
};

inline PixelBox Outline::pixels(int margin, cv::Size tile_size) const {
    // Shifts round down
    constexpr int kShift = 8;
    static_assert(1 << kShift == kPixelSteps);
    const auto first = [&](const std::array<std::int64_t, 3>& places) {
        const std::int64_t least = std::min(std::min(places[0], places[1]), places[2]);
        return std::max(static_cast<int>(least + margin - 1) >> kShift, 0);
    };
    const auto last = [&](const std::array<std::int64_t, 3>& places, int count) {
        const std::int64_t greatest = std::max(std::max(places[0], places[1]), places[2]);
        return std::min(static_cast<int>(greatest - margin) >> kShift, count - 1);
    };
    return {.left = first(u_),
            .top = first(v_),
            .right = last(u_, tile_size.width),
            .bottom = last(v_, tile_size.height)};
}

inline DepthPlane Outline::depth() const {
    const double factor = kPixelSteps / static_cast<double>(area_);
    const double w0 = static_cast<double>(w_[0]);
    const double a = static_cast<double>(w_[1]) - w0, b = static_cast<double>(w_[2]) - w0;
    const auto a_u = static_cast<double>(u_[1] - u_[0]), a_v = static_cast<double>(v_[1] - v_[0]);
    const auto b_u = static_cast<double>(u_[2] - u_[0]), b_v = static_cast<double>(v_[2] - v_[0]);
    const double per_x = (a * b_v - b * a_v) * factor, per_y = (b * a_u - a * b_u) * factor;
    constexpr double kPixel = 1.0 / kPixelSteps;
    const double origin = w0 + per_x * (0.5 - static_cast<double>(u_[0]) * kPixel) +
                          per_y * (0.5 - static_cast<double>(v_[0]) * kPixel);
    return {.w = {.origin = static_cast<float>(origin),
                  .per_x = static_cast<float>(per_x),
                  .per_y = static_cast<float>(per_y)},
            .w_min = std::min(std::min(w_[0], w_[1]), w_[2]),
            .w_max = std::max(std::max(w_[0], w_[1]), w_[2])};
}

/// Row by row, the columns of the pixels whose centres a triangle covers.
class CentreSpans {
public:
    struct Span {
        int first = 0, last = 0;  ///< none if first > last
    };

    /// @param box rows, and bounds of the columns.
    CentreSpans(const Outline& outline, const PixelBox& box)
        : widest_(0.5 - box.left, 0.5 + box.right) {
        for (std::size_t k = 0; k < 3; ++k)
            bounds_[k] = Bound(outline.edge(k), box.top);
    }

    /// The span of the next row, from the box's first row on.
    Span next() {
        cv::v_float64x2 span = widest_;
        for (Bound& bound : bounds_) {
            span = cv::v_min(span, bound.value * bound.columns);
            bound.value = bound.value + bound.per_row;
        }
        // Less a half, rounding rounds down: never at a tie, as Bound says
        span = cv::v_max(span, cv::v_setall_f64(-kLimit)) - cv::v_setall_f64(0.5);
        const cv::v_int32x4 ends = cv::v_round(span);
        return {.first = -ends.get0(), .last = cv::v_extract_n<1>(ends)};
    }

private:
    /// Beyond any column [pixels]
    static constexpr double kLimit = kTileSide + 2;

    /// An edge as a bound on columns. Values are whole numbers and a half, at least 2^-35 columns
    /// away from a whole number of columns: farther than quotients are rounded.
    struct Bound {
        cv::v_float64x2 value;  ///< edge function at the centre of the row's first pixel, once
                                ///< for minus the first column, once for the last; far off
                                ///< where the edge does not bound
        cv::v_float64x2 per_row;
        cv::v_float64x2 columns;  ///< per value; twice

        Bound() = default;
        Bound(const EdgeFunction& edge, int row) {
            constexpr int kHalf = kPixelSteps / 2;
            constexpr double kFarOff = 1e30;
            const double at_first = edge.at(kHalf, kHalf + row * kPixelSteps);
            const auto step = static_cast<double>(edge.per_v * kPixelSteps);
            const bool bounds_first = edge.per_u >= 0;
            value = bounds_first ? cv::v_float64x2(at_first, kFarOff)
                                 : cv::v_float64x2(kFarOff, at_first);
            per_row = bounds_first ? cv::v_float64x2(step, 0) : cv::v_float64x2(0, step);
            // A horizontal edge bounds nothing or all: any huge factor tells by the sign
            const auto per_column = static_cast<double>(std::abs(edge.per_u) * kPixelSteps);
            columns = cv::v_setall_f64(edge.per_u == 0 ? kFarOff : 1 / per_column);
        }
    };

    std::array<Bound, 3> bounds_;
    cv::v_float64x2 widest_;
};

}  // namespace unflat
