// SPDX-License-Identifier: MIT
#include "depth/fill.h"

#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace unflat {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr int kLinesPerRange = 32;
constexpr int kPixelsPerRange = 1024;
constexpr int kSmoothPasses = 2;
constexpr float kRiseShare = 0.25F;  // error allowed in the rise of a slanted surface over a gap

/// What a row or a column says about an unknown pixel.
struct Guess {
    float value = kNaN;
    float distance = 0;  ///< to the known pixel, or the nearer of the two, that it comes from
};

/// Joins two answers: one surface is interpolated, of two the farther one is taken.
/// @param rise by how much the surface is expected to rise from a to b.
Guess join(const Guess& a, const Guess& b, float rise, float step) {
    if (std::isnan(a.value))
        return b;
    if (std::isnan(b.value))
        return a;
    if (std::abs(b.value - a.value - rise) > step + kRiseShare * std::abs(rise))
        return a.value < b.value ? a : b;
    const float share = a.distance / (a.distance + b.distance);
    return {a.value + share * (b.value - a.value), std::min(a.distance, b.distance)};
}

using Guesses = cv::Mat_<cv::Vec2f>;

/// Slope of a surface between two pixels beside a gap; 0 if there is none or it parts there.
template <typename Value>
float slope_between(int i, int j, int count, float step, const Value& value) {
    if (i < 0 || j >= count)
        return 0;
    const float slope = value(j) - value(i);
    return std::abs(slope) <= step ? slope : 0.0F;
}

/// Answers for the gaps of one line, which is `count` pixels that lie `stride` apart.
template <typename Value, typename Answer>
void guess_line(int count, float step, const Value& value, const Answer& answer) {
    for (int first = 0; first < count; ++first) {
        if (!std::isnan(value(first)))
            continue;
        int last = first;
        while (last + 1 < count && std::isnan(value(last + 1)))
            ++last;
        const float before = first > 0 ? value(first - 1) : kNaN;
        const float after = last + 1 < count ? value(last + 1) : kNaN;
        const float slope = (slope_between(first - 2, first - 1, count, step, value) +
                             slope_between(last + 1, last + 2, count, step, value)) /
                            2;
        const float rise = slope * static_cast<float>(last - first + 2);
        for (int i = first; i <= last; ++i)
            answer(i, join({before, static_cast<float>(i - first + 1)},
                           {after, static_cast<float>(last + 1 - i)}, rise, step));
        first = last;
    }
}

/// One round: pixels with a known one in their row or column are answered.
void fill_round(cv::Mat_<float>& values, float step) {
    Guesses across(values.size());
    Guesses along(values.size());
    parallel_ranges(values.rows, kLinesPerRange, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            guess_line(
                values.cols, step, [&](int x) { return values(y, x); },
                [&](int x, const Guess& guess) {
                    across(y, x) = {guess.value, guess.distance};
                });
    });
    parallel_ranges(values.cols, kLinesPerRange, [&](int first, int last) {
        for (int x = first; x < last; ++x)
            guess_line(
                values.rows, step, [&](int y) { return values(y, x); },
                [&](int y, const Guess& guess) {
                    along(y, x) = {guess.value, guess.distance};
                });
    });
    for (int y = 0; y < values.rows; ++y)
        for (int x = 0; x < values.cols; ++x)
            if (std::isnan(values(y, x)))
                values(y, x) = join({across(y, x)[0], across(y, x)[1]},
                                    {along(y, x)[0], along(y, x)[1]}, 0, step)
                                   .value;
}

std::vector<cv::Point> unknown_pixels(const cv::Mat_<float>& values) {
    std::vector<cv::Point> pixels;
    for (int y = 0; y < values.rows; ++y)
        for (int x = 0; x < values.cols; ++x)
            if (std::isnan(values(y, x)))
                pixels.emplace_back(x, y);
    return pixels;
}

/// Mean of the pixels around one that lie on its surface.
float surface_mean(const cv::Mat_<float>& values, const cv::Point& pixel, float step) {
    constexpr int kRadius = 2;
    const float own = values(pixel);
    float total = 0;
    int count = 0;
    for (int y = std::max(pixel.y - kRadius, 0); y <= std::min(pixel.y + kRadius, values.rows - 1);
         ++y)
        for (int x = std::max(pixel.x - kRadius, 0);
             x <= std::min(pixel.x + kRadius, values.cols - 1); ++x)
            if (std::abs(values(y, x) - own) <= step) {
                total += values(y, x);
                ++count;
            }
    return total / static_cast<float>(count);
}

/// Median of the filled pixels around one: streaks of single rows and columns go.
float filled_median(const cv::Mat_<float>& values, const cv::Mat_<std::uint8_t>& filled,
                    const cv::Point& pixel) {
    constexpr int kRadius = 2;
    std::array<float, (2 * kRadius + 1) * (2 * kRadius + 1)> around{};
    std::ptrdiff_t count = 0;
    for (int y = std::max(pixel.y - kRadius, 0); y <= std::min(pixel.y + kRadius, values.rows - 1);
         ++y)
        for (int x = std::max(pixel.x - kRadius, 0);
             x <= std::min(pixel.x + kRadius, values.cols - 1); ++x)
            if (filled(y, x))
                around[static_cast<std::size_t>(count++)] = values(y, x);
    const auto middle = around.begin() + (count - 1) / 2;
    std::nth_element(around.begin(), middle, around.begin() + count);
    return *middle;
}

/// Replaces the values of `pixels` by what `filter` makes of all values before.
template <typename Filter>
void replace(cv::Mat_<float>& values, const std::vector<cv::Point>& pixels, const Filter& filter) {
    std::vector<float> results(pixels.size());
    parallel_ranges(static_cast<int>(pixels.size()), kPixelsPerRange, [&](int first, int last) {
        for (int i = first; i < last; ++i) {
            const auto k = static_cast<std::size_t>(i);
            results[k] = filter(pixels[k]);
        }
    });
    for (std::size_t i = 0; i < pixels.size(); ++i)
        values(pixels[i]) = results[i];
}

void smooth(cv::Mat_<float>& values, const std::vector<cv::Point>& pixels, float step) {
    cv::Mat_<std::uint8_t> filled(values.size(), std::uint8_t{0});
    for (const cv::Point& pixel : pixels)
        filled(pixel) = 1;
    replace(values, pixels,
            [&](const cv::Point& pixel) { return filled_median(values, filled, pixel); });
    for (int pass = 0; pass < kSmoothPasses; ++pass)
        replace(values, pixels,
                [&](const cv::Point& pixel) { return surface_mean(values, pixel, step); });
}

}  // namespace

void fill_unknown(cv::Mat_<float>& values, float step) {
    const std::vector<cv::Point> unknown = unknown_pixels(values);
    if (unknown.empty())
        return;

    // The first round reaches all that share a row or a column with something known, the second
    // the rest
    fill_round(values, step);
    fill_round(values, step);
    smooth(values, unknown, step);
}

}  // namespace unflat
