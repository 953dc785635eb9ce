// SPDX-License-Identifier: MIT
#include "depth/sharpen.h"

#include "core/checkpoint.h"
#include "core/parallel.h"
#include "depth/ramps.h"
#include "depth/window.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kReferenceSide = 1024;  // long side for which the options are stated
constexpr int kFlattenPasses = 2;
constexpr int kAlignPasses = 4;      // each moves a step by up to half a window
constexpr float kEvidence = 1.5F;    // how much better a colour must fit the other side
constexpr float kStandOut = 0.4F;    // difference from the own surface to be mended [of a step]
constexpr float kRinging = 0.15F;    // overshoot beside a step [of its height]
constexpr float kLeastFit = 1e-12F;  // keeps quotients finite
constexpr float kMostPatience = 255;
constexpr int kPixelsPerRange = 512;

// What a small map is sharpened with that is soft, as a network's: ramps of a dozen of its pixels.
// Low ones may be the shape of a thing; high ones mostly are a silhouette
constexpr float kSoftWindow = 20;   // side [pixels at 1024 on the long side]
constexpr int kMostSoftRadius = 3;  // [pixels of the map]; larger maps are less soft
constexpr float kSoftHeight = 12;   // that a ramp has at least [steps]

constexpr auto kLeaveOutNone = [](const cv::Point&) { return false; };

/// What a pixel becomes.
struct Verdict {
    float value;
    int patience;  ///< so many of its neighbours may change before it might change too
};

/// What the filter works on.
class Sharpener {
public:
    Sharpener(cv::Mat_<float>& values, float step, const cv::Mat_<cv::Vec3b>& rgb,
              float color_sigma)
        : values_(values), step_(step), rgb_(rgb), color_weight_(color_sigma) {}

    /// Gives marked pixels the median of the unmarked around them and clears their marks.
    /// @return the pixels that saw none, still marked.
    std::vector<cv::Point> settle(const std::vector<cv::Point>& marked, Mask& marks,
                                  const Window& window) {
        std::vector<float> settled(marked.size());
        for_each(marked, [&](std::size_t i) { settled[i] = median(marked[i], marks, window); });
        std::vector<cv::Point> left;
        for (std::size_t i = 0; i < marked.size(); ++i) {
            if (std::isnan(settled[i])) {
                left.push_back(marked[i]);
                continue;
            }
            values_(marked[i]) = settled[i];
            marks(marked[i]) = 0;
        }
        return left;
    }

    /// Moves pixels to the other side of a step where their colour says so, or where the pixels
    /// around say so and their colour does not object.
    void align(const std::vector<cv::Point>& pixels, const Window& window, int passes) {
        relax(pixels, window, passes,
              [&](const cv::Point& pixel) { return aligned(pixel, window); });
    }

    /// Gives pixels that stand out of their own surface beside a step the median of that surface.
    void flatten(const std::vector<cv::Point>& pixels, const Window& window, int passes) {
        relax(pixels, window, passes, [&](const cv::Point& pixel) { return flat(pixel, window); });
    }

private:
    template <typename Body>
    static void for_each(std::span<const cv::Point> pixels, const Body& body) {
        parallel_ranges(static_cast<int>(pixels.size()), kPixelsPerRange, [&](int first, int last) {
            for (int i = first; i < last; ++i)
                body(static_cast<std::size_t>(i));
        });
    }

    /// Gives all pixels at once what `judge` says of them, again and again. After the first pass
    /// only those are judged around whom enough has changed.
    template <typename Judge>
    void relax(const std::vector<cv::Point>& pixels, const Window& window, int passes,
               const Judge& judge) {
        Mask patience(values_.size(), std::uint8_t{0});
        std::span<const cv::Point> due = pixels;
        std::vector<cv::Point> again;
        std::vector<float> judged;
        for (int pass = 0; pass < passes && !due.empty(); ++pass) {
            judged.resize(due.size());
            for_each(due, [&](std::size_t i) {
                const Verdict verdict = judge(due[i]);
                judged[i] = verdict.value;
                patience(due[i]) = cv::saturate_cast<std::uint8_t>(verdict.patience + 1);
            });
            for (std::size_t i = 0; i < due.size(); ++i)
                if (judged[i] != values_(due[i]) && !std::isnan(judged[i])) {
                    values_(due[i]) = judged[i];
                    disturb(due[i], window, patience);
                }
            again.clear();
            std::copy_if(pixels.begin(), pixels.end(), std::back_inserter(again),
                         [&](const cv::Point& pixel) { return patience(pixel) == 0; });
            due = again;
        }
    }

