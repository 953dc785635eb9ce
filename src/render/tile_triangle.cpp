// SPDX-License-Identifier: MIT
#include "render/tile_triangle.h"

#include <algorithm>
#include <utility>

namespace unflat {

namespace {

/// Makes planes through three points of the screen.
class PlaneMaker {
public:
    /// @param area the cross product of the steps from the first point to the others
    PlaneMaker(const cv::Point2d& origin, const cv::Point2d& a, const cv::Point2d& b, double area)
        : origin_(origin) {
        // A triangle without area shows the values of its first corner
        constexpr double kLeastArea = 1e-9;
        if (std::abs(area) < kLeastArea)
            return;
        const double factor = 1 / area;
        a_gradient_ = cv::Point2d(b.y, -b.x) * factor;
        b_gradient_ = cv::Point2d(-a.y, a.x) * factor;
    }

    ScreenPlane plane(double value, double value_a, double value_b) const {
        const cv::Point2d gradient =
            a_gradient_ * (value_a - value) + b_gradient_ * (value_b - value);
        return {.origin = static_cast<float>(value - gradient.dot(origin_)),
                .per_x = static_cast<float>(gradient.x),
                .per_y = static_cast<float>(gradient.y)};
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

/// Bounds of texel reads: half a texel inside where the surface ends, so that bilinear reads take
/// nothing from beyond; a texel outside where it goes on, but nowhere outside of the atlas.
void bound_reads(TileTriangle& triangle, cv::Size atlas_size) {
    const auto& c = triangle.corners;
    const cv::Point2f least(std::min({c[0].x, c[1].x, c[2].x}), std::min({c[0].y, c[1].y, c[2].y}));
    const cv::Point2f greatest(std::max({c[0].x, c[1].x, c[2].x}),
                               std::max({c[0].y, c[1].y, c[2].y}));
    const float texel = triangle.level > 0 ? kTexelSteps * std::exp2(triangle.level) : kTexelSteps;
    const float inset_s = std::min(texel, greatest.x - least.x) / 2;
    const float inset_t = std::min(texel, greatest.y - least.y) / 2;
    const auto ends_at = [&](SurfaceEnds end) { return (triangle.face.ends & end) != 0; };
    // Also what is not a number ends up inside
    const auto inside = [](float value, int base, int size) {
        const auto low = static_cast<float>(-base);
        const auto high = static_cast<float>((size - 1) * kTexelSteps - base);
        return value > low ? std::min(value, high) : low;
    };
    const auto inside_s = [&](float s) { return inside(s, triangle.s_base, atlas_size.width); };
    const auto inside_t = [&](float t) { return inside(t, triangle.t_base, atlas_size.height); };
    triangle.least = {inside_s(least.x + (ends_at(kEndsAtLeastS) ? inset_s : -texel)),
                      inside_t(least.y + (ends_at(kEndsAtLeastT) ? inset_t : -texel))};
    triangle.greatest = {inside_s(greatest.x - (ends_at(kEndsAtGreatestS) ? inset_s : -texel)),
                         inside_t(greatest.y - (ends_at(kEndsAtGreatestT) ? inset_t : -texel))};
}

/// The texel at a place in the atlas, as a number in its row or column; inside of the atlas.
int texel_of(float place, int size) {
    return place > 0 ? static_cast<int>(std::min(place, static_cast<float>(size - 1))) : 0;
}

}  // namespace

TileTriangle make_tile_triangle(const ScreenMesh& screen, cv::Size atlas_size,
                                std::uint32_t triangle, cv::Point tile_corner) {
    TileTriangle result{.face = screen.face(triangle)};
    const std::array<std::uint32_t, 3>& corners = result.face.corners;
    const std::array<const VertexTexture*, 3> textures{
        &screen.texture(corners[0]), &screen.texture(corners[1]), &screen.texture(corners[2])};
    const bool is_seen_by_photo =
        textures[0]->photo_z > 0 && textures[1]->photo_z > 0 && textures[2]->photo_z > 0;
    // Texels are counted from one of the triangle's, so that single precision is enough
    const int s_base = texel_of(textures[0]->s, atlas_size.width);
    const int t_base = texel_of(textures[0]->t, atlas_size.height);
    result.s_base = s_base * kTexelSteps;
    result.t_base = t_base * kTexelSteps;
    std::array<cv::Point2d, 3> points;  // from the centre of the tile's first pixel
    std::array<double, 3> q, s, t;
    for (std::size_t k = 0; k < 3; ++k) {
        const VertexTexture& texture = *textures[k];
        points[k] = {texture.u - tile_corner.x - 0.5, texture.v - tile_corner.y - 0.5};
        q[k] = static_cast<double>(screen.vertex(corners[k]).w);
        if (is_seen_by_photo)
            q[k] *= static_cast<double>(texture.photo_z);
        s[k] = (static_cast<double>(texture.s) - s_base) * kTexelSteps;
        t[k] = (static_cast<double>(texture.t) - t_base) * kTexelSteps;
        result.corners[k] = {static_cast<float>(s[k]), static_cast<float>(t[k])};
    }

    const cv::Point2d a = points[1] - points[0], b = points[2] - points[0];
    const double area = a.cross(b);
    const PlaneMaker maker(points[0], a, b, area);
    result.q = maker.plane(q[0], q[1], q[2]);
    result.q_least = static_cast<float>(std::min(std::min(q[0], q[1]), q[2]) / 2);
    result.q_greatest = static_cast<float>(std::max(std::max(q[0], q[1]), q[2]) * 2);
    result.s_q = maker.plane(s[0] * q[0], s[1] * q[1], s[2] * q[2]);
    result.t_q = maker.plane(t[0] * q[0], t[1] * q[1], t[2] * q[2]);
    result.second = maker.plane(0, 1, 0);
    result.third = maker.plane(0, 0, 1);
    const double squared_steps =
        std::abs((s[1] - s[0]) * (t[2] - t[0]) - (s[2] - s[0]) * (t[1] - t[0]));
    const double texel_area = squared_steps / (kTexelSteps * kTexelSteps);
    result.level = pyramid_level(texel_area, std::abs(area));
    bound_reads(result, atlas_size);
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
