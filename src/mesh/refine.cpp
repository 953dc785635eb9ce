// SPDX-License-Identifier: MIT
#include "mesh/simplify.h"

#include <algorithm>
#include <map>
#include <utility>

namespace unflat {

namespace {

using Edge = std::pair<std::uint32_t, std::uint32_t>;

Edge edge_of(const Surface::Face& face, std::size_t k) {
    return std::minmax(face.points[k], face.points[(k + 1) % 3]);
}

// The longest edge on the photo; of equal ones the same from both sides
std::size_t longest_edge(const Surface& surface, const Surface::Face& face) {
    const auto key = [&](std::size_t k) {
        const Edge edge = edge_of(face, k);
        const Surface::Point& a = surface.points[edge.first];
        const Surface::Point& b = surface.points[edge.second];
        return std::pair((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y), edge);
    };
    std::size_t longest = 0;
    for (std::size_t k = 1; k < 3; ++k)
        if (key(k) > key(longest))
            longest = k;
    return longest;
}

std::uint32_t add_middle(Surface& surface, const Edge& edge) {
    const Surface::Point a = surface.points[edge.first], b = surface.points[edge.second];
    surface.points.push_back({(a.x + b.x) / 2, (a.y + b.y) / 2, (a.disparity + b.disparity) / 2});
    return static_cast<std::uint32_t>(surface.points.size() - 1);
}

// Splits a face at the middles of its marked edges, the longest first so that shapes stay good
void split(const Surface& surface, const Surface::Face& face,
           const std::map<Edge, std::uint32_t>& middles, std::vector<Surface::Face>& result) {
    std::size_t best = 3;
    std::pair<float, Edge> best_key;
    for (std::size_t k = 0; k < 3; ++k) {
        const Edge edge = edge_of(face, k);
        if (!middles.contains(edge))
            continue;
        const Surface::Point& a = surface.points[edge.first];
        const Surface::Point& b = surface.points[edge.second];
        const std::pair key((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y), edge);
        if (best == 3 || key > best_key) {
            best = k;
            best_key = key;
        }
    }
    if (best == 3) {
        result.push_back(face);
        return;
    }
    const std::uint32_t middle = middles.at(edge_of(face, best));
    const std::uint32_t a = face.points[best], b = face.points[(best + 1) % 3];
    const std::uint32_t c = face.points[(best + 2) % 3];
    split(surface, {{a, middle, c}, face.chart}, middles, result);
    split(surface, {{middle, b, c}, face.chart}, middles, result);
}

}  // namespace

void refine_for_texture(Surface& surface, float uv_error) {
    // Halving an edge at least halves the error of a steep triangle, so this ends soon; the bound
    // guards against disparities that are no longer told apart
    constexpr int kMaxRounds = 24;
    for (int round = 0; round < kMaxRounds; ++round) {
        std::map<Edge, std::uint32_t> middles;
        for (const Surface::Face& face : surface.faces) {
            const auto& [a, b, c] = face.points;
            if (keeps_texture(surface.points[a], surface.points[b], surface.points[c], uv_error))
                continue;
            middles.emplace(edge_of(face, longest_edge(surface, face)), 0);
        }
        if (middles.empty())
            return;
        for (auto& [edge, middle] : middles)
            middle = add_middle(surface, edge);
        std::vector<Surface::Face> faces;
        faces.reserve(surface.faces.size() + 2 * middles.size());
        for (const Surface::Face& face : surface.faces)
            split(surface, face, middles, faces);
        surface.faces = std::move(faces);
    }
}

}  // namespace unflat
