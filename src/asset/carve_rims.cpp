// SPDX-License-Identifier: MIT
#include "asset/carve_rims.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace unflat {

namespace {

constexpr float kLeastWidth = 0.4F;      // of a strip [pixels]
constexpr float kNarrower = 0.7F;        // where a face has lost its shape
constexpr float kSteepest = 0.7F;        // how much deeper it may be at a neighbour, per pixel
constexpr float kLeastHeight = 0.1F;     // of a triangle [pixels]
constexpr float kSharpestCorner = 0.5F;  // cosine between an edge's and its corner's inside

std::uint64_t key(std::uint32_t from, std::uint32_t to) {
    return std::uint64_t{from} << 32 | to;
}

bool has_shape(const Surface::Point& a, const Surface::Point& b, const Surface::Point& c) {
    const auto squared = [](const Surface::Point& p, const Surface::Point& q) {
        return (p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y);
    };
    const float area = doubled_area(a, b, c);
    const float longest = std::max({squared(a, b), squared(b, c), squared(c, a)});
    return area > 0 && area * area >= kLeastHeight * kLeastHeight * longest;
}

class Carver {
public:
    Carver(const Surface& surface, const Silhouette& silhouette, std::vector<Rim>& rims)
        : before_(surface), silhouette_(silhouette), rims_(rims) {
        first_.assign(surface.points.size() + 1, 0);
        for (const Surface::Face& face : surface.faces)
            for (const std::uint32_t p : face.points)
                ++first_[p + 1];
        std::partial_sum(first_.begin(), first_.end(), first_.begin());
        faces_.resize(3 * surface.faces.size());
        std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
        for (std::uint32_t f = 0; f < surface.faces.size(); ++f)
            for (const std::uint32_t p : surface.faces[f].points)
                faces_[next[p]++] = f;
    }

    SoftSurface run() {
        leave_out_shared_points();
        constexpr int kSteps = 8;
        for (int i = 0; i < kSteps; ++i) {
            even_out();
            draw_back();
            if (!narrow(false))
                break;
        }
        even_out();
        // Leaving one out may leave its neighbour without room: until nothing turns over
        for (draw_back(); narrow(true); draw_back()) {
        }
        return build();
    }

private:
    bool is_soft(std::uint32_t point) const { return rims_[point].width > 0; }

    // A point at which other charts go on must stay where it is
    void leave_out_shared_points() {
        for (const std::uint32_t point : silhouette_.points())
            for (std::uint32_t i = first_[point]; i < first_[point + 1]; ++i)
                if (before_.faces[faces_[i]].chart != 0)
                    rims_[point] = {};
    }

    void scale(std::uint32_t point, float factor) {
        Rim& rim = rims_[point];
        rim.width *= factor;
        if (rim.width < kLeastWidth)
            rim = {};
    }

    // Neighbours are drawn back about as far, so that what lies between keeps its shape
    void even_out() {
        constexpr int kPasses = 4;
        for (int pass = 0; pass < kPasses; ++pass)
            for (const std::uint32_t point : silhouette_.points()) {
                if (!is_soft(point))
                    continue;
                const auto& [previous, next] = silhouette_.place(point);
                float most = rims_[point].width;
                for (const std::uint32_t other : {previous, next}) {
                    const Surface::Point &a = before_.points[point], &b = before_.points[other];
                    most = std::min(
                        most, rims_[other].width + kSteepest * std::hypot(a.x - b.x, a.y - b.y));
                }
                if (most < rims_[point].width)
                    scale(point, most / rims_[point].width);
            }
    }

    void draw_back() {
        inner_ = before_.points;
        for (const std::uint32_t point : silhouette_.points())
            if (is_soft(point))
                inner_[point] = place_inside(point, rims_[point].width);
    }

