// SPDX-License-Identifier: MIT
#include "asset/asset_charts.h"

#include "asset/face_links.h"
#include "mesh/charts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace unflat {

namespace {

constexpr int kLargestCell = 512;  // [pixels]
constexpr int kSmallestCell = 64;
constexpr double kLeastFill = 0.08;
// How much of a chart is seen on average over the views, for it to stay one: always, and where
// there are many seams [pixels]
constexpr float kLeastSeen = 3, kMostSeen = 1000;
constexpr int kManySeamEdges = 16'000;
// What a chart may lose as part of the photo, per edge of a seam [levels^2 x pixels]: a vertex that
// is saved is worth about as much
constexpr float kMostLoss = 8000;
constexpr int kLittleWaste = 2'000;  // that joining two charts' boxes may cost [pixels]
constexpr std::int32_t kWaiting = -1;

cv::Rect box_of(const Surface& surface, const Surface::Face& face) {
    const auto& [a, b, c] = face.points;
    const auto [left, right] =
        std::minmax({surface.points[a].x, surface.points[b].x, surface.points[c].x});
    const auto [top, bottom] =
        std::minmax({surface.points[a].y, surface.points[b].y, surface.points[c].y});
    const cv::Point first(static_cast<int>(std::floor(left)), static_cast<int>(std::floor(top)));
    const cv::Point last(static_cast<int>(std::ceil(right)), static_cast<int>(std::ceil(bottom)));
    return {first, last};
}

// Calls visit(x, y) for pixels whose centre lies in a face
template <typename Visit>
void for_pixels(const Surface& surface, const Surface::Face& face, const Visit& visit) {
    const Surface::Point& a = surface.points[face.points[0]];
    const Surface::Point& b = surface.points[face.points[1]];
    const Surface::Point& c = surface.points[face.points[2]];
    const cv::Rect box = box_of(surface, face);
    for (int y = box.y; y < box.y + box.height; ++y)
        for (int x = box.x; x < box.x + box.width; ++x) {
            const Surface::Point p{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F, 0};
            if (doubled_area(p, a, b) >= 0 && doubled_area(p, b, c) >= 0 &&
                doubled_area(p, c, a) >= 0)
                visit(x, y);
        }
}

class AssetChartFinder {
public:
    AssetChartFinder(AssetSurface& surface, cv::Size photo, const std::vector<float>& seen,
                     const std::vector<float>& losses)
        : surface_(surface.surface), links_(surface.surface), seen_(seen), losses_(losses) {
        result_.charts.push_back({.box = cv::Rect({}, photo)});
        for (std::uint32_t f = 0; f < surface_.faces.size(); ++f) {
            sources_.push_back(surface_.faces[f].chart);
            if (surface_.faces[f].chart == 0)
                continue;
            canvas_ |= box_of(surface_, surface_.faces[f]);
            hidden_.push_back(f);
            surface_.faces[f].chart = kWaiting;
        }
        visited_.assign(surface_.faces.size(), kWaiting);
        owner_ = cv::Mat_<cv::Vec2i>(canvas_.size(), cv::Vec2i(kWaiting, kWaiting));
    }

    AssetCharts find() {
        divide(hidden_, kLargestCell);
        merge_little_ones();
        for (std::size_t i = 1; i < result_.charts.size(); ++i)
            find_beside(result_.charts[i]);
        return std::move(result_);
    }

private:
    cv::Point cell_of(std::uint32_t face, int cell) const {
        const auto& [a, b, c] = surface_.faces[face].points;
        const float x = (surface_.points[a].x + surface_.points[b].x + surface_.points[c].x) / 3;
        const float y = (surface_.points[a].y + surface_.points[b].y + surface_.points[c].y) / 3;
        return {(static_cast<int>(x) - canvas_.x) / cell, (static_cast<int>(y) - canvas_.y) / cell};
    }

    void divide(const std::vector<std::uint32_t>& members, int cell) {
        for (const std::uint32_t seed : members) {
            if (surface_.faces[seed].chart != kWaiting)
                continue;
            AssetChart chart = flood(seed, cell);
            const bool wasteful = area_ < kLeastFill * chart.box.area() &&
                                  std::max(chart.box.width, chart.box.height) > cell / 2;
            if (wasteful && cell > kSmallestCell) {
                for (const std::uint32_t face : chart.faces)
                    surface_.faces[face].chart = kWaiting;
                divide(chart.faces, cell / 2);
            } else {
                result_.charts.push_back(std::move(chart));
            }
        }
    }

