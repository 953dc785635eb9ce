// SPDX-License-Identifier: MIT
#include "mesh/surface.h"

#include "core/parallel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <meshoptimizer.h>

namespace unflat {

namespace {

constexpr int kPixelsPerTask = 1 << 15;

// The mesh's vertices: pairs of point and chart, found through a list per point
class Vertices {
public:
    explicit Vertices(std::size_t point_count) : first_(point_count, -1) {}

    std::uint32_t find_or_add(std::uint32_t point, std::int32_t chart) {
        for (std::int32_t i = first_[point]; i != -1; i = list_[static_cast<std::size_t>(i)].next)
            if (list_[static_cast<std::size_t>(i)].chart == chart)
                return static_cast<std::uint32_t>(i);
        list_.push_back({point, chart, first_[point]});
        first_[point] = static_cast<std::int32_t>(list_.size() - 1);
        return static_cast<std::uint32_t>(list_.size() - 1);
    }

    struct Vertex {
        std::uint32_t point;
        std::int32_t chart;
        std::int32_t next;
    };
    const std::vector<Vertex>& list() const { return list_; }

private:
    std::vector<std::int32_t> first_;
    std::vector<Vertex> list_;
};

// Orders triangles for the vertex cache and vertices for fetching.
// @return per old vertex its new index, or ~0 if no triangle uses it
std::vector<std::uint32_t> optimize_order(std::vector<std::uint32_t>& indices,
                                          std::size_t vertex_count) {
    meshopt_optimizeVertexCache(indices.data(), indices.data(), indices.size(), vertex_count);
    std::vector<std::uint32_t> remap(vertex_count);
    meshopt_optimizeVertexFetchRemap(remap.data(), indices.data(), indices.size(), vertex_count);
    meshopt_remapIndexBuffer(indices.data(), indices.data(), indices.size(), remap.data());
    return remap;
}

}  // namespace

bool keeps_texture(const Surface::Point& a, const Surface::Point& b, const Surface::Point& c,
                   float uv_error) {
    const auto [near, far] = std::minmax({a.disparity, b.disparity, c.disparity});
    const auto squared = [](const Surface::Point& p, const Surface::Point& q) {
        return (p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y);
    };
    const float longest = std::sqrt(std::max({squared(a, b), squared(b, c), squared(c, a)}));
    // Depth is inverse disparity: (r - 1) / (r + 1) = (far - near) / (far + near)
    return longest * (far - near) <= 2 * uv_error * (far + near);
}

Surface square_surface(const Ldi& ldi, const CornerVertices& corners, const Charts& charts) {
    Surface surface;
    surface.points.resize(corners.places.size());
    for (std::size_t i = 0; i < surface.points.size(); ++i)
        surface.points[i] = {static_cast<float>(corners.places[i].x),
                             static_cast<float>(corners.places[i].y), corners.disparities[i]};
    surface.faces.resize(2 * ldi.pixels.size());
    parallel_ranges(static_cast<int>(ldi.pixels.size()), kPixelsPerTask, [&](int first, int last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
            std::array<std::uint32_t, 4> p;
            for (std::size_t k = 0; k < 4; ++k)
                p[k] = static_cast<std::uint32_t>(corners.of_pixel[i][k]);
            // Fold along the diagonal that runs more level
            const auto rise = [&](std::size_t a, std::size_t b) {
                return std::abs(surface.points[p[a]].disparity - surface.points[p[b]].disparity);
            };
            const std::int32_t chart = charts.of_pixel[i];
            if (rise(kTopLeft, kBottomRight) <= rise(kTopRight, kBottomLeft)) {
                surface.faces[2 * i] = {{p[0], p[3], p[2]}, chart};
                surface.faces[2 * i + 1] = {{p[0], p[2], p[1]}, chart};
            } else {
                surface.faces[2 * i] = {{p[0], p[3], p[1]}, chart};
                surface.faces[2 * i + 1] = {{p[1], p[3], p[2]}, chart};
            }
        }
    });
    return surface;
}

Mesh mesh_from_surface(const Surface& surface, const Camera& camera, const Charts& charts,
                       MeshOrder order) {
    // One vertex per point and chart
    Vertices vertices(surface.points.size());
    std::vector<std::uint32_t> indices;
    indices.reserve(3 * surface.faces.size());
    for (const Surface::Face& face : surface.faces) {
        const auto& [a, b, c] = face.points;
        if (!(doubled_area(surface.points[a], surface.points[b], surface.points[c]) > 0))
            continue;
        for (const std::uint32_t point : face.points)
            indices.push_back(vertices.find_or_add(point, face.chart));
    }
    std::vector<std::uint32_t> remap;
    if (order == MeshOrder::ForCaches) {
        remap = optimize_order(indices, vertices.list().size());
    } else {
        remap.resize(vertices.list().size());
        std::iota(remap.begin(), remap.end(), 0U);
    }

    // Lift them into space
    Mesh mesh{.camera = camera};
    mesh.positions.resize(vertices.list().size());
    mesh.uvs.resize(mesh.positions.size());
    const cv::Vec2f texel(1 / static_cast<float>(charts.atlas.width),
                          1 / static_cast<float>(charts.atlas.height));
    for (std::size_t i = 0; i < remap.size(); ++i) {
        const Surface::Point& point = surface.points[vertices.list()[i].point];
        const Chart& chart = charts.charts[static_cast<std::size_t>(vertices.list()[i].chart)];
        const cv::Point shift = chart.origin - chart.box.tl();
        mesh.positions[remap[i]] = camera.unproject(point.x, point.y, 1 / point.disparity);
        mesh.uvs[remap[i]] = {(point.x + static_cast<float>(shift.x)) * texel[0],
                              (point.y + static_cast<float>(shift.y)) * texel[1]};
    }
    mesh.triangles.resize(indices.size() / 3);
    for (std::size_t i = 0; i < mesh.triangles.size(); ++i)
        mesh.triangles[i] = {indices[3 * i], indices[3 * i + 1], indices[3 * i + 2]};
    mesh.photo_in_atlas = cv::Rect(charts.charts[0].origin, camera.size);
    return mesh;
}

}  // namespace unflat
