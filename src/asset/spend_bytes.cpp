// SPDX-License-Identifier: MIT
#include "asset/spend_bytes.h"

#include <algorithm>
#include <utility>

namespace unflat {

namespace {

// Charts that a plan does not need take no place
AssetCharts charts_of(const Plan& plan, AssetCharts charts) {
    std::vector<std::uint8_t> used(charts.charts.size());
    for (const Surface::Face& face : plan.surface.faces)
        used[static_cast<std::size_t>(face.chart)] = 1;
    for (std::size_t i = 1; i < used.size(); ++i)
        if (!used[i])
            charts.charts[i].box = {};
    return charts;
}

double hidden_area(const AssetCharts& charts) {
    double area = 0;
    for (std::size_t i = 1; i < charts.charts.size(); ++i)
        area += charts.charts[i].box.area();
    return area;
}

// One way to spend the bytes
struct Spending {
    const Plan* plan = nullptr;
    TextureSetting texture;
    int quality = 0;
    double error = 0;  // of geometry and texture [levels^2]
};

// All ways, the best first
std::vector<Spending> list_spendings(const std::vector<Plan>& plans, const AssetCharts& charts,
                                     TextureCurves& curves, const AssetOptions& options) {
    std::vector<float> front{1}, hidden{1, 0.75F, 0.5F};
    std::vector<Spending> list;
    const double whole = hidden_area(charts);
    const auto add = [&](const Plan& plan, const TextureSetting& setting) {
        const double share = whole > 0 ? hidden_area(charts_of(plan, charts)) / whole : 0;
        const TextureCurves::Estimate estimate =
            curves.within(setting, options.size - kSceneBytes - plan.geometry_bytes, share);
        list.push_back({&plan, setting, estimate.quality, plan.error + estimate.error});
    };
    const auto add_all = [&] {
        curves.add_scales(front, hidden);
        list.clear();
        for (const Plan& plan : plans)
            for (const float f : front)
                for (const float h : hidden)
                    for (const bool full_chroma : {true, false})
                        if (h <= f)
                            add(plan, {f, h, full_chroma});
        std::stable_sort(list.begin(), list.end(),
                         [](const Spending& a, const Spending& b) { return a.error < b.error; });
    };
    add_all();
    // Fewer texels where those are many for the bytes, or for a side of the texture
    constexpr double kGoodError = 40;  // 32 dB [levels^2]
    const cv::Size photo = charts.charts[0].box.size();
    if (list.front().error > kGoodError ||
        std::max(photo.width, photo.height) > options.max_texture_side) {
        front = {1, 0.875F, 0.75F, 0.5F, 0.25F, 0.125F};
        hidden = {1, 0.75F, 0.5F, 0.25F, 0.125F};
        add_all();
    }
    return list;
}

}  // namespace

std::optional<Spent> spend_bytes(const std::vector<Plan>& plans, const AssetCharts& charts,
                                 const std::vector<ChartPicture>& pictures,
                                 const TextureCodec& codec, const AssetOptions& options) {
    constexpr float kUsualScale = 0.75F;
    const std::vector<ChartPicture> usual =
        painted_where_needed(pictures, plans.front().surface, charts, kUsualScale);
    TextureCurves curves(usual, codec);
    constexpr int kMostTries = 8;  // of textures that turn out too large
    int tries = 0;
    for (const Spending& spending : list_spendings(plans, charts, curves, options)) {
        Spent made{.plan = spending.plan,
                   .setting = spending.texture,
                   .charts = charts_of(*spending.plan, charts)};
        if (!lay_out(made.charts, spending.texture.front_scale, spending.texture.hidden_scale,
                     options.max_texture_side))
            continue;
        const std::int64_t bytes = options.size - kSceneBytes - spending.plan->geometry_bytes;
        const cv::Mat_<cv::Vec3b> atlas =
            paint_atlas(painted_where_needed(pictures, spending.plan->surface, charts,
                                             spending.texture.hidden_scale),
                        made.charts);
        TextureEncoder encoder(atlas, codec, spending.texture.full_chroma);
        made.texture = encoder.within(bytes, spending.quality);
        if (static_cast<std::int64_t>(made.texture.bytes.size()) <= bytes)
            return made;
        if (++tries == kMostTries)
            break;
    }
    return std::nullopt;
}

}  // namespace unflat