    AssetChart flood(std::uint32_t seed, int cell) {
        const auto id = static_cast<std::int32_t>(result_.charts.size());
        const cv::Point home = cell_of(seed, cell);
        ++stamp_;
        area_ = 0;
        AssetChart chart;
        const auto accept = [&](std::uint32_t face) {
            if (surface_.faces[face].chart != kWaiting || cell_of(face, cell) != home ||
                !take_pixels(face))
                return;
            surface_.faces[face].chart = id;
            chart.faces.push_back(face);
            chart.box |= box_of(surface_, surface_.faces[face]);
        };
        accept(seed);
        for (std::size_t i = 0; i < chart.faces.size(); ++i) {
            for (std::size_t k = 0; k < 3; ++k) {
                const Index other = beyond(chart.faces[i], k);
                if (other != -1)
                    accept(static_cast<std::uint32_t>(other));
            }
        }
        return chart;
    }

    // Charts that are hardly seen are not worth their seams, the less so the more seams there are
    void merge_little_ones() {
        std::vector<float> seen(result_.charts.size()), losses(result_.charts.size());
        for (std::size_t id = 1; id < seen.size(); ++id)
            for (const std::uint32_t face : result_.charts[id].faces) {
                seen[id] += seen_[face];
                losses[id] += losses_[face];
            }
        std::vector<std::int32_t> order(result_.charts.size() - 1);
        std::iota(order.begin(), order.end(), 1);
        std::stable_sort(order.begin(), order.end(),
                         [&](std::int32_t a, std::int32_t b) { return seen[at(a)] < seen[at(b)]; });
        int seam_edges = count_seam_edges();
        for (const std::int32_t id : order) {
            if (seen[at(id)] >= kMostSeen ||
                (seen[at(id)] >= kLeastSeen && seam_edges <= kManySeamEdges))
                break;
            const auto [other, edges] = neighbour_of(id);
            if (other == kWaiting ||
                (other == 0 && losses[at(id)] > kMostLoss * static_cast<float>(edges)))
                continue;
            seam_edges -= edges;
            seen[at(other)] += seen[at(id)];
            losses[at(other)] += losses[at(id)];
            join(result_.charts[at(id)], other);
        }
        renumber();
    }

    void join(AssetChart& chart, std::int32_t other) {
        for (const std::uint32_t face : chart.faces)
            surface_.faces[face].chart = other;
        AssetChart& target = result_.charts[at(other)];
        if (other != 0) {
            target.faces.insert(target.faces.end(), chart.faces.begin(), chart.faces.end());
            target.box |= chart.box;
        }
        chart.faces.clear();
    }

    Index beyond(std::uint32_t face, std::size_t k) const {
        const auto& p = surface_.faces[face].points;
        return links_.face_beyond(static_cast<Index>(face), static_cast<Index>(p[k]),
                                  static_cast<Index>(p[(k + 1) % 3]));
    }

    int count_seam_edges() const {
        int twice = 0;
        for (const std::uint32_t face : hidden_)
            for (std::size_t k = 0; k < 3; ++k) {
                const Index other = beyond(face, k);
                if (other != -1 && surface_.faces[at(other)].chart != surface_.faces[face].chart)
                    twice += surface_.faces[at(other)].chart == 0 ? 2 : 1;
            }
        return twice / 2;
    }

    // Closes the gaps in the charts' numbers
    void renumber() {
        std::vector<std::int32_t> number(result_.charts.size(), 0);
        std::size_t kept = 1;
        for (std::size_t id = 1; id < result_.charts.size(); ++id) {
            if (result_.charts[id].faces.empty())
                continue;
            number[id] = static_cast<std::int32_t>(kept);
            if (kept != id)
                result_.charts[kept] = std::move(result_.charts[id]);
            ++kept;
        }
        result_.charts.resize(kept);
        for (Surface::Face& face : surface_.faces)
            face.chart = number[static_cast<std::size_t>(face.chart)];
    }

    // The hidden chart with the longest common seam, else the photo where it lies before it; and
    // how many edges the seam has
    std::pair<std::int32_t, int> neighbour_of(std::int32_t id) const {
        const AssetChart& chart = result_.charts[at(id)];
        std::map<std::int32_t, int> edges;
        for (const std::uint32_t face : chart.faces)
            for (std::size_t k = 0; k < 3; ++k) {
                const Index other = beyond(face, k);
                if (other != -1 && surface_.faces[at(other)].chart != id)
                    ++edges[surface_.faces[at(other)].chart];
            }
        std::pair<std::int32_t, int> best{kWaiting, 0};
        for (const auto& [other, count] : edges) {
            const cv::Rect& box = result_.charts[at(other)].box;
            const bool fits = other != 0 ? (chart.box | box).area() <=
                                               box.area() + chart.box.area() + kLittleWaste
                                         : (chart.box & box) == chart.box;
            if (fits && (count > best.second || best.first == 0))
                best = {other, count};
        }
        return best;
    }

