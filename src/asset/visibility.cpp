// SPDX-License-Identifier: MIT
#include "asset/visibility.h"

#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace unflat {

namespace {

class FaceDrawer {
public:
    explicit FaceDrawer(cv::Size size)
        : seen_{cv::Mat_<std::int32_t>(size, -1), cv::Mat_<float>(size, 0.F)} {}

    void draw(std::int32_t id, const ScreenPoint& a, const ScreenPoint& b, const ScreenPoint& c) {
        if (!(a.w > 0 && b.w > 0 && c.w > 0))
            return;
        const float area = (b.u - a.u) * (c.v - a.v) - (c.u - a.u) * (b.v - a.v);
        if (area == 0 || !std::isfinite(area))
            return;
        const int top = first_centre(std::min({a.v, b.v, c.v}));
        const int bottom = std::min(last_centre(std::max({a.v, b.v, c.v})), seen_.face.rows - 1);
        const int left = first_centre(std::min({a.u, b.u, c.u}));
        const int right = std::min(last_centre(std::max({a.u, b.u, c.u})), seen_.face.cols - 1);
        for (int y = top; y <= bottom; ++y)
            for (int x = left; x <= right; ++x) {
                const float u = static_cast<float>(x) + 0.5F, v = static_cast<float>(y) + 0.5F;
                const float at_a = ((b.u - u) * (c.v - v) - (c.u - u) * (b.v - v)) / area;
                const float at_b = ((c.u - u) * (a.v - v) - (a.u - u) * (c.v - v)) / area;
                const float at_c = 1 - at_a - at_b;
                if (at_a < 0 || at_b < 0 || at_c < 0)
                    continue;
                const float w = at_a * a.w + at_b * b.w + at_c * c.w;
                if (w > seen_.disparity(y, x)) {
                    seen_.disparity(y, x) = w;
                    seen_.face(y, x) = id;
                }
            }
    }

    SeenFaces take() { return std::move(seen_); }

private:
    static int first_centre(float from) {
        return static_cast<int>(std::ceil(std::clamp(from, 0.F, 1e6F) - 0.5F));
    }
    static int last_centre(float to) {
        return static_cast<int>(std::floor(std::clamp(to, -1.F, 1e6F) - 0.5F));
    }

    SeenFaces seen_;
};

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
    const cv::Size size((view.camera.size.width + reduction - 1) / reduction,
                        (view.camera.size.height + reduction - 1) / reduction);
    FaceDrawer drawer(size);
    for (std::size_t i = 0; i < surface.faces.size(); ++i) {
        const auto& [a, b, c] = surface.faces[i].points;
        drawer.draw(static_cast<std::int32_t>(i), points[a], points[b], points[c]);
    }
    return drawer.take();
}

std::vector<float> seen_areas(const Surface& surface, const Camera& camera,
                              const std::vector<View>& views, int reduction) {
    // Whole numbers, whose sum does not depend on the order
    std::vector<std::uint32_t> counts(surface.faces.size());
    parallel_ranges(static_cast<int>(views.size()), 1, [&](int first, int last) {
        for (int i = first; i < last; ++i) {
            const SeenFaces seen =
                draw_faces(surface, camera, views[static_cast<std::size_t>(i)], reduction);
            for (const std::int32_t face : seen.face)
                if (face != -1)
                    std::atomic_ref(counts[static_cast<std::size_t>(face)])
                        .fetch_add(1, std::memory_order_relaxed);
        }
    });
    std::vector<float> areas(counts.size());
    const float factor =
        static_cast<float>(reduction * reduction) / static_cast<float>(views.size());
    std::transform(counts.begin(), counts.end(), areas.begin(),
                   [&](std::uint32_t count) { return static_cast<float>(count) * factor; });
    return areas;
}

}  // namespace unflat