    /// Takes some patience from all that see a pixel that has changed, and its own.
    void disturb(const cv::Point& pixel, const Window& window, Mask& patience) const {
        patience(pixel) = 0;
        for (const Window::Place& place : window.places) {
            const cv::Point other(pixel.x + place.dx, pixel.y + place.dy);
            if (!is_inside(other))
                continue;
            std::uint8_t& left = patience(other);
            left = static_cast<std::uint8_t>(left - (left > 0 ? 1 : 0));
        }
    }

    /// What is known around a pixel, but for the places that `is_left_out` names.
    template <bool kWithColor, typename IsLeftOut>
    void look_around(const cv::Point& pixel, const Window& window, const IsLeftOut& is_left_out,
                     Neighbours& seen) const {
        const cv::Point reach(window.radius, window.radius);
        const bool is_whole = is_inside(pixel - reach) && is_inside(pixel + reach);
        const float* value = &values_(pixel);
        const std::uint8_t* color = rgb_(pixel).val;
        for (const Window::Place& place : window.places) {
            const cv::Point other(pixel.x + place.dx, pixel.y + place.dy);
            if (!is_whole && !is_inside(other))
                continue;
            const float known = value[place.value_offset];
            seen.values[seen.count] = known;
            seen.spatial[seen.count] = place.weight;
            if constexpr (kWithColor)
                seen.colored[seen.count] =
                    place.weight * color_weight_(color, color + place.color_offset);
            seen.count += !std::isnan(known) && !is_left_out(other) ? 1U : 0U;
        }
        seen.pad();
    }

    float median(const cv::Point& pixel, const Mask& marks, const Window& window) const {
        Neighbours seen;
        look_around<true>(
            pixel, window, [&](const cv::Point& other) { return marks(other) != 0; }, seen);
        return seen.count == 0 ? kNaN : seen.median(seen.colored);
    }

    Verdict aligned(const cv::Point& pixel, const Window& window) const {
        const float own = values_(pixel);
        Neighbours seen;
        look_around<true>(pixel, window, kLeaveOutNone, seen);
        float slack = HUGE_VALF;
        for (const bool by_color : {true, false}) {
            const Neighbours::Numbers& weights = by_color ? seen.colored : seen.spatial;
            const float left = seen.balance(weights, own, step_).slack();
            slack = std::min(slack, std::max(left, 0.0F));
            if (left > 0 || seen.count == 0)
                continue;
            const float target = seen.median(weights);
            if (std::abs(target - own) <= step_)
                continue;
            if (relative_fit(seen, own, target) > (by_color ? kEvidence : 1 / kEvidence))
                return {target, 0};
        }
        return {own, static_cast<int>(std::min(slack / window.heaviest, kMostPatience))};
    }

    Verdict flat(const cv::Point& pixel, const Window& window) const {
        const float own = values_(pixel);
        Neighbours seen;
        look_around<false>(pixel, window, kLeaveOutNone, seen);
        const float widest = seen.widest_difference(own);
        if (widest <= step_)
            return {own, 0};

        // Only what lies on the pixel's own surface counts
        const float tolerance = std::max(step_, kRinging * widest);
        for (std::size_t i = 0; i < seen.count; ++i)
            seen.spatial[i] = std::abs(seen.values[i] - own) < tolerance ? seen.spatial[i] : 0.0F;
        const float least = kStandOut * step_;
        const Neighbours::Balance balance = seen.balance(seen.spatial, own, least);
        if (balance.total == 0 || balance.slack() > 0)
            return {own, 0};
        const float median = seen.median(seen.spatial);
        return {std::abs(median - own) > least ? median : own, 0};
    }

    /// How much more a pixel's colour is like that of the target's side than like that of its own
    /// side, whatever the number of pixels on either: thin things must not be outvoted.
    static float relative_fit(const Neighbours& seen, float own, float target) {
        float own_fit = kLeastFit;
        float own_weight = kLeastFit;
        float target_fit = 0;
        float target_weight = kLeastFit;
        for (std::size_t i = 0; i < seen.count; ++i) {
            const float value = seen.values[i];
            const bool is_own = std::abs(value - own) <= std::abs(value - target);
            (is_own ? own_fit : target_fit) += seen.colored[i];
            (is_own ? own_weight : target_weight) += seen.spatial[i];
        }
        return (target_fit / target_weight) / (own_fit / own_weight);
    }

