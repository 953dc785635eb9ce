// SPDX-License-Identifier: MIT
#include "asset/seen_parts.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace unflat {

void drop_unseen(AssetSurface& asset, std::vector<float>& seen) {
    Surface& surface = asset.surface;
    std::vector<std::uint8_t> near_seen(surface.points.size());
    for (std::size_t f = 0; f < surface.faces.size(); ++f)
        if (seen[f] > 0)
            for (const std::uint32_t p : surface.faces[f].points)
                near_seen[p] = 1;
    std::size_t kept = 0;
    for (std::size_t f = 0; f < surface.faces.size(); ++f) {
        const auto& [a, b, c] = surface.faces[f].points;
        if (surface.faces[f].chart != 0 && !near_seen[a] && !near_seen[b] && !near_seen[c])
            continue;
        surface.faces[kept] = surface.faces[f];
        seen[kept++] = seen[f];
    }
    surface.faces.resize(kept);
    seen.resize(kept);
}

void drop_loose(AssetSurface& asset, std::vector<float>& seen, cv::Size photo) {
    // On average over the views [pixels]; of a photo of few pixels every one counts
    constexpr float kLargest = 2, kShare = 1e-5F;
    const float hardly = std::min(kLargest, kShare * static_cast<float>(photo.area()));
    Surface& surface = asset.surface;
    std::vector<std::uint32_t> parent(surface.points.size());
    std::iota(parent.begin(), parent.end(), 0U);
    const auto find = [&](std::uint32_t i) {
        while (parent[i] != i)
            i = parent[i] = parent[parent[i]];
        return i;
    };
    for (const Surface::Face& face : surface.faces)
        for (const std::size_t k : {std::size_t{1}, std::size_t{2}})
            parent[find(face.points[k])] = find(face.points[0]);
    std::vector<float> worth(surface.points.size());
    for (std::size_t f = 0; f < surface.faces.size(); ++f)
        worth[find(surface.faces[f].points[0])] += surface.faces[f].chart == 0 ? hardly : seen[f];
    std::size_t kept = 0;
    for (std::size_t f = 0; f < surface.faces.size(); ++f)
        if (worth[find(surface.faces[f].points[0])] >= hardly) {
            surface.faces[kept] = surface.faces[f];
            seen[kept++] = seen[f];
        }
    surface.faces.resize(kept);
    seen.resize(kept);
}

std::vector<float> losses_as_photo(const AssetSurface& asset, const std::vector<float>& seen,
                                   const Mesh& mesh) {
    const cv::Rect atlas({}, mesh.atlas.size());
    const cv::Rect photo({}, mesh.photo_in_atlas.size());
    constexpr float kOutside = 1e4F;  // where there is no photo [levels^2]
    const auto loss_at = [&](const cv::Point2f& shift, float x, float y) {
        const cv::Point place(cvFloor(x), cvFloor(y)), texel = place + cv::Point(shift);
        if (!photo.contains(place) || !atlas.contains(texel))
            return kOutside;
        const cv::Vec3i d =
            cv::Vec3i(mesh.atlas(texel)) - cv::Vec3i(mesh.atlas(place + mesh.photo_in_atlas.tl()));
        return static_cast<float>(d.dot(d)) / 3;
    };
    std::vector<float> losses(asset.surface.faces.size());
    for (std::size_t f = 0; f < losses.size(); ++f) {
        const Surface::Face& face = asset.surface.faces[f];
        if (face.chart == 0 || !(seen[f] > 0))
            continue;
        const Surface::Point &a = asset.surface.points[face.points[0]],
                             &b = asset.surface.points[face.points[1]],
                             &c = asset.surface.points[face.points[2]];
        const cv::Point2f& shift = asset.charts[static_cast<std::size_t>(face.chart)].shift;
        // Around the middle
        constexpr float kNear = 0.6F, kFar = 0.2F;
        losses[f] =
            seen[f] / 3 *
            (loss_at(shift, kNear * a.x + kFar * (b.x + c.x), kNear * a.y + kFar * (b.y + c.y)) +
             loss_at(shift, kNear * b.x + kFar * (c.x + a.x), kNear * b.y + kFar * (c.y + a.y)) +
             loss_at(shift, kNear * c.x + kFar * (a.x + b.x), kNear * c.y + kFar * (a.y + b.y)));
    }
    return losses;
}

}  // namespace unflat
