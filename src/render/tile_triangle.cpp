// SPDX-License-Identifier: MIT
#include "render/tile_triangle.h"

#include <algorithm>
#include <utility>

namespace unflat {

namespace {

/// Makes planes through three points of the screen.
class PlaneMaker {
public:
    PlaneMaker(const std::array<cv::Point2d, 3>& points) : origin_(points[0]) {
        const cv::Point2d a = points[1] - points[0], b = points[2] - points[0];
        const double area = a.cross(b);
        // A triangle without area shows the values of its first corner
        constexpr double kLeastArea = 1e-9;
        if (std::abs(area) < kLeastArea)
            return;
        a_gradient_ = cv::Point2d(b.y, -b.x) / area;
        b_gradient_ = cv::Point2d(-a.y, a.x) / area;
    }

    ScreenPlane plane(double value, double value_a, double value_b) const {
        const cv::Point2d gradient =
            a_gradient_ * (value_a - value) + b_gradient_ * (value_b - value);
        return {.origin = static_cast<float>(value - gradient.dot(origin_)),
                .per_x = static_cast<float>(gradient.x),
                .per_y = static_cast<float>(gradient.y)};
    }

    double value_at(const cv::Point2d& point, double value, double value_a, double value_b) const {
        const cv::Point2d step = point - origin_;
        return value + a_gradient_.dot(step) * (value_a - value) +
               b_gradient_.dot(step) * (value_b - value);
    }

private:
    cv::Point2d origin_;
    cv::Point2d a_gradient_;  ///< of the weight of the second point
    cv::Point2d b_gradient_;  ///< of the weight of the third point
};

/// Level 0 up to a reduction by the square root of two, so that views near the photo's own stay
/// as sharp as the photo.
float pyramid_level(double texel_area, double pixel_area) {
    constexpr double kUnreduced = 2;
    if (!(texel_area > kUnreduced * pixel_area) || pixel_area <= 0)
        return 0;
    constexpr double kMostReduced = 1e9;
    const double reduction = std::min(texel_area / pixel_area, kMostReduced);
    return static_cast<float>(0.5 * std::log2(reduction / kUnreduced));
}

}  // namespace

SnappedTriangle::SnappedTriangle(const ScreenMesh& screen, std::uint32_t triangle,
                                 cv::Point tile_corner) {
    const ScreenFace face = screen.face(triangle);
    for (std::size_t k = 0; k < 3; ++k) {
        const ScreenVertex& vertex = screen.vertex(face.corners[k]);
        u_[k] = cvRound(vertex.u * kPixelSteps) - tile_corner.x * kPixelSteps;
        v_[k] = cvRound(vertex.v * kPixelSteps) - tile_corner.y * kPixelSteps;
    }
    const double area = (u_[1] - u_[0]) * (v_[2] - v_[0]) - (u_[2] - u_[0]) * (v_[1] - v_[0]);
    has_area_ = area != 0;
    if (area < 0) {
        std::swap(u_[1], u_[2]);
        std::swap(v_[1], v_[2]);
    }
}

RowRange SnappedTriangle::rows(int row_count) const {
    const double top = std::min({v_[0], v_[1], v_[2]}) / kPixelSteps;
    const double bottom = std::max({v_[0], v_[1], v_[2]}) / kPixelSteps;
    if (bottom < 0 || top >= row_count)
        return {};
    return {.first = static_cast<int>(std::max(top, 0.0)),
            .last = static_cast<int>(std::min(bottom, row_count - 1.0))};
}

std::array<EdgeBound, 3> SnappedTriangle::edges() const {
    return {EdgeBound(u_[0], v_[0], u_[1], v_[1]), EdgeBound(u_[1], v_[1], u_[2], v_[2]),
            EdgeBound(u_[2], v_[2], u_[0], v_[0])};
}

namespace {

/// Bounds of texel reads: half a texel inside where the surface ends, so that bilinear reads take
/// nothing from beyond; a texel outside where it goes on.
void bound_reads(TileTriangle& triangle) {
    const auto& c = triangle.corners;
    const cv::Point2f least(std::min({c[0].x, c[1].x, c[2].x}), std::min({c[0].y, c[1].y, c[2].y}));
    const cv::Point2f greatest(std::max({c[0].x, c[1].x, c[2].x}),
                               std::max({c[0].y, c[1].y, c[2].y}));
    const float texel = triangle.level > 0 ? std::exp2(triangle.level) : 1.0F;
    const float inset_s = std::min(texel, greatest.x - least.x) / 2;
    const float inset_t = std::min(texel, greatest.y - least.y) / 2;
    const auto ends_at = [&](SurfaceEnds end) { return (triangle.face.ends & end) != 0; };
    triangle.least = {least.x + (ends_at(kEndsAtLeastS) ? inset_s : -texel),
                      least.y + (ends_at(kEndsAtLeastT) ? inset_t : -texel)};
    triangle.greatest = {greatest.x - (ends_at(kEndsAtGreatestS) ? inset_s : -texel),
                         greatest.y - (ends_at(kEndsAtGreatestT) ? inset_t : -texel)};
}

/// The corners of a triangle, gathered for a tile.
struct TileCorners {
    std::array<cv::Point2d, 3> points;  ///< from the centre of the tile's first pixel [pixels]
    std::array<double, 3> w, q, s, t;

