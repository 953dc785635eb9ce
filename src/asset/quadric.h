// SPDX-License-Identifier: MIT
#pragma once

#include "mesh/surface.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace unflat {

/// A sum of weighted squared distances from planes of (x, y, disparity).
/// Source: Garland and Heckbert, "Surface simplification using quadric error metrics", 1997.
class Quadric {
public:
    /// Adds `weight` times the square of n . p + d.
    void add_plane(const std::array<double, 3>& n, double d, double weight) {
        const std::array<double, 4> v{n[0], n[1], n[2], d};
        std::size_t at = 0;
        for (std::size_t i = 0; i < 4; ++i)
            for (std::size_t j = i; j < 4; ++j)
                sums_[at++] += weight * v[i] * v[j];
    }
    void add(const Quadric& other) {
        for (std::size_t i = 0; i < sums_.size(); ++i)
            sums_[i] += other.sums_[i];
    }
    double at(const Surface::Point& p) const {
        const double x = static_cast<double>(p.x), y = static_cast<double>(p.y);
        const double z = static_cast<double>(p.disparity);
        const auto& s = sums_;
        const double sum = x * (s[0] * x + 2 * (s[1] * y + s[2] * z + s[3])) +
                           y * (s[4] * y + 2 * (s[5] * z + s[6])) + z * (s[7] * z + 2 * s[8]) +
                           s[9];
        return std::max(0., sum);
    }

private:
    std::array<double, 10> sums_{};
};

/// The square of how far a point's disparity is from a triangle's plane, times a weight.
inline Quadric surface_quadric(const Surface::Point& a, const Surface::Point& b,
                               const Surface::Point& c, double weight) {
    const double area = static_cast<double>(doubled_area(a, b, c));
    Quadric quadric;
    if (area == 0)
        return quadric;
    const double bx = static_cast<double>(b.x - a.x), by = static_cast<double>(b.y - a.y);
    const double cx = static_cast<double>(c.x - a.x), cy = static_cast<double>(c.y - a.y);
    const double bd = static_cast<double>(b.disparity - a.disparity);
    const double cd = static_cast<double>(c.disparity - a.disparity);
    const double determinant = bx * cy - cx * by;
    const double per_x = (bd * cy - cd * by) / determinant;
    const double per_y = (cd * bx - bd * cx) / determinant;
    quadric.add_plane({per_x, per_y, -1},
                      static_cast<double>(a.disparity) - per_x * static_cast<double>(a.x) -
                          per_y * static_cast<double>(a.y),
                      weight);
    return quadric;
}

/// The square of a point's distance on the photo from a border, times its length and a weight.
inline Quadric border_quadric(const Surface::Point& a, const Surface::Point& b, double weight) {
    const double dx = static_cast<double>(b.x - a.x), dy = static_cast<double>(b.y - a.y);
    const double length = std::hypot(dx, dy);
    Quadric quadric;
    if (length > 0)
        quadric.add_plane({dy / length, -dx / length, 0},
                          (static_cast<double>(a.y) * dx - static_cast<double>(a.x) * dy) / length,
                          weight * length);
    return quadric;
}

/// How far a point lies from a segment on the photo [pixels].
inline float distance_to_segment(const Surface::Point& p, const Surface::Point& a,
                                 const Surface::Point& b) {
    const float along_x = b.x - a.x, along_y = b.y - a.y;
    const float squared = std::max(along_x * along_x + along_y * along_y, 1e-12F);
    const float t = std::clamp(((p.x - a.x) * along_x + (p.y - a.y) * along_y) / squared, 0.F, 1.F);
    return std::hypot(p.x - a.x - t * along_x, p.y - a.y - t * along_y);
}

}  // namespace unflat
