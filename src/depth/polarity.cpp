// SPDX-License-Identifier: MIT
#include "unflat/depth.h"
#include "unflat/error.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

// Coarse on purpose: what is asked is how columns go as a whole
constexpr int kColumns = 64, kRows = 48;
constexpr int kEndRows = kRows / 5;      // what counts as the top and the bottom
constexpr int kFewest = kRows / 4;       // valid cells of a column that says anything
constexpr float kLeastStep = 0.1F;       // of the range, by which a top is nearer than its bottom
constexpr float kMostColumns = 0.9F;     // of which this is so
constexpr float kLeastDownward = 0.45F;  // rank correlation of nearness and height, in the median
constexpr float kLeastShare = 0.5F;      // of the columns that must say anything

// Below this a map is rather what a network would give with near and far exchanged; above the
// other, the two agree whatever columns look like. Right maps have been seen at -0.29.
constexpr float kOpposite = -0.4F;
constexpr float kAgreement = 0.8F;
constexpr int kMostSamples = 10000;

// Ranks from 0, equal values share the mean of theirs
std::vector<float> ranks_of(const std::vector<float>& values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<float> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t end = first;
        while (end < order.size() && values[order[end]] == values[order[first]])
            ++end;
        for (std::size_t i = first; i < end; ++i)
            ranks[order[i]] = static_cast<float>(first + end - 1) / 2;
        first = end;
    }
    return ranks;
}

// Pearson's correlation of ranks; 0 where one of them is constant
float correlation_of_ranks(const std::vector<float>& a, const std::vector<float>& b) {
    const std::vector<float> x = ranks_of(a), y = ranks_of(b);
    const double mean = static_cast<double>(x.size() - 1) / 2;
    double xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double dx = static_cast<double>(x[i]) - mean, dy = static_cast<double>(y[i]) - mean;
        xx += dx * dx, yy += dy * dy, xy += dx * dy;
    }
    return xx > 0 && yy > 0 ? static_cast<float>(xy / std::sqrt(xx * yy)) : 0.0F;
}

// Mean of what is valid in every cell of a coarse grid, NaN where nothing is
cv::Mat_<float> coarse(const cv::Mat_<float>& values, cv::Size size) {
    cv::Mat_<float> sums(values.size()), weights(values.size());
    for (int y = 0; y < values.rows; ++y)
        for (int x = 0; x < values.cols; ++x) {
            const bool is_valid = std::isfinite(values(y, x));
            sums(y, x) = is_valid ? values(y, x) : 0.0F;
            weights(y, x) = is_valid ? 1.0F : 0.0F;
        }
    cv::resize(sums, sums, size, 0, 0, cv::INTER_AREA);
    cv::resize(weights, weights, size, 0, 0, cv::INTER_AREA);
    cv::Mat_<float> means(size);
    std::transform(sums.begin(), sums.end(), weights.begin(), means.begin(),
                   [](float sum, float weight) { return sum / weight; });  // 0/0 is NaN
    return means;
}

float mean_of_rows(const cv::Mat_<float>& cells, int x, int first, int end) {
    float sum = 0;
    int count = 0;
    for (int y = first; y < end; ++y)
        if (std::isfinite(cells(y, x))) {
            sum += cells(y, x);
            ++count;
        }
    return sum / static_cast<float>(count);
}

// Rank correlation of nearness with the way down a column
std::optional<float> downward(const cv::Mat_<float>& cells, int x) {
    std::vector<float> values, rows;
    for (int y = 0; y < cells.rows; ++y)
        if (std::isfinite(cells(y, x))) {
            values.push_back(cells(y, x));
            rows.push_back(static_cast<float>(y));
        }
    if (values.size() < static_cast<std::size_t>(kFewest))
        return std::nullopt;
    return correlation_of_ranks(values, rows);
}

// Nearly all of what the cells span
float span_of(const cv::Mat_<float>& cells) {
    std::vector<float> values;
    std::copy_if(cells.begin(), cells.end(), std::back_inserter(values),
                 [](float v) { return std::isfinite(v); });
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    const std::size_t cut = values.size() / 50;
    return values[values.size() - 1 - cut] - values[cut];
}

float median_of(std::vector<float> values) {
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

std::string in_percent(float share) {
    return std::to_string(std::lround(100 * share)) + " %";
}

// Maps with nothing valid say nothing
std::optional<cv::Mat_<float>> disparity_cells(const DepthMap& depth, cv::Size size) {
    try {
        return coarse(disparity_from_depth(depth).values, size);
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

Polarity check_polarity(const DepthMap& depth) {
    Polarity polarity;
    const auto cells = disparity_cells(depth, {kColumns, kRows});
    if (!cells)
        return polarity;
    const float step = kLeastStep * span_of(*cells);
    int compared = 0, upside_down = 0;
    std::vector<float> ways;
    for (int x = 0; x < kColumns; ++x) {
        if (const auto way = downward(*cells, x))
            ways.push_back(*way);
        const float top = mean_of_rows(*cells, x, 0, kEndRows);
        const float bottom = mean_of_rows(*cells, x, kRows - kEndRows, kRows);
        if (!std::isfinite(top) || !std::isfinite(bottom))
            continue;
        ++compared;
        upside_down += top - bottom > step ? 1 : 0;
    }
    if (static_cast<float>(compared) < kLeastShare * kColumns ||
        static_cast<float>(ways.size()) < kLeastShare * kColumns)
        return polarity;
    polarity.upside_down = static_cast<float>(upside_down) / static_cast<float>(compared);
    const float way = median_of(ways);
    polarity.is_doubtful = polarity.upside_down >= kMostColumns && way <= -kLeastDownward;
    polarity.is_clear = polarity.upside_down <= 1 - kMostColumns && way >= kLeastDownward;
    if (polarity.is_doubtful)
        polarity.reason = "the top is nearer than the bottom in " +
                          in_percent(polarity.upside_down) + " of the columns";
    return polarity;
}

float rank_correlation(const cv::Mat_<float>& a, const cv::Mat_<float>& b) {
    require(!a.empty() && !b.empty(), "rank_correlation: a map is empty");
    const double side =
        std::sqrt(static_cast<double>(kMostSamples) / static_cast<double>(a.total()));
    const cv::Size size = side >= 1 ? a.size()
                                    : cv::Size(std::max(1, static_cast<int>(a.cols * side)),
                                               std::max(1, static_cast<int>(a.rows * side)));
    const cv::Mat_<float> x = coarse(a, size), y = coarse(b, size);
    std::vector<float> first, second;
    for (int row = 0; row < size.height; ++row)
        for (int column = 0; column < size.width; ++column)
            if (std::isfinite(x(row, column)) && std::isfinite(y(row, column))) {
                first.push_back(x(row, column));
                second.push_back(y(row, column));
            }
    return first.size() < 2 ? 0.0F : correlation_of_ranks(first, second);
}

Polarity check_polarity(const DepthMap& depth, const DepthMap& estimate) {
    Polarity polarity = check_polarity(depth);
    const auto seen = disparity_cells(depth, depth.values.size());
    const auto expected = disparity_cells(estimate, estimate.values.size());
    if (!seen || !expected)
        return polarity;
    const float correlation = rank_correlation(*seen, *expected);
    if (correlation < kOpposite) {
        polarity.is_doubtful = true;
        polarity.reason = "what a network makes of the photo is the opposite";
    } else if (correlation > kAgreement) {
        polarity.is_doubtful = false;
        polarity.reason.clear();
    }
    return polarity;
}

}  // namespace unflat