    bool is_inside(const cv::Point& p) const {
        return p.x >= 0 && p.y >= 0 && p.x < values_.cols && p.y < values_.rows;
    }

    cv::Mat_<float>& values_;
    float step_;
    const cv::Mat_<cv::Vec3b>& rgb_;
    ColorWeight color_weight_;
};

std::vector<cv::Point> marked_pixels(const Mask& marks) {
    std::vector<cv::Point> pixels;
    for (int y = 0; y < marks.rows; ++y) {
        const std::uint8_t* row = marks[y];
        for (int x = 0; x < marks.cols; ++x)
            if (row[x])
                pixels.emplace_back(x, y);
    }
    return pixels;
}

/// Makes steps of ramps and lays them on the photo's borders.
void sharpen_ramps(Sharpener& sharpener, Mask marks, const Window& window,
                   const PrepareDepthOptions& options, Progress* progress) {
    // Settle the ramps from both ends inwards
    const std::vector<cv::Point> ramps = marked_pixels(marks);
    std::vector<cv::Point> left = ramps;
    for (int pass = 0; pass < options.max_passes && !left.empty(); ++pass) {
        checkpoint(progress, "depth", static_cast<double>(pass) / options.max_passes);
        left = sharpener.settle(left, marks, window);
    }

    // Move the steps to the photo's borders
    sharpener.align(ramps, window, std::min(kAlignPasses, options.max_passes));

    // Take away what sharpened or enlarged maps show beside a step: ringing, feet of ramps
    if (ramps.empty())
        return;
    Mask beside(marks.size(), std::uint8_t{0});
    for (const cv::Point& pixel : ramps)
        beside(pixel) = 1;
    const int spread = (window.radius + 1) / 2;
    cv::dilate(beside, beside, cv::Mat::ones(2 * spread + 1, 2 * spread + 1, CV_8U));
    sharpener.flatten(marked_pixels(beside), window, kFlattenPasses);
}

int reach_of_ramps(int radius) {
    return 3 * radius + 2;
}

float scale_of(const cv::Mat& map) {
    return static_cast<float>(std::max(map.cols, map.rows)) / kReferenceSide;
}

int radius_of(float window, float scale) {
    return std::max(1, cvRound((window * scale - 1) / 2));
}

}  // namespace

void sharpen(cv::Mat_<float>& values, float range, const cv::Mat_<cv::Vec3b>& rgb,
             const Mask& loose, int loose_radius, const PrepareDepthOptions& options,
             Progress* progress) {
    const float scale = scale_of(values);
    const int radius = radius_of(static_cast<float>(options.window), scale);
    const float sigma = std::max(options.spatial_sigma * scale, 1.0F);
    const float step = options.edge_threshold * range;
    Sharpener sharpener(values, step, rgb, options.color_sigma);
    sharpen_ramps(sharpener, find_ramps(values, step, reach_of_ramps(radius), 0),
                  Window(radius, sigma, values, rgb), options, progress);
    if (!loose.empty())
        sharpener.align(marked_pixels(loose),
                        Window(std::max(radius, loose_radius), sigma, values, rgb),
                        std::min(kAlignPasses, options.max_passes));
}

void sharpen_soft(cv::Mat_<float>& values, float range, const cv::Mat_<cv::Vec3b>& rgb,
                  const PrepareDepthOptions& options, Progress* progress) {
    const float scale = scale_of(values);
    const int radius = std::min(radius_of(kSoftWindow, scale), kMostSoftRadius);
    if (radius_of(static_cast<float>(options.window), scale) > 1)
        return;
    const float step = options.edge_threshold * range;
    Sharpener sharpener(values, step, rgb, options.color_sigma);
    const float sigma = std::max(options.spatial_sigma * scale, 1.0F);
    sharpen_ramps(sharpener, find_ramps(values, step, reach_of_ramps(radius), kSoftHeight * step),
                  Window(radius, sigma, values, rgb), options, progress);
}

}  // namespace unflat
