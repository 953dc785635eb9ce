// SPDX-License-Identifier: MIT
#include "asset/asset_mesh.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <meshoptimizer.h>

namespace unflat {

namespace {

constexpr float kGridSteps = 65535;

struct Vertex {
    std::uint32_t point;
    std::int32_t chart;
};

// Puts the vertices of the indices from one on to the end, and of these last what no other index
// has, so that both parts have vertices without gaps
void put_last(std::size_t first, std::vector<Vertex>& vertices,
              std::vector<std::uint32_t>& indices) {
    std::vector<std::uint8_t> rank(vertices.size());
    for (std::size_t i = first; i < indices.size(); ++i)
        rank[indices[i]] = 2;
    for (std::size_t i = 0; i < first; ++i)
        rank[indices[i]] = std::min(rank[indices[i]], std::uint8_t{1});
    std::vector<std::uint32_t> order(vertices.size()), place(vertices.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return rank[a] < rank[b]; });
    std::vector<Vertex> moved(vertices.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        moved[i] = vertices[order[i]];
        place[order[i]] = i;
    }
    vertices = std::move(moved);
    for (std::uint32_t& i : indices)
        i = place[i];
}

// One vertex per point and chart, in an order that graphics processors like; those of blended
// triangles, whose order stays, come last
std::vector<Vertex> order_vertices(const SoftSurface& soft, std::vector<std::uint32_t>& indices) {
    const Surface& surface = soft.surface;
    std::vector<Vertex> vertices;
    std::vector<std::vector<std::uint32_t>> of_point(surface.points.size());
    for (const Surface::Face& face : surface.faces)
        for (const std::uint32_t point : face.points) {
            auto& list = of_point[point];
            const auto known = std::find_if(list.begin(), list.end(), [&](std::uint32_t v) {
                return vertices[v].chart == face.chart;
            });
            if (known == list.end()) {
                indices.push_back(static_cast<std::uint32_t>(vertices.size()));
                list.push_back(indices.back());
                vertices.push_back({point, face.chart});
            } else {
                indices.push_back(*known);
            }
        }
    const std::size_t opaque = indices.size() - 3 * soft.blended_faces;
    meshopt_optimizeVertexCache(indices.data(), indices.data(), opaque, vertices.size());
    std::vector<Vertex> ordered(vertices.size());
    meshopt_optimizeVertexFetch(ordered.data(), indices.data(), indices.size(), vertices.data(),
                                vertices.size(), sizeof(Vertex));
    if (soft.blended_faces > 0)
        put_last(opaque, ordered, indices);
    return ordered;
}

PositionGrid grid_of(const std::vector<cv::Vec3f>& positions) {
    constexpr float kMax = std::numeric_limits<float>::max();
    cv::Vec3f low(kMax, kMax, kMax), high(-kMax, -kMax, -kMax);
    for (const cv::Vec3f& p : positions)
        for (int k = 0; k < 3; ++k) {
            low[k] = std::min(low[k], p[k]);
            high[k] = std::max(high[k], p[k]);
        }
    PositionGrid grid{.origin = low};
    for (int k = 0; k < 3; ++k)
        grid.step[k] = high[k] > low[k] ? (high[k] - low[k]) / kGridSteps : 1;
    return grid;
}

cv::Vec3f snap(const PositionGrid& grid, const cv::Vec3f& p) {
    cv::Vec3f steps;
    for (int k = 0; k < 3; ++k)
        steps[k] = std::clamp(std::round((p[k] - grid.origin[k]) / grid.step[k]), 0.F, kGridSteps);
    return grid.at(steps);
}

}  // namespace

Mesh asset_mesh(const SoftSurface& soft, const Camera& camera, const AssetCharts& charts,
                bool quantize, PositionGrid& grid) {
    std::vector<std::uint32_t> indices;
    const std::vector<Vertex> vertices = order_vertices(soft, indices);
    Mesh mesh{.camera = camera};
    for (const Vertex& vertex : vertices) {
        const Surface::Point& p = soft.surface.points[vertex.point];
        mesh.positions.push_back(camera.unproject(p.x, p.y, 1 / p.disparity));
    }
    if (quantize) {
        grid = grid_of(mesh.positions);
        for (cv::Vec3f& p : mesh.positions)
            p = snap(grid, p);
    }
    for (std::size_t i = 0; i < vertices.size(); ++i) {
        const cv::Point2f seen = camera.project(mesh.positions[i]);
        const cv::Point2f texel = charts.texel(vertices[i].chart, seen.x, seen.y);
        cv::Vec2f uv(texel.x / static_cast<float>(charts.atlas.width),
                     texel.y / static_cast<float>(charts.atlas.height));
        for (int k = 0; k < 2 && quantize; ++k)
            uv[k] = std::round(std::clamp(uv[k], 0.F, 1.F) / kUvStep) * kUvStep;
        mesh.uvs.push_back(uv);
    }
    mesh.triangles.resize(indices.size() / 3);
    for (std::size_t i = 0; i < mesh.triangles.size(); ++i)
        mesh.triangles[i] = {indices[3 * i], indices[3 * i + 1], indices[3 * i + 2]};
    mesh.blended_triangles = soft.blended_faces;
    for (std::size_t i = 0; i < vertices.size() && soft.blended_faces > 0; ++i)
        mesh.opacity.push_back(soft.opacity[vertices[i].point]);
    const AssetChart& front = charts.charts.front();
    const cv::Size2f size(front.box.size());
    mesh.photo_in_atlas = cv::Rect(
        front.origin, cv::Size(static_cast<int>(std::round(size.width * front.scale.width)),
                               static_cast<int>(std::round(size.height * front.scale.height))));
    return mesh;
}

}  // namespace unflat
