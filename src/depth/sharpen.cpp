// SPDX-License-Identifier: MIT
#include "depth/sharpen.h"

#include "core/checkpoint.h"
#include "core/parallel.h"
#include "depth/ramps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kReferenceSide = 1024;  // long side for which the options are stated
constexpr int kMostSamplesAcross = 11;  // larger windows are sampled at a stride
constexpr int kFlattenPasses = 2;
constexpr int kAlignPasses = 4;      // each moves a step by up to half a window
constexpr float kEvidence = 1.5F;    // how much better a colour must fit the other side
constexpr float kStandOut = 0.4F;    // difference from the own surface to be mended [of a step]
constexpr float kRinging = 0.15F;    // overshoot beside a step [of its height]
constexpr float kLeastFit = 1e-12F;  // keeps quotients finite
constexpr int kPixelsPerRange = 512;

struct Sample {
    float value;
    float weight;
};

/// The lowest value at which the cumulated weight reaches half of the total. Reorders `samples`.
float weighted_median(std::span<Sample> samples) {
    float half = 0;
    for (const Sample& sample : samples)
        half += sample.weight / 2;
    while (samples.size() > 1) {
        const float pivot = samples[samples.size() / 2].value;
        const auto equal = std::partition(samples.begin(), samples.end(),
                                          [&](const Sample& s) { return s.value < pivot; });
        const auto above =
            std::partition(equal, samples.end(), [&](const Sample& s) { return s.value == pivot; });
        float below_weight = 0;
        for (auto it = samples.begin(); it != equal; ++it)
            below_weight += it->weight;
        if (below_weight >= half && equal != samples.begin()) {
            samples = std::span(samples.begin(), equal);
            continue;
        }
        float equal_weight = 0;
        for (auto it = equal; it != above; ++it)
            equal_weight += it->weight;
        if (below_weight + equal_weight >= half || above == samples.end())
            return pivot;
        half -= below_weight + equal_weight;
        samples = std::span(above, samples.end());
    }
    return samples.front().value;
}

/// exp(-D^2 / 2 s^2) by the squared distance of two sRGB colours.
class ColorWeight {
public:
    explicit ColorWeight(float sigma) {
        const double bytes = static_cast<double>(sigma) * 255;
        const double scale = -1 / (2 * bytes * bytes);
        for (std::size_t i = 0; i < table_.size(); ++i)
            table_[i] = static_cast<float>(
                std::max(std::exp(scale * static_cast<double>(i << kShift)), kLeast));
    }
    float operator()(const cv::Vec3b& a, const cv::Vec3b& b) const {
        const int red = a[0] - b[0];
        const int green = a[1] - b[1];
        const int blue = a[2] - b[2];
        return table_[static_cast<std::size_t>(red * red + green * green + blue * blue) >> kShift];
    }

private:
    static constexpr int kShift = 4;
    static constexpr double kLeast = 1e-9;  // a colour like no other still has a median
    std::array<float, (3U * 255 * 255 >> kShift) + 1> table_{};
};

/// The places of a window around a pixel and their spatial weights.
struct Window {
    struct Place {
        int dx;
        int dy;
        float weight;
    };
    std::vector<Place> places;
    int radius;

    Window(int radius_, float sigma) : radius(radius_) {
        const int stride = (2 * radius + kMostSamplesAcross) / kMostSamplesAcross;
        const int count = radius / stride;
        for (int y = -count; y <= count; ++y)
            for (int x = -count; x <= count; ++x) {
                const int distance2 = (x * x + y * y) * stride * stride;
                places.push_back({x * stride, y * stride,
                                  std::exp(static_cast<float>(-distance2) / (2 * sigma * sigma))});
            }
    }
};

