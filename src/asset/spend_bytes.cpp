// SPDX-License-Identifier: MIT
#include "asset/spend_bytes.h"

#include <algorithm>
#include <limits>
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
    std::size_t plan = 0;
    TextureSetting texture;
    int quality = 0;
    double error = 0;  // of the texture, then of the geometry too [levels^2]

    bool has_same_texture(const Spending& other) const {
        return plan == other.plan && texture.front_scale == other.texture.front_scale &&
               texture.hidden_scale == other.texture.hidden_scale &&
               texture.full_chroma == other.texture.full_chroma;
    }
};

class Spender {
public:
    Spender(const std::vector<Plan>& plans,
            const std::function<double(const Plan&)>& geometry_error, TextureCurves& curves,
            const AssetCharts& charts, const AssetOptions& options)
        : plans_(plans),
          geometry_error_(geometry_error),
          curves_(curves),
          charts_(charts),
          options_(options),
          geometry_(plans.size(), kUnknown) {}

    // All ways that may be good, the best first
    std::vector<Spending> list() {
        std::vector<Spending> best = list_with(kUsualFrontScales, kUsualHiddenScales, {true});
        // Fewer texels, and half as many for colour, where those are many for the bytes, or for a
        // side of the texture
        constexpr double kGoodError = 32;  // 33 dB [levels^2]
        const cv::Size photo = charts_.charts[0].box.size();
        if (best.front().error > kGoodError ||
            std::max(photo.width, photo.height) > options_.max_texture_side)
            best = list_with({1, 0.875F, 0.75F, 0.5F, 0.25F, 0.125F},
                             {1, 0.75F, 0.5F, 0.25F, 0.125F}, {true, false});
        return best;
    }

    // True if the list is another one now
    bool learn(const Spending& way, std::int64_t bytes) {
        return curves_.learn(way.texture, way.quality, bytes, share_of(way.plan));
    }

private:
    static constexpr double kUnknown = -1;
    static constexpr float kLeastFrontScale = 0.75F;  // less only where nothing else fits

    std::vector<Spending> list_with(const std::vector<float>& front,
                                    const std::vector<float>& hidden,
                                    const std::vector<bool>& full_chroma) {
        for (const bool full : full_chroma)
            curves_.add_scales(front, hidden, full);
        std::vector<Spending> list;
        for (std::size_t i = 0; i < plans_.size(); ++i)
            add_textures(i, front, hidden, full_chroma, list);
        measure_geometry(list);
        std::erase_if(list, [&](const Spending& way) { return geometry_[way.plan] == kUnknown; });
        for (Spending& way : list)
            way.error += geometry_[way.plan];
        std::stable_sort(list.begin(), list.end(), [](const Spending& a, const Spending& b) {
            const bool a_is_fine = a.texture.front_scale >= kLeastFrontScale;
            const bool b_is_fine = b.texture.front_scale >= kLeastFrontScale;
            return a_is_fine != b_is_fine ? a_is_fine : a.error < b.error;
        });
        return list;
    }

    // Of the hidden charts, what a plan needs
    double share_of(std::size_t plan) const {
        const double whole = hidden_area(charts_);
        return whole > 0 ? hidden_area(charts_of(plans_[plan], charts_)) / whole : 0;
    }

    void add_textures(std::size_t plan, const std::vector<float>& front,
                      const std::vector<float>& hidden, const std::vector<bool>& full_chroma,
                      std::vector<Spending>& list) const {
        const double share = share_of(plan);
        const std::int64_t bytes = options_.size - kSceneBytes - plans_[plan].geometry_bytes;
        for (const float f : front)
            for (const float h : hidden)
                for (const bool full : full_chroma) {
                    const TextureSetting setting{f, h, full};
                    const TextureCurves::Estimate estimate = curves_.within(setting, bytes, share);
                    if (h <= f)
                        list.push_back({plan, setting, estimate.quality, estimate.error});
                }
    }

    // Where a plan may be best: finer ones lose less, and leave less for the texture
    void measure_geometry(const std::vector<Spending>& list) {
        std::vector<double> texture(plans_.size(), std::numeric_limits<double>::max());
        for (const Spending& way : list)
            texture[way.plan] = std::min(texture[way.plan], way.error);
        double best = std::numeric_limits<double>::max();
        const auto measure = [&](std::size_t i) {
            if (geometry_[i] == kUnknown)
                geometry_[i] = geometry_error_(plans_[i]);
            best = std::min(best, geometry_[i] + texture[i]);
            return geometry_[i];
        };
        const std::size_t middle = plans_.size() / 2;
        for (std::size_t i = middle; i < plans_.size(); ++i)
            if (measure(i) > best)
                break;
        for (std::size_t i = middle; i-- > 0 && texture[i] < best;)
            measure(i);
    }

    const std::vector<Plan>& plans_;
    const std::function<double(const Plan&)>& geometry_error_;
    TextureCurves& curves_;
    const AssetCharts& charts_;
    const AssetOptions& options_;
    std::vector<double> geometry_;  // per plan, what it loses [levels^2]
};

}  // namespace

std::optional<Spent> spend_bytes(const std::vector<Plan>& plans,
                                 const std::function<double(const Plan&)>& geometry_error,
                                 TextureCurves& curves, const AssetCharts& charts,
                                 const std::vector<ChartPicture>& pictures,
                                 const TextureCodec& codec, const AssetOptions& options) {
    constexpr int kMostTries = 8;  // of textures that turn out too large
    Spender spender(plans, geometry_error, curves, charts, options);
    std::vector<Spending> ways = spender.list();
    bool has_learnt = false;
    int tries = 0;
    for (std::size_t i = 0; i < ways.size() && tries < kMostTries; ++i) {
        const Spending way = ways[i];
        const Plan& plan = plans[way.plan];
        Spent made{.plan = &plan, .setting = way.texture, .charts = charts_of(plan, charts)};
        if (!lay_out(made.charts, way.texture.front_scale, way.texture.hidden_scale,
                     options.max_texture_side))
            continue;
        made.atlas = paint_atlas(
            painted_where_needed(pictures, plan.surface, charts, way.texture.hidden_scale),
            made.charts);
        TextureEncoder encoder(made.atlas, codec, way.texture.full_chroma);
        int guess = way.quality;
        if (!has_learnt) {
            // What the first one really costs may let another way be better
            has_learnt = true;
            if (spender.learn(way, encoder.size_at(guess))) {
                ways = spender.list();
                const auto same = std::find_if(
                    ways.begin(), ways.end(),
                    [&](const Spending& other) { return other.has_same_texture(way); });
                constexpr double kWorthwhile = 0.93;  // of the error, to begin anew
                if (same == ways.end() || ways.front().error < kWorthwhile * same->error) {
                    i = static_cast<std::size_t>(-1);
                    continue;
                }
                guess = same->quality;
            }
        }
        const std::int64_t bytes = options.size - kSceneBytes - plan.geometry_bytes;
        made.texture = encoder.within(bytes, guess);
        if (static_cast<std::int64_t>(made.texture.bytes.size()) <= bytes)
            return made;
        ++tries;
    }
    return std::nullopt;
}

}  // namespace unflat