    // Faces of other charts near enough that the chart may have to show what they do
    void find_beside(AssetChart& chart) {
        ++stamp_;
        struct Step {
            std::uint32_t face;
            float way;  // from the chart [pixels]
        };
        std::vector<Step> steps;
        for (const std::uint32_t face : chart.faces) {
            visited_[face] = stamp_;
            steps.push_back({face, 0});
        }
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const auto [face, way] = steps[i];
            for (std::size_t k = 0; k < 3 && way < kPaintedBeyond; ++k) {
                const Index other = beyond(face, k);
                if (other == -1 || visited_[at(other)] == stamp_)
                    continue;
                visited_[at(other)] = stamp_;
                const auto next = static_cast<std::uint32_t>(other);
                chart.beside.push_back(next);
                steps.push_back({next, way + width_of(next)});
            }
        }
    }

    float width_of(std::uint32_t face) const {
        const auto& [a, b, c] = surface_.faces[face].points;
        return std::sqrt(
            std::abs(doubled_area(surface_.points[a], surface_.points[b], surface_.points[c])) / 2);
    }

    // Faces of one source never overlap; others may, and are kept apart
    bool take_pixels(std::uint32_t face) {
        bool is_free = true;
        const Surface::Face& f = surface_.faces[face];
        for_pixels(surface_, f, [&](int x, int y) {
            const cv::Vec2i& owner = owner_(y - canvas_.y, x - canvas_.x);
            is_free &= owner[0] != stamp_ || owner[1] == sources_[face];
        });
        if (!is_free)
            return false;
        for_pixels(surface_, f, [&](int x, int y) {
            owner_(y - canvas_.y, x - canvas_.x) = {stamp_, sources_[face]};
            area_ += 1;
        });
        return true;
    }

    Surface& surface_;
    FaceLinks links_;
    const std::vector<float>&seen_, &losses_;
    std::vector<std::int32_t> sources_;
    std::vector<std::uint32_t> hidden_;
    AssetCharts result_;
    cv::Rect canvas_;
    cv::Mat_<cv::Vec2i> owner_;          // of a pixel: the last flood there, and the face's source
    std::vector<std::int32_t> visited_;  // per face: the last chart beside which it was found
    std::int32_t stamp_ = kWaiting;
    double area_ = 0;  // of the flood [pixels]
};

int whole_blocks(float texels) {
    return (static_cast<int>(std::ceil(texels)) + kTextureBlock - 1) / kTextureBlock *
           kTextureBlock;
}

}  // namespace

AssetCharts find_asset_charts(AssetSurface& surface, cv::Size photo, const std::vector<float>& seen,
                              const std::vector<float>& losses) {
    return AssetChartFinder(surface, photo, seen, losses).find();
}

bool lay_out(AssetCharts& charts, float front_scale, float hidden_scale, int max_side) {
    // Packed as boxes of whole blocks without padding of their own
    Charts boxes;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < charts.charts.size(); ++i) {
        AssetChart& chart = charts.charts[i];
        if (chart.box.empty())
            continue;
        const cv::Size2f pixels(i == 0 ? chart.box.size() : picture_size(chart));
        const float scale = i == 0 ? front_scale : hidden_scale;
        const cv::Size2f texels(std::round(pixels.width * scale),
                                std::round(pixels.height * scale));
        chart.scale = {texels.width / pixels.width, texels.height / pixels.height};
        boxes.charts.push_back(
            {.box = {0, 0, whole_blocks(texels.width), whole_blocks(texels.height)}});
        owners.push_back(i);
        if (boxes.charts.back().box.width > max_side || boxes.charts.back().box.height > max_side)
            return false;
    }
    if (!try_to_pack_charts(boxes, 0, max_side))
        return false;
    charts.atlas = boxes.atlas;
    for (std::size_t i = 1; i < owners.size(); ++i) {
        const int padding = static_cast<int>(std::round(kChartPadding * hidden_scale));
        charts.charts[owners[i]].origin = boxes.charts[i].origin + cv::Point(padding, padding);
    }
    return true;
}

}  // namespace unflat
