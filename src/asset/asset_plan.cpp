// SPDX-License-Identifier: MIT
#include "asset/asset_plan.h"

#include "core/checkpoint.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace unflat {

namespace {

// Quadrics add up what in truth is not lost twice: as frames of photos show
constexpr double kCostToError = 0.06;

std::int64_t geometry_bytes(const Surface& surface, bool quantize) {
    const std::int64_t vertex = quantize ? 12 : 20;
    // Vertices: one per point and chart
    std::vector<std::uint64_t> corners;
    corners.reserve(3 * surface.faces.size());
    for (const Surface::Face& face : surface.faces)
        for (const std::uint32_t point : face.points)
            corners.push_back(std::uint64_t{point} << 32 | static_cast<std::uint32_t>(face.chart));
    std::sort(corners.begin(), corners.end());
    const std::int64_t count = std::unique(corners.begin(), corners.end()) - corners.begin();
    const std::int64_t index = count > 0xFFFF ? 4 : 2;
    return count * vertex + 3 * index * static_cast<std::int64_t>(surface.faces.size());
}

// Marks further charts that may show the photo's colours: those that are seen less than `most` and
// lie in it. @return false if there are none
bool mark_charts(const AssetCharts& charts, const std::vector<float>& seen, float most,
                 std::vector<std::uint8_t>& marked) {
    bool found = false;
    for (std::size_t i = 1; i < charts.charts.size(); ++i) {
        const cv::Rect& box = charts.charts[i].box;
        if (!marked[i] && seen[i] < most && (box & charts.charts[0].box) == box) {
            marked[i] = 1;
            found = true;
        }
    }
    return found;
}

// Simplifies. Where that does not do, hidden charts get the photo's colours, those first that are
// seen least, as if they were stretched; and the bound rises
class Reducer {
public:
    Reducer(Decimator& decimator, const AssetCharts& charts, std::vector<float> seen)
        : decimator_(decimator),
          charts_(charts),
          seen_(std::move(seen)),
          merged_(charts.charts.size()) {
        seen_.resize(charts.charts.size());
    }

    void reduce_to(std::size_t face_count) {
        // In turn what is noticed more and more [pixels]
        constexpr float kGoodBound = 3, kFairBound = 12;
        constexpr float kSmallChart = 4096;  // larger ones would be seen twice
        constexpr float kAnyChart = std::numeric_limits<float>::max();
        while (!decimator_.reduce_to(face_count)) {
            const bool is_eased = raise_bound(kGoodBound) || give_up_charts(kSmallChart) ||
                                  raise_bound(kFairBound) || give_up_charts(kAnyChart) ||
                                  decimator_.double_bound();
            if (!is_eased)
                return;
        }
    }

private:
    bool raise_bound(float most) { return decimator_.bound() < most && decimator_.double_bound(); }

    // The next charts that are seen least
    bool give_up_charts(float most) {
        constexpr float kFactor = 4;
        bool found = false;
        while (most_seen_ < most && !found) {
            found = mark_charts(charts_, seen_, most_seen_, merged_);
            most_seen_ *= kFactor;
        }
        if (found)
            decimator_.merge_into_photo(merged_);
        return found;
    }

    Decimator& decimator_;
    const AssetCharts& charts_;
    std::vector<float> seen_;
    std::vector<std::uint8_t> merged_;
    float most_seen_ = 64;  // of the charts that are given up next [pixels]
};

}  // namespace

std::vector<float> seen_per_chart(const Surface& surface, const std::vector<float>& seen) {
    std::vector<float> sums;
    for (std::size_t f = 0; f < surface.faces.size(); ++f) {
        const auto chart = static_cast<std::size_t>(surface.faces[f].chart);
        if (chart >= sums.size())
            sums.resize(chart + 1);
        sums[chart] += seen[f];
    }
    return sums;
}

std::vector<Plan> make_plans(DecimateInput input, const AssetCharts& charts,
                             std::vector<float> chart_seen, const Parallax& parallax,
                             const AssetOptions& options, Progress* progress) {
    std::vector<Plan> plans;
    const double pixels = charts.charts[0].box.area();
    Decimator decimator(std::move(input), parallax);
    Reducer reducer(decimator, charts, std::move(chart_seen));
    for (const int count : options.triangle_counts) {
        const auto most = static_cast<std::size_t>(count);
        if (!plans.empty() && most >= plans.back().surface.faces.size())
            continue;
        reducer.reduce_to(most);
        Plan plan{.surface = decimator.surface(),
                  .error = kCostToError * decimator.cost() / pixels,
                  .bound = decimator.bound()};
        plan.geometry_bytes = geometry_bytes(plan.surface, options.quantize);
        if (plan.geometry_bytes + kSceneBytes < options.size)
            plans.push_back(std::move(plan));
        checkpoint(progress, "asset", 0.5);
    }
    return plans;
}

}  // namespace unflat