using Samples = std::array<Sample, (kMostSamplesAcross + 1) * (kMostSamplesAcross + 1)>;

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
    /// @return those that may move next: all in whose window something has changed.
    std::vector<cv::Point> align(const std::vector<cv::Point>& pixels, const Window& window) {
        std::vector<float> aligned(pixels.size());
        for_each(pixels, [&](std::size_t i) { aligned[i] = aligned_value(pixels[i], window); });
        Mask touched(values_.size(), std::uint8_t{0});
        const cv::Rect all({}, values_.size());
        const int side = 2 * window.radius + 1;
        for (std::size_t i = 0; i < pixels.size(); ++i)
            if (const cv::Point& pixel = pixels[i]; aligned[i] != values_(pixel)) {
                values_(pixel) = aligned[i];
                touched(cv::Rect(pixel.x - window.radius, pixel.y - window.radius, side, side) &
                        all)
                    .setTo(1);
            }
        std::vector<cv::Point> next;
        std::copy_if(pixels.begin(), pixels.end(), std::back_inserter(next),
                     [&](const cv::Point& pixel) { return touched(pixel) != 0; });
        return next;
    }

    /// Gives pixels that stand out of their own surface beside a step the median of that surface.
    void flatten(const std::vector<cv::Point>& pixels, const Window& window) {
        std::vector<float> flat(pixels.size());
        for_each(pixels, [&](std::size_t i) { flat[i] = flat_value(pixels[i], window); });
        for (std::size_t i = 0; i < pixels.size(); ++i)
            values_(pixels[i]) = flat[i];
    }