    Surface::Point place_inside(std::uint32_t point, float way) const {
        const auto& [previous, next] = silhouette_.place(point);
        const Surface::Point& own = before_.points[point];
        const cv::Vec2f one = inwards_of(before_.points[previous], own);
        const cv::Vec2f other = inwards_of(own, before_.points[next]);
        const cv::Vec2f sum = one + other;
        const auto length = static_cast<float>(cv::norm(sum));
        if (length < 1e-3F)
            return own;
        const cv::Vec2f inwards = sum / length;
        way /= std::max(kSharpestCorner, inwards.dot(one));
        Surface::Point place{own.x + way * inwards[0], own.y + way * inwards[1], own.disparity};
        place.disparity = disparity_at(point, place);
        return place;
    }

    // Of the faces around a point the one in whose plane a place beside it lies
    float disparity_at(std::uint32_t point, const Surface::Point& place) const {
        float best = -1e30F, disparity = place.disparity;
        float least = 1e30F, greatest = 0;
        for (std::uint32_t i = first_[point]; i < first_[point + 1]; ++i) {
            const auto& p = before_.faces[faces_[i]].points;
            const Surface::Point &a = before_.points[p[0]], &b = before_.points[p[1]],
                                 &c = before_.points[p[2]];
            const float at_a = doubled_area(place, b, c), at_b = doubled_area(a, place, c);
            const float at_c = doubled_area(a, b, place), sum = at_a + at_b + at_c;
            least = std::min({least, a.disparity, b.disparity, c.disparity});
            greatest = std::max({greatest, a.disparity, b.disparity, c.disparity});
            const float inside = sum > 0 ? std::min({at_a, at_b, at_c}) / sum : -1e30F;
            if (inside > best) {
                best = inside;
                disparity = (at_a * a.disparity + at_b * b.disparity + at_c * c.disparity) / sum;
            }
        }
        return std::clamp(disparity, least, greatest);
    }

    // Makes rims narrower, or leaves them out, where a face has lost its shape.
    // @return false if there is none
    bool narrow(bool leave_out) {
        std::vector<std::uint32_t> bad;
        const auto check = [&](std::uint32_t owner_a, std::uint32_t owner_b, std::uint32_t owner_c,
                               const Surface::Point& a, const Surface::Point& b,
                               const Surface::Point& c) {
            if (!has_shape(a, b, c))
                bad.insert(bad.end(), {owner_a, owner_b, owner_c});
        };
        for (const std::uint32_t point : silhouette_.points()) {
            if (!is_soft(point))
                continue;
            for (std::uint32_t i = first_[point]; i < first_[point + 1]; ++i) {
                const auto& [a, b, c] = before_.faces[faces_[i]].points;
                check(a, b, c, inner_[a], inner_[b], inner_[c]);
            }
            const auto& [previous, next] = silhouette_.place(point);
            for (const auto& edge : {std::pair(previous, point), std::pair(point, next)})
                for_strip(edge.first, edge.second, [&](const auto& face) {
                    check(edge.first, edge.second, edge.second, strip_point(face[0]),
                          strip_point(face[1]), strip_point(face[2]));
                });
        }
        bool found = false;
        std::sort(bad.begin(), bad.end());
        bad.erase(std::unique(bad.begin(), bad.end()), bad.end());
        for (const std::uint32_t point : bad) {
            if (!is_soft(point))
                continue;
            found = true;
            scale(point, leave_out ? 0 : kNarrower);
        }
        return found;
    }

    struct StripPoint {
        std::uint32_t point;
        bool is_outer;
    };
    Surface::Point strip_point(const StripPoint& p) const {
        return p.is_outer ? before_.points[p.point] : inner_[p.point];
    }

    // The faces between an edge and where it was drawn back to
    template <typename Visit>
    void for_strip(std::uint32_t u, std::uint32_t v, const Visit& visit) const {
        using Face = std::array<StripPoint, 3>;
        if (is_soft(u))
            visit(Face{{{u, true}, {v, is_soft(v)}, {u, false}}});
        if (is_soft(v))
            visit(Face{{{u, false}, {v, true}, {v, false}}});
    }