    TileCorners(const ScreenMesh& screen, const ScreenFace& face, cv::Point tile_corner) {
        bool is_seen_by_photo = true;
        for (std::size_t k = 0; k < 3; ++k) {
            const ScreenVertex& vertex = screen.vertex(face.corners[k]);
            points[k] = {vertex.u - tile_corner.x - 0.5, vertex.v - tile_corner.y - 0.5};
            w[k] = static_cast<double>(vertex.w);
            q[k] = w[k] * static_cast<double>(vertex.photo_z);
            s[k] = static_cast<double>(vertex.s);
            t[k] = static_cast<double>(vertex.t);
            is_seen_by_photo &= vertex.photo_z > 0;
        }
        if (!is_seen_by_photo)
            q = w;
    }

    /// The point of the triangle's bounding box that is nearest to `place`.
    cv::Point2d nearest(const cv::Point2d& place) const {
        return {std::clamp(place.x, std::min({points[0].x, points[1].x, points[2].x}),
                           std::max({points[0].x, points[1].x, points[2].x})),
                std::clamp(place.y, std::min({points[0].y, points[1].y, points[2].y}),
                           std::max({points[0].y, points[1].y, points[2].y}))};
    }
};

}  // namespace

TileTriangle make_tile_triangle(const ScreenMesh& screen, cv::Size atlas_size,
                                std::uint32_t triangle, const cv::Rect& area) {
    TileTriangle result{.face = screen.face(triangle)};
    TileCorners corners(screen, result.face, area.tl());
    auto& [points, w, q, s, t] = corners;
    const PlaneMaker maker(points);

    // Count texels from one that the tile shows, so that single precision is enough
    const cv::Point2d middle = corners.nearest({area.width / 2.0, area.height / 2.0});
    const double q_middle = maker.value_at(middle, q[0], q[1], q[2]);
    const auto base_of = [&](const std::array<double, 3>& place, int side) {
        const double at_middle =
            maker.value_at(middle, place[0] * q[0], place[1] * q[1], place[2] * q[2]) / q_middle;
        const double inside = at_middle > 0 ? at_middle : 0;
        return static_cast<int>(std::min(inside, static_cast<double>(side)));
    };
    result.s_base = base_of(s, atlas_size.width);
    result.t_base = base_of(t, atlas_size.height);
    for (std::size_t k = 0; k < 3; ++k) {
        s[k] -= result.s_base;
        t[k] -= result.t_base;
        result.corners[k] = {static_cast<float>(s[k]), static_cast<float>(t[k])};
    }

    result.w = maker.plane(w[0], w[1], w[2]);
    result.w_min = static_cast<float>(std::min({w[0], w[1], w[2]}));
    result.w_max = static_cast<float>(std::max({w[0], w[1], w[2]}));
    result.q = maker.plane(q[0], q[1], q[2]);
    result.q_min = static_cast<float>(std::min({q[0], q[1], q[2]}));
    result.q_max = static_cast<float>(std::max({q[0], q[1], q[2]}));
    result.s_q = maker.plane(s[0] * q[0], s[1] * q[1], s[2] * q[2]);
    result.t_q = maker.plane(t[0] * q[0], t[1] * q[1], t[2] * q[2]);
    result.second = maker.plane(0, 1, 0);
    result.third = maker.plane(0, 0, 1);
    const double texel_area =
        std::abs((s[1] - s[0]) * (t[2] - t[0]) - (s[2] - s[0]) * (t[1] - t[0]));
    const double pixel_area = std::abs((points[1] - points[0]).cross(points[2] - points[0]));
    result.level = pyramid_level(texel_area, pixel_area);
    bound_reads(result);
    return result;
}

cv::Point2f move_inside(const TileTriangle& triangle, cv::Point2f place) {
    const cv::Point2f a = triangle.corners[1] - triangle.corners[0];
    const cv::Point2f b = triangle.corners[2] - triangle.corners[0];
    const float side = a.x * b.y - a.y * b.x > 0 ? 1.0F : -1.0F;
    for (std::size_t k = 0; k < 3; ++k) {
        const cv::Point2f from = triangle.corners[k];
        const cv::Point2f along = triangle.corners[(k + 1) % 3] - from;
        const float squared_length = along.dot(along);
        if ((triangle.face.ends & kEndsAtEdge << k) == 0 || !(squared_length > 0))
            continue;
        const cv::Point2f inwards(-along.y * side, along.x * side);
        const float distance = inwards.dot(place - from);
        if (distance < 0)
            place -= distance / squared_length * inwards;
    }
    return place;
}

}  // namespace unflat
