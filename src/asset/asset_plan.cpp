// SPDX-License-Identifier: MIT
#include "asset/asset_plan.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace unflat {

namespace {

std::int64_t geometry_bytes(const Surface& surface, bool quantize) {
    const std::int64_t vertex = quantize ? 12 : 20;
    // Vertices: one per point and chart; most points have one chart
    std::vector<std::int32_t> first(surface.points.size(), -1);
    std::vector<std::uint64_t> further;
    std::int64_t count = 0;
    for (const Surface::Face& face : surface.faces)
        for (const std::uint32_t point : face.points) {
            if (first[point] == -1) {
                first[point] = face.chart;
                ++count;
            } else if (first[point] != face.chart) {
                further.push_back(std::uint64_t{point} << 32 |
                                  static_cast<std::uint32_t>(face.chart));
            }
        }
    std::sort(further.begin(), further.end());
    count += std::unique(further.begin(), further.end()) - further.begin();
    const std::int64_t index = count > 0xFFFF ? 4 : 2;
    return count * vertex + 3 * index * static_cast<std::int64_t>(surface.faces.size());
}

// Marks further charts that may show the photo's colours: those that lose less than `most` by it.
// @return false if there are none
bool mark_charts(const std::vector<float>& losses, float most, std::vector<std::uint8_t>& marked) {
    bool found = false;
    for (std::size_t i = 1; i < losses.size(); ++i)
        if (!marked[i] && losses[i] < most) {
            marked[i] = 1;
            found = true;
        }
    return found;
}

// Simplifies. Where that does not do, hidden charts get the photo's colours, those first that lose
// least by it, as if they were stretched; and the bound rises
class Reducer {
public:
    Reducer(Decimator& decimator, std::vector<float> losses)
        : decimator_(decimator), losses_(std::move(losses)), merged_(losses_.size()) {}

    void reduce_to(std::size_t face_count) {
        // In turn what is noticed more and more [pixels]
        constexpr float kGoodBound = 3, kFairBound = 12;
        constexpr float kSmallLoss = 10e3F;  // as a pixel of another colour
        constexpr float kAnyLoss = std::numeric_limits<float>::max();
        while (!decimator_.reduce_to(face_count)) {
            const bool is_eased = raise_bound(kGoodBound) || give_up_charts(kSmallLoss) ||
                                  raise_bound(kFairBound) || give_up_charts(kAnyLoss) ||
                                  decimator_.double_bound();
            if (!is_eased)
                return;
        }
    }

private:
    bool raise_bound(float most) { return decimator_.bound() < most && decimator_.double_bound(); }

    // The next charts that lose least
    bool give_up_charts(float most) {
        constexpr float kFactor = 2;
        bool found = false;
        while (most_lost_ < most && !found) {
            found = mark_charts(losses_, most_lost_, merged_);
            most_lost_ *= kFactor;
        }
        if (found)
            decimator_.merge_into_photo(merged_);
        return found;
    }

    Decimator& decimator_;
    std::vector<float> losses_;
    std::vector<std::uint8_t> merged_;
    float most_lost_ = 500;  // by the charts that are given up next [levels^2 x pixels per edge]
};

// What a chart loses as part of the photo, for each edge of its seams that this saves
std::vector<float> losses_per_edge(const Surface& surface, const std::vector<float>& losses,
                                   std::size_t chart_count) {
    std::vector<float> sums(chart_count), edges(chart_count, 1);
    std::unordered_map<std::uint64_t, std::int32_t>
        open;  // edges whose other side is not known yet
    open.reserve(surface.faces.size());
    for (std::size_t f = 0; f < surface.faces.size(); ++f) {
        const Surface::Face& face = surface.faces[f];
        sums[static_cast<std::size_t>(face.chart)] += losses[f];
        for (std::size_t k = 0; k < 3; ++k) {
            const std::uint64_t from = face.points[k], to = face.points[(k + 1) % 3];
            const auto [other, is_new] =
                open.try_emplace(std::min(from, to) << 32 | std::max(from, to), face.chart);
            if (!is_new && other->second != face.chart) {
                edges[static_cast<std::size_t>(face.chart)] += 1;
                edges[static_cast<std::size_t>(other->second)] += 1;
            }
        }
    }
    for (std::size_t i = 0; i < chart_count; ++i)
        sums[i] /= edges[i];
    return sums;
}

}  // namespace

std::vector<Plan> make_plans(DecimateInput input, const AssetCharts& charts,
                             const std::vector<float>& losses, const Parallax& parallax,
                             const AssetOptions& options) {
    std::vector<Plan> plans;
    std::vector<float> per_edge = losses_per_edge(input.surface, losses, charts.charts.size());
    Decimator decimator(std::move(input), parallax);
    Reducer reducer(decimator, std::move(per_edge));
    constexpr std::int64_t kLittle = 5;  // where the texture would gain little more
    for (const int count : options.triangle_counts) {
        const auto most = static_cast<std::size_t>(count);
        if (!plans.empty() && most >= plans.back().surface.faces.size())
            continue;
        reducer.reduce_to(most);
        Plan plan{.surface = decimator.fitted_surface(), .bound = decimator.bound()};
        plan.geometry_bytes = geometry_bytes(plan.surface, options.quantize);
        if (plan.geometry_bytes + kSceneBytes < options.size)
            plans.push_back(std::move(plan));
        if (!plans.empty() && kLittle * plans.back().geometry_bytes < options.size)
            break;
    }
    return plans;
}

}  // namespace unflat