    SoftSurface build() {
        SoftSurface soft{.surface = {.points = inner_, .faces = before_.faces}};
        std::vector<std::uint32_t> outer(before_.points.size(), Silhouette::kNone);
        soft.opacity.assign(before_.points.size(), 255);
        for (const std::uint32_t point : silhouette_.points()) {
            if (!is_soft(point))
                continue;
            outer[point] = static_cast<std::uint32_t>(soft.surface.points.size());
            soft.surface.points.push_back(Surface::Point(before_.points[point]));
            soft.opacity.push_back(static_cast<std::uint8_t>(
                std::lround(255 * std::clamp(rims_[point].opacity, 0.F, 1.F))));
        }
        std::vector<Surface::Face> strips;
        for (const std::uint32_t point : silhouette_.points()) {
            const auto& [previous, next] = silhouette_.place(point);
            const auto add = [&](std::uint32_t u, std::uint32_t v) {
                for_strip(u, v, [&](const auto& face) {
                    Surface::Face made;
                    for (std::size_t k = 0; k < 3; ++k)
                        made.points[k] = face[k].is_outer ? outer[face[k].point] : face[k].point;
                    strips.push_back(made);
                });
            };
            if (is_soft(previous) || is_soft(point))
                add(previous, point);
            // The edge behind belongs to the next point, unless that one is none
            if (is_soft(point) && !silhouette_.place(next).is_simple())
                add(point, next);
        }
        const auto nearness = [&](const Surface::Face& face) {
            float sum = 0;
            for (const std::uint32_t p : face.points)
                sum += soft.surface.points[p].disparity;
            return sum;
        };
        std::stable_sort(strips.begin(), strips.end(),
                         [&](const Surface::Face& a, const Surface::Face& b) {
                             return nearness(a) < nearness(b);
                         });
        soft.blended_faces = strips.size();
        soft.surface.faces.insert(soft.surface.faces.end(), strips.begin(), strips.end());
        if (strips.empty())
            soft.opacity.clear();
        return soft;
    }

    const Surface& before_;
    const Silhouette& silhouette_;
    std::vector<Rim>& rims_;
    std::vector<std::uint32_t> first_, faces_;  // faces around a point
    std::vector<Surface::Point> inner_;         // the points, drawn back
};

}  // namespace

cv::Vec2f inwards_of(const Surface::Point& from, const Surface::Point& to) {
    const cv::Vec2f normal(to.y - from.y, from.x - to.x);
    return normal / std::max(1e-6F, static_cast<float>(cv::norm(normal)));
}

Silhouette::Silhouette(const Surface& surface) : places_(surface.points.size()) {
    // How many faces run along an edge in either direction
    std::unordered_map<std::uint64_t, int> edges;
    edges.reserve(3 * surface.faces.size());
    for (const Surface::Face& face : surface.faces)
        for (std::size_t k = 0; k < 3; ++k)
            ++edges[key(face.points[k], face.points[(k + 1) % 3])];
    std::vector<std::uint8_t> is_manifold(places_.size(), 1);
    for (const Surface::Face& face : surface.faces)
        for (std::size_t k = 0; k < 3; ++k) {
            const std::uint32_t from = face.points[k], to = face.points[(k + 1) % 3];
            if (edges.contains(key(to, from)))
                continue;
            if (face.chart != 0 || places_[from].next != kNone || places_[to].previous != kNone)
                is_manifold[from] = is_manifold[to] = 0;
            places_[from].next = to;
            places_[to].previous = from;
        }
    for (std::uint32_t point = 0; point < places_.size(); ++point) {
        if (!is_manifold[point])
            places_[point] = {};
        if (places_[point].is_simple())
            points_.push_back(point);
    }
}

SoftSurface carve_rims(const Surface& surface, const Silhouette& silhouette,
                       std::vector<Rim>& rims) {
    return Carver(surface, silhouette, rims).run();
}

}  // namespace unflat