private:
    template <typename Body>
    static void for_each(const std::vector<cv::Point>& pixels, const Body& body) {
        parallel_ranges(static_cast<int>(pixels.size()), kPixelsPerRange, [&](int first, int last) {
            for (int i = first; i < last; ++i)
                body(static_cast<std::size_t>(i));
        });
    }

    float median(const cv::Point& pixel, const Mask& marks, const Window& window) const {
        Samples samples;
        std::size_t count = 0;
        for (const Window::Place& place : window.places) {
            const cv::Point other(pixel.x + place.dx, pixel.y + place.dy);
            if (!is_inside(other) || marks(other) || std::isnan(values_(other)))
                continue;
            samples[count++] = {values_(other),
                                place.weight * color_weight_(rgb_(pixel), rgb_(other))};
        }
        return count == 0 ? kNaN : weighted_median(std::span(samples.data(), count));
    }

    float aligned_value(const cv::Point& pixel, const Window& window) const {
        const float own = values_(pixel);
        if (std::isnan(own) || !has_step(pixel, window))
            return own;
        Samples colored;
        Samples spatial;
        std::size_t count = 0;
        for (const Window::Place& place : window.places) {
            const cv::Point other(pixel.x + place.dx, pixel.y + place.dy);
            if (!is_inside(other) || std::isnan(values_(other)) || other == pixel)
                continue;
            spatial[count] = {values_(other), place.weight};
            colored[count++] = {values_(other),
                                place.weight * color_weight_(rgb_(pixel), rgb_(other))};
        }
        for (const bool by_color : {true, false}) {
            if (holds_majority(std::span(by_color ? colored.data() : spatial.data(), count), own))
                continue;
            Samples reordered = by_color ? colored : spatial;
            const float target = weighted_median(std::span(reordered.data(), count));
            if (std::abs(target - own) <= step_)
                continue;
            const float fit =
                relative_fit({colored.data(), count}, {spatial.data(), count}, own, target);
            if (fit > (by_color ? kEvidence : 1 / kEvidence))
                return target;
        }
        return own;
    }

    float flat_value(const cv::Point& pixel, const Window& window) const {
        const float own = values_(pixel);
        Samples around;
        std::size_t count = 0;
        float widest = 0;
        for (const Window::Place& place : window.places) {
            const cv::Point other(pixel.x + place.dx, pixel.y + place.dy);
            if (!is_inside(other) || std::isnan(values_(other)) || other == pixel)
                continue;
            around[count++] = {values_(other), place.weight};
            widest = std::max(widest, std::abs(values_(other) - own));
        }
        if (std::isnan(own) || widest <= step_)
            return own;
        const float tolerance = std::max(step_, kRinging * widest);
        const auto end =
            std::partition(around.begin(), around.begin() + static_cast<std::ptrdiff_t>(count),
                           [&](const Sample& s) { return std::abs(s.value - own) < tolerance; });
        if (end == around.begin())
            return own;
        const float flat = weighted_median(std::span(around.begin(), end));
        return std::abs(flat - own) > kStandOut * step_ ? flat : own;
    }

    /// Whether the weighted median surely lies on the surface of `own`.
    bool holds_majority(std::span<const Sample> samples, float own) const {
        float within = 0;
        float total = 0;
        for (const Sample& sample : samples) {
            total += sample.weight;
            within += std::abs(sample.value - own) <= step_ ? sample.weight : 0;
        }
        return within > 0.5001F * total;  // the rest is for rounding
    }

    bool has_step(const cv::Point& pixel, const Window& window) const {
        const float own = values_(pixel);
        return std::any_of(window.places.begin(), window.places.end(),
                           [&](const Window::Place& place) {
                               const cv::Point other(pixel.x + place.dx, pixel.y + place.dy);
                               return is_inside(other) && std::abs(values_(other) - own) > step_;
                           });
    }

    /// How much more a pixel's colour is like that of the target's side than like that of its own
    /// side, whatever the number of pixels on either: thin things must not be outvoted.
    static float relative_fit(std::span<const Sample> colored, std::span<const Sample> spatial,
                              float own, float target) {
        float own_fit = kLeastFit;
        float own_weight = kLeastFit;
        float target_fit = 0;
        float target_weight = kLeastFit;
        for (std::size_t i = 0; i < colored.size(); ++i) {
            const float value = colored[i].value;
            const bool is_own = std::abs(value - own) <= std::abs(value - target);
            (is_own ? own_fit : target_fit) += colored[i].weight;
            (is_own ? own_weight : target_weight) += spatial[i].weight;
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

}  // namespace

void sharpen(cv::Mat_<float>& values, float range, const cv::Mat_<cv::Vec3b>& rgb,
             const Mask& loose, int loose_radius, const PrepareDepthOptions& options,
             Progress* progress) {
    const float scale = static_cast<float>(std::max(values.cols, values.rows)) / kReferenceSide;
    const int radius = std::max(1, cvRound((static_cast<float>(options.window) * scale - 1) / 2));
    const float sigma = std::max(options.spatial_sigma * scale, 1.0F);
    const float step = options.edge_threshold * range;
    Mask marks = find_ramps(values, step, 3 * radius + 2);

    // Settle the ramps from both ends inwards
    const std::vector<cv::Point> ramps = marked_pixels(marks);
    Sharpener sharpener(values, step, rgb, options.color_sigma);
    const Window window(radius, sigma);
    std::vector<cv::Point> left = ramps;
    for (int pass = 0; pass < options.max_passes && !left.empty(); ++pass) {
        checkpoint(progress, "depth", static_cast<double>(pass) / options.max_passes);
        left = sharpener.settle(left, marks, window);
    }

    // Move the steps to the photo's borders
    const auto align = [&](std::vector<cv::Point> pixels, const Window& view) {
        for (int pass = 0; pass < std::min(kAlignPasses, options.max_passes); ++pass)
            pixels = sharpener.align(pixels, view);
    };
    align(ramps, window);

    // Take away what sharpened or enlarged maps show beside a step: ringing, feet of ramps
    if (!ramps.empty()) {
        Mask beside(values.size(), std::uint8_t{0});
        for (const cv::Point& pixel : ramps)
            beside(pixel) = 1;
        const int spread = (radius + 1) / 2;
        cv::dilate(beside, beside, cv::Mat::ones(2 * spread + 1, 2 * spread + 1, CV_8U));
        const std::vector<cv::Point> pixels = marked_pixels(beside);
        for (int pass = 0; pass < kFlattenPasses; ++pass)
            sharpener.flatten(pixels, window);
    }
    if (!loose.empty())
        align(marked_pixels(loose), Window(std::max(radius, loose_radius), sigma));
}

}  // namespace unflat
