// SPDX-License-Identifier: MIT
#include "depth/resample.h"

#include "core/parallel.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

/// The samples along one axis that a pixel is made of.
struct Taps {
    int first = 0;
    std::vector<float> weights;
};

/// Tents of the width of the larger of the two pixels, cut off at the border.
std::vector<Taps> make_taps(int from, int to) {
    const double ratio = static_cast<double>(from) / to;
    const double width = std::max(1.0, ratio);
    std::vector<Taps> all(static_cast<std::size_t>(to));
    for (int i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * ratio - 0.5;
        const int first = std::max(0, static_cast<int>(std::floor(centre - width)) + 1);
        const int last = std::min(from - 1, static_cast<int>(std::ceil(centre + width)) - 1);
        Taps& taps = all[static_cast<std::size_t>(i)];
        taps.first = std::min(first, from - 1);
        double total = 0;
        for (int k = taps.first; k <= std::max(last, taps.first); ++k) {
            const double weight = std::max(1 - std::abs(k - centre) / width, 0.0);
            taps.weights.push_back(static_cast<float>(weight));
            total += weight;
        }
        for (float& weight : taps.weights)
            weight = static_cast<float>(static_cast<double>(weight) / total);
    }
    return all;
}

constexpr float kAlike =
    0.4F;  // as for depth edges: so much of a link's rise has a slope beside it

struct Sample {
    float value;
    float weight;
};

/// The average of the weightier side of the widest gap. Reorders `samples`.
float one_sided_mean(std::vector<Sample>& samples) {
    std::sort(samples.begin(), samples.end(),
              [](const Sample& a, const Sample& b) { return a.value < b.value; });
    std::size_t split = 1;
    for (std::size_t i = 2; i < samples.size(); ++i)
        if (samples[i].value - samples[i - 1].value >
            samples[split].value - samples[split - 1].value)
            split = i;
    float total[2] = {0, 0};
    float weight[2] = {0, 0};
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const int side = i < split ? 0 : 1;
        total[side] += samples[i].weight * samples[i].value;
        weight[side] += samples[i].weight;
    }
    const int side = weight[1] >= weight[0] ? 1 : 0;
    return total[side] / weight[side];
}

class Resampler {
public:
    Resampler(const cv::Mat_<float>& values, cv::Size size, float step)
        : values_(values),
          step_(step),
          columns_(make_taps(values.cols, size.width)),
          rows_(make_taps(values.rows, size.height)) {}

    void row(int y, float* result, std::uint8_t* loose) const {
        const Taps& vertical = rows_[static_cast<std::size_t>(y)];
        std::vector<Sample> samples;
        for (std::size_t x = 0; x < columns_.size(); ++x) {
            const Taps& horizontal = columns_[x];
            float mean = 0;
            float least = HUGE_VALF;
            float most = -HUGE_VALF;
            for (std::size_t j = 0; j < vertical.weights.size(); ++j) {
                const float* source =
                    values_[vertical.first + static_cast<int>(j)] + horizontal.first;
                for (std::size_t i = 0; i < horizontal.weights.size(); ++i) {
                    mean += vertical.weights[j] * horizontal.weights[i] * source[i];
                    least = std::min(least, source[i]);
                    most = std::max(most, source[i]);
                }
            }
            if (most - least > step_ && has_step(vertical, horizontal)) {
                collect(vertical, horizontal, samples);
                mean = one_sided_mean(samples);
                loose[x] = 1;
            }
            result[x] = std::clamp(mean, least, most);
        }
    }

private:
    /// Whether neighbours among the samples part; a slope, however steep, rises alike before and
    /// after.
    bool has_step(const Taps& vertical, const Taps& horizontal) const {
        const int right = horizontal.first + static_cast<int>(horizontal.weights.size()) - 1;
        const int bottom = vertical.first + static_cast<int>(vertical.weights.size()) - 1;
        for (int y = vertical.first; y <= bottom; ++y)
            for (int x = horizontal.first; x <= right; ++x)
                if ((x < right && is_step({x, y}, {1, 0})) ||
                    (y < bottom && is_step({x, y}, {0, 1})))
                    return true;
        return false;
    }

    bool is_step(cv::Point p, cv::Point along) const {
        const float rise = values_(p + along) - values_(p);
        if (std::abs(rise) <= step_)
            return false;
        const cv::Rect map({}, values_.size());
        const cv::Point previous = p - along, next = p + 2 * along;
        const float before = map.contains(previous) ? values_(p) - values_(previous) : rise;
        const float after = map.contains(next) ? values_(next) - values_(p + along) : rise;
        return std::min(before / rise, after / rise) < kAlike;
    }

    void collect(const Taps& vertical, const Taps& horizontal, std::vector<Sample>& samples) const {
        samples.clear();
        for (std::size_t j = 0; j < vertical.weights.size(); ++j) {
            const float* source = values_[vertical.first + static_cast<int>(j)] + horizontal.first;
            for (std::size_t i = 0; i < horizontal.weights.size(); ++i)
                if (const float weight = vertical.weights[j] * horizontal.weights[i]; weight > 0)
                    samples.push_back({source[i], weight});
        }
    }

    const cv::Mat_<float>& values_;
    float step_;
    std::vector<Taps> columns_;
    std::vector<Taps> rows_;
};

constexpr int kRowsPerRange = 16;

}  // namespace

Resampled resample_disparity(const cv::Mat_<float>& values, cv::Size size, float step) {
    if (size == values.size())
        return {.values = values, .loose = Mask(), .loose_radius = 0};
    Resampled result{.values = cv::Mat_<float>(size), .loose = Mask(size, std::uint8_t{0})};
    const Resampler resampler(values, size, step);
    parallel_ranges(size.height, kRowsPerRange, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            resampler.row(y, result.values[y], result.loose[y]);
    });

    // A sample says where a step is to within its own size
    const double scale = std::max(static_cast<double>(size.width) / values.cols,
                                  static_cast<double>(size.height) / values.rows);
    result.loose_radius = static_cast<int>(std::ceil(1.5 * std::max(scale, 1.0)));
    const int spread = static_cast<int>(std::ceil(std::max(scale, 1.0) / 2));
    cv::dilate(result.loose, result.loose, cv::Mat::ones(2 * spread + 1, 2 * spread + 1, CV_8U));
    return result;
}

}  // namespace unflat
