// SPDX-License-Identifier: MIT
#include "asset/asset_surface.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace unflat {

namespace {

// Sets of vertices that triangles join
class Components {
public:
    explicit Components(std::size_t count) : parent_(count) {
        std::iota(parent_.begin(), parent_.end(), 0U);
    }
    std::uint32_t find(std::uint32_t i) {
        while (parent_[i] != i)
            i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    void join(std::uint32_t a, std::uint32_t b) {
        a = find(a);
        b = find(b);
        parent_[std::max(a, b)] = std::min(a, b);
    }

private:
    std::vector<std::uint32_t> parent_;
};

struct PositionHash {
    std::size_t operator()(const cv::Vec3f& p) const {
        std::uint64_t hash = 0;
        for (int k = 0; k < 3; ++k)
            hash = (hash ^ std::bit_cast<std::uint32_t>(p[k])) * 0x9E3779B97F4A7C15U;
        return static_cast<std::size_t>(hash ^ hash >> 29);
    }
};

// Points that several charts share have the very same position
std::vector<std::uint32_t> weld(const Mesh& mesh, std::vector<Surface::Point>& points) {
    std::unordered_map<cv::Vec3f, std::uint32_t, PositionHash> known(mesh.positions.size());
    std::vector<std::uint32_t> point_of(mesh.positions.size());
    for (std::size_t i = 0; i < mesh.positions.size(); ++i) {
        const cv::Vec3f& p = mesh.positions[i];
        const auto [place, is_new] =
            known.try_emplace(p, static_cast<std::uint32_t>(points.size()));
        if (is_new) {
            const cv::Point2f at = mesh.camera.project(p);
            points.push_back({at.x, at.y, 1 / p[2]});
        }
        point_of[i] = place->second;
    }
    return point_of;
}

// Faces around a point, as far as common edges join them
class FanSplitter {
public:
    explicit FanSplitter(Surface& surface) : surface_(surface) {
        std::vector<std::uint32_t> first(surface.points.size() + 1);
        for (const Surface::Face& face : surface.faces)
            for (const std::uint32_t p : face.points)
                ++first[p + 1];
        std::partial_sum(first.begin(), first.end(), first.begin());
        first_ = first;
        corners_.resize(3 * surface.faces.size());
        for (std::uint32_t f = 0; f < surface.faces.size(); ++f)
            for (std::uint32_t k = 0; k < 3; ++k)
                corners_[first[surface.faces[f].points[k]]++] = 3 * f + k;
    }

    void run() {
        const auto count = static_cast<std::uint32_t>(surface_.points.size());
        for (std::uint32_t point = 0; point < count; ++point)
            split(point);
        for (const auto& [corner, point] : moves_)
            surface_.faces[corner / 3].points[corner % 3] = point;
    }

private:
    // The point `by` corners after this one in its face
    std::uint32_t next(std::uint32_t corner, std::uint32_t by) const {
        return surface_.faces[corner / 3].points[(corner % 3 + by) % 3];
    }

    void split(std::uint32_t point) {
        const std::uint32_t begin = first_[point], end = first_[point + 1];
        group_.assign(end - begin, -1);
        int groups = 0;
        for (std::uint32_t i = 0; i < end - begin; ++i) {
            if (group_[i] != -1)
                continue;
            group_[i] = groups;
            std::vector<std::uint32_t> waiting{i};
            while (!waiting.empty()) {
                const std::uint32_t at = waiting.back();
                waiting.pop_back();
                for (std::uint32_t j = 0; j < end - begin; ++j) {
                    const std::uint32_t a = corners_[begin + at], b = corners_[begin + j];
                    if (group_[j] == -1 && (next(a, 1) == next(b, 2) || next(a, 2) == next(b, 1))) {
                        group_[j] = groups;
                        waiting.push_back(j);
                    }
                }
            }
            if (groups++ > 0)
                give_own_point(point, begin, groups - 1);
        }
    }

    void give_own_point(std::uint32_t point, std::uint32_t begin, int group) {
        const auto copy = static_cast<std::uint32_t>(surface_.points.size());
        surface_.points.push_back(Surface::Point(surface_.points[point]));
        for (std::uint32_t i = 0; i < group_.size(); ++i)
            if (group_[i] == group)
                moves_.emplace_back(corners_[begin + i], copy);
    }

    Surface& surface_;
    std::vector<std::uint32_t> first_, corners_;
    std::vector<int> group_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> moves_;
};

}  // namespace

AssetSurface surface_of(const Mesh& mesh) {
    AssetSurface result;
    const std::vector<std::uint32_t> point_of = weld(mesh, result.surface.points);
    Components components(mesh.positions.size());
    for (const auto& [a, b, c] : mesh.triangles) {
        components.join(a, b);
        components.join(a, c);
    }

    // A component whose texels lie in the photo's place is of the photo
    const cv::Vec2f texels(static_cast<float>(mesh.atlas.cols),
                           static_cast<float>(mesh.atlas.rows));
    const cv::Rect2f photo(mesh.photo_in_atlas);
    result.charts.push_back({cv::Point2f(photo.tl())});
    std::vector<std::int32_t> chart_of(mesh.positions.size(), -1);
    const auto chart_at = [&](std::uint32_t vertex) {
        std::int32_t& chart = chart_of[components.find(vertex)];
        if (chart != -1)
            return chart;
        const cv::Vec2f texel = mesh.uvs[vertex].mul(texels);
        const Surface::Point& p = result.surface.points[point_of[vertex]];
        const cv::Point2f shift(std::round(texel[0] - p.x), std::round(texel[1] - p.y));
        const bool of_photo = shift == cv::Point2f(photo.tl()) && p.x >= 0 && p.y >= 0 &&
                              p.x <= photo.width && p.y <= photo.height;
        chart = of_photo ? 0 : static_cast<std::int32_t>(result.charts.size());
        if (!of_photo)
            result.charts.push_back({shift});
        return chart;
    };
    result.surface.faces.reserve(mesh.triangles.size());
    for (const auto& [a, b, c] : mesh.triangles)
        result.surface.faces.push_back({{point_of[a], point_of[b], point_of[c]}, chart_at(a)});
    return result;
}

void split_fans(Surface& surface) {
    FanSplitter(surface).run();
}

}  // namespace unflat
