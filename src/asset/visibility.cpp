// SPDX-License-Identifier: MIT
#include "asset/visibility.h"

#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace unflat {

namespace {

// Draws into pictures that it keeps
class FaceDrawer {
public:
    explicit FaceDrawer(SeenFaces& seen) : seen_(seen) {}

    void draw(std::int32_t id, const ScreenPoint& a, const ScreenPoint& b, const ScreenPoint& c) {
        if (!(a.w > 0 && b.w > 0 && c.w > 0))
            return;
        const int top = first_centre(std::min({a.v, b.v, c.v}));
        const int bottom = std::min(last_centre(std::max({a.v, b.v, c.v})), seen_.face.rows - 1);
        const int left = first_centre(std::min({a.u, b.u, c.u}));
        const int right = std::min(last_centre(std::max({a.u, b.u, c.u})), seen_.face.cols - 1);
        if (top > bottom || left > right)
            return;
        const float area = (b.u - a.u) * (c.v - a.v) - (c.u - a.u) * (b.v - a.v);
        if (area == 0 || !std::isfinite(area))
            return;
        const float scale = 1 / area;
        const Share of_a(b, c, scale), of_b(c, a, scale), of_c(a, b, scale);
        const float w_right = of_a.right * a.w + of_b.right * b.w + of_c.right * c.w;
        for (int y = top; y <= bottom; ++y) {
            const float u = static_cast<float>(left) + 0.5F, v = static_cast<float>(y) + 0.5F;
            const float at_a = of_a.at(u, v), at_b = of_b.at(u, v), at_c = of_c.at(u, v);
            const float w_first = at_a * a.w + at_b * b.w + at_c * c.w;
            float* const disparity = seen_.disparity[y] + left;
            std::int32_t* const face = seen_.face[y] + left;
            for (int i = 0; i <= right - left; ++i) {
                const auto step = static_cast<float>(i);
                const float w = w_first + step * w_right;
                const bool is_inside = at_a + step * of_a.right >= -kRim &&
                                       at_b + step * of_b.right >= -kRim &&
                                       at_c + step * of_c.right >= -kRim;
                if (is_inside && w > disparity[i]) {
                    disparity[i] = w;
                    face[i] = id;
                }
            }
        }
    }

private:
    // What a corner gives at a place: 0 along the side from p to q
    struct Share {
        Share(const ScreenPoint& p, const ScreenPoint& q, float scale)
            : u(p.u), v(p.v), right((p.v - q.v) * scale), down((q.u - p.u) * scale) {}
        float at(float x, float y) const { return (x - u) * right + (y - v) * down; }
        float u, v, right, down;
    };
    // Triangles that meet overlap by the last digits: nothing shows between them
    static constexpr float kRim = 1e-5F;

    // As std::ceil and std::floor, which are calls on old processors
    static int first_centre(float from) {
        const float centre = std::clamp(from, 0.F, 1e6F) - 0.5F;
        const int whole = static_cast<int>(centre);
        return whole + (static_cast<float>(whole) < centre);
    }
    static int last_centre(float to) {
        const float centre = std::clamp(to, -1.F, 1e6F) - 0.5F;
        const int whole = static_cast<int>(centre);
        return whole - (static_cast<float>(whole) > centre);
    }

    SeenFaces& seen_;
};

// Draws into pictures that may be there already
void draw_again(const Surface& surface, const std::vector<ScreenPoint>& points, const View& view,
                int reduction, SeenFaces& seen) {
    const cv::Size size((view.camera.size.width + reduction - 1) / reduction,
                        (view.camera.size.height + reduction - 1) / reduction);
    seen.face.create(size);
    seen.disparity.create(size);
    seen.face.setTo(-1);
    seen.disparity.setTo(0);
    FaceDrawer drawer(seen);
    for (std::size_t i = 0; i < surface.faces.size(); ++i) {
        const auto& [a, b, c] = surface.faces[i].points;
        drawer.draw(static_cast<std::int32_t>(i), points[a], points[b], points[c]);
    }
}

}  // namespace

std::vector<ScreenPoint> project_points(const Surface& surface, const Camera& camera,
                                        const View& view, float scale) {
    const cv::Matx33f photo_from_view = photo_from_camera(view.pose);
    const cv::Matx33f view_from_photo = photo_from_view.t();
    std::vector<ScreenPoint> result(surface.points.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        const Surface::Point& point = surface.points[i];
        const cv::Vec3f p =
            view_from_photo *
            (camera.unproject(point.x, point.y, 1 / point.disparity) - view.pose.position);
        if (!(p[2] > 0))
            continue;
        const cv::Point2f at = view.camera.project(p);
        result[i] = {at.x * scale, at.y * scale, 1 / p[2]};
    }
    return result;
}

SeenFaces draw_faces(const Surface& surface, const Camera& camera, const View& view,
                     int reduction) {
    return draw_faces(surface,
                      project_points(surface, camera, view, 1 / static_cast<float>(reduction)),
                      view, reduction);
}

SeenFaces draw_faces(const Surface& surface, const std::vector<ScreenPoint>& points,
                     const View& view, int reduction) {
    SeenFaces seen;
    draw_again(surface, points, view, reduction, seen);
    return seen;
}

std::vector<float> seen_areas(const Surface& surface, const Camera& camera,
                              const std::vector<View>& views, int reduction) {
    // Whole numbers, whose sum does not depend on the order
    std::vector<std::uint32_t> counts(surface.faces.size());
    constexpr int kViewsPerTask = 3;
    parallel_ranges(static_cast<int>(views.size()), kViewsPerTask, [&](int first, int last) {
        std::vector<std::uint32_t> own(counts.size());
        SeenFaces seen;
        for (int i = first; i < last; ++i) {
            const View& view = views[static_cast<std::size_t>(i)];
            draw_again(surface,
                       project_points(surface, camera, view, 1 / static_cast<float>(reduction)),
                       view, reduction, seen);
            for (const std::int32_t face : seen.face)
                if (face != -1)
                    ++own[static_cast<std::size_t>(face)];
        }
        for (std::size_t i = 0; i < counts.size(); ++i)
            if (own[i] > 0)
                std::atomic_ref(counts[i]).fetch_add(own[i], std::memory_order_relaxed);
    });
    std::vector<float> areas(counts.size());
    const float factor =
        static_cast<float>(reduction * reduction) / static_cast<float>(views.size());
    std::transform(counts.begin(), counts.end(), areas.begin(),
                   [&](std::uint32_t count) { return static_cast<float>(count) * factor; });
    return areas;
}

}  // namespace unflat
