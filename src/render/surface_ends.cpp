// SPDX-License-Identifier: MIT
#include "unflat/error.h"

#include "render/screen.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace unflat {

namespace {

/// An edge filed under the smaller of its two vertices.
struct FiledEdge {
    std::uint32_t other = 0;  ///< its larger vertex
    std::uint32_t slot = 0;   ///< 3 * triangle + corner at which it begins
    bool operator<(const FiledEdge& b) const { return other < b.other; }
};

void check_mesh(const Mesh& mesh) {
    require(mesh.uvs.size() == mesh.positions.size(),
            "render: the mesh must have one texture coordinate per position");
    require(mesh.triangles.empty() || !mesh.atlas.empty(), "render: the mesh has no atlas");
    require(mesh.triangles.size() < std::numeric_limits<std::uint32_t>::max() / 4,
            "render: the mesh has too many triangles");
    require(mesh.blended_triangles <= mesh.triangles.size() &&
                (mesh.blended_triangles == 0 || mesh.opacity.size() == mesh.positions.size()),
            "render: the blended triangles of the mesh have no opacity");
    for (const auto& triangle : mesh.triangles)
        for (const std::uint32_t vertex : triangle)
            require(vertex < mesh.positions.size(),
                    "render: a triangle of the mesh names a vertex that does not exist");
}

/// Edges by who else has them, per triangle.
struct EdgeSets {
    std::vector<EdgeSet> open;     ///< no other triangle
    std::vector<EdgeSet> borders;  ///< anything but one other triangle of the same orientation
};

/// True if the edge begins at its smaller vertex.
bool ascends(const Mesh& mesh, std::uint32_t slot) {
    const auto& corners = mesh.triangles[slot / 3];
    return corners[slot % 3] < corners[(slot + 1) % 3];
}

bool is_blended(const Mesh& mesh, std::uint32_t slot) {
    return slot / 3 >= mesh.triangles.size() - mesh.blended_triangles;
}

EdgeSets find_edge_sets(const Mesh& mesh) {
    // Count the edges of every vertex, then file them
    std::vector<std::uint32_t> begins(mesh.positions.size() + 1, 0);
    const auto for_each_edge = [&](auto&& action) {
        for (std::size_t i = 0; i < mesh.triangles.size(); ++i)
            for (std::size_t k = 0; k < 3; ++k) {
                const std::uint32_t a = mesh.triangles[i][k];
                const std::uint32_t b = mesh.triangles[i][(k + 1) % 3];
                action(std::min(a, b), std::max(a, b), static_cast<std::uint32_t>(3 * i + k));
            }
    };
    for_each_edge([&](std::uint32_t a, std::uint32_t, std::uint32_t) { ++begins[a + 1]; });
    for (std::size_t i = 1; i < begins.size(); ++i)
        begins[i] += begins[i - 1];
    std::vector<FiledEdge> edges(mesh.triangles.size() * 3);
    std::vector<std::uint32_t> ends(begins.begin(), begins.end() - 1);
    for_each_edge([&](std::uint32_t a, std::uint32_t b, std::uint32_t slot) {
        edges[ends[a]++] = {.other = b, .slot = slot};
    });

    // Edges with the same two vertices stand side by side in their file
    EdgeSets sets{.open = std::vector<EdgeSet>(mesh.triangles.size(), 0),
                  .borders = std::vector<EdgeSet>(mesh.triangles.size(), 0)};
    const auto add = [](std::vector<EdgeSet>& set, std::uint32_t slot) {
        set[slot / 3] |= static_cast<EdgeSet>(1U << (slot % 3));
    };
    for (std::size_t vertex = 0; vertex + 1 < begins.size(); ++vertex) {
        const auto file_end = edges.begin() + ends[vertex];
        std::sort(edges.begin() + begins[vertex], file_end);
        for (auto first = edges.begin() + begins[vertex], last = first; first != file_end;
             first = last) {
            last = std::find_if(first, file_end,
                                [&](const FiledEdge& edge) { return edge.other != first->other; });
            if (last - first == 1)
                add(sets.open, first->slot);
            // Neighbours run along their edge in opposite directions; where what is opaque ends,
            // something else is seen through the blended one
            if (last - first == 2 &&
                ascends(mesh, first->slot) != ascends(mesh, (last - 1)->slot) &&
                is_blended(mesh, first->slot) == is_blended(mesh, (last - 1)->slot))
                continue;
            std::for_each(first, last,
                          [&](const FiledEdge& edge) { add(sets.borders, edge.slot); });
        }
    }
    return sets;
}

/// The sides on which the surface ends at an open edge that runs along a row or column of texels;
/// 0 for a slanted edge.
SurfaceEnds straight_end(const cv::Vec2f& from, const cv::Vec2f& to, const cv::Vec2f& opposite) {
    if (from[0] == to[0])
        return opposite[0] > from[0] ? kEndsAtLeastS : kEndsAtGreatestS;
    if (from[1] == to[1])
        return opposite[1] > from[1] ? kEndsAtLeastT : kEndsAtGreatestT;
    return 0;
}

/// Of the sides at which the surface ends at a corner, those that bound the whole triangle.
SurfaceEnds bounding_ends(SurfaceEnds at_corner, const cv::Vec2f& corner, const cv::Vec2f& b,
                          const cv::Vec2f& c) {
    SurfaceEnds bounding = 0;
    if (corner[0] <= std::min(b[0], c[0]))
        bounding |= kEndsAtLeastS;
    if (corner[0] >= std::max(b[0], c[0]))
        bounding |= kEndsAtGreatestS;
    if (corner[1] <= std::min(b[1], c[1]))
        bounding |= kEndsAtLeastT;
    if (corner[1] >= std::max(b[1], c[1]))
        bounding |= kEndsAtGreatestT;
    return at_corner & bounding;
}

/// A surface also ends for triangles that touch its straight border with a corner only: near that
/// corner they read the same texels as the border's own triangles.
std::vector<SurfaceEnds> find_surface_ends(const Mesh& mesh, const std::vector<EdgeSet>& open) {
    std::vector<SurfaceEnds> ends(mesh.triangles.size(), 0);
    std::vector<SurfaceEnds> vertex_ends(mesh.positions.size(), 0);
    for (std::size_t i = 0; i < mesh.triangles.size(); ++i)
        for (unsigned k = 0; k < 3 && open[i] != 0; ++k) {
            if ((open[i] >> k & 1) == 0)
                continue;
            const std::uint32_t from = mesh.triangles[i][k];
            const std::uint32_t to = mesh.triangles[i][(k + 1) % 3];
            const std::uint32_t opposite = mesh.triangles[i][(k + 2) % 3];
            const SurfaceEnds end = straight_end(mesh.uvs[from], mesh.uvs[to], mesh.uvs[opposite]);
            vertex_ends[from] |= end;
            vertex_ends[to] |= end;
            if (end == 0)
                ends[i] |= static_cast<SurfaceEnds>(kEndsAtEdge << k);
        }
    for (std::size_t i = 0; i < mesh.triangles.size(); ++i)
        for (std::size_t k = 0; k < 3; ++k) {
            const auto& corners = mesh.triangles[i];
            if (const SurfaceEnds end = vertex_ends[corners[k]])
                ends[i] |= bounding_ends(end, mesh.uvs[corners[k]], mesh.uvs[corners[(k + 1) % 3]],
                                         mesh.uvs[corners[(k + 2) % 3]]);
        }
    return ends;
}

/// Far nearer than what a camera should approach, whatever the unit: a thousandth of the nearest
/// depth.
double find_near_z(const Mesh& mesh) {
    float nearest = std::numeric_limits<float>::infinity();
    for (const cv::Vec3f& position : mesh.positions)
        if (position[2] != 0)
            nearest = std::min(nearest, std::abs(position[2]));
    constexpr double kShare = 1e-3;
    return kShare * (std::isfinite(nearest) ? static_cast<double>(nearest) : 1);
}

}  // namespace

RenderMesh prepare_mesh(const Mesh& mesh) {
    check_mesh(mesh);
    EdgeSets edges = find_edge_sets(mesh);
    return {.mesh = &mesh,
            .ends = find_surface_ends(mesh, edges.open),
            .borders = std::move(edges.borders),
            .near_z = find_near_z(mesh)};
}

}  // namespace unflat
