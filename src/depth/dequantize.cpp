// SPDX-License-Identifier: MIT
#include "depth/dequantize.h"

#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace unflat {
namespace {

constexpr std::size_t kMostLevels = 1024;  // a map with more was not rounded coarsely
constexpr std::size_t kFewestLevels = 16;  // with fewer it is made of planes, not of terraces
constexpr float kCoarse = 0.5F;            // typical gap of levels that needs help [of a step]
constexpr float kWidestGap = 3;            // gap that is still a terrace's, not an edge [of a step]
constexpr float kFlatShare = 0.5F;    // least share of level links along rows and along columns
constexpr float kSingleShare = 0.5F;  // least share of single-level steps among all steps
constexpr std::uint16_t kUnknown = 0xFFFF;
constexpr float kDiagonal = 1.41421F;
constexpr float kDome = 8;            // way to a flat top or ground on which no level follows [px]
constexpr int kMostSweeps = 8;        // of a distance transform around corners
constexpr int kSmoothingPasses = 12;  // against the creases along the contours
constexpr int kRowsPerRange = 32;

/// The values of a map in rising order; nothing if there are too many.
std::optional<std::vector<float>> find_levels(const cv::Mat_<float>& values) {
    std::set<float> levels;
    for (int y = 0; y < values.rows; ++y) {
        const float* row = values[y];
        for (int x = 0; x < values.cols; ++x) {
            if (std::isnan(row[x]) || (x > 0 && row[x] == row[x - 1]))
                continue;
            levels.insert(row[x]);
            if (levels.size() > kMostLevels)
                return std::nullopt;
        }
    }
    return std::vector<float>(levels.begin(), levels.end());
}

class Terraces {
public:
    Terraces(cv::Mat_<float>& values, std::vector<float> levels, float step)
        : values_(values),
          levels_(std::move(levels)),
          widest_(kWidestGap * step),
          index_(values.size(), kUnknown) {
        for (int y = 0; y < values.rows; ++y)
            for (int x = 0; x < values.cols; ++x)
                if (!std::isnan(values(y, x)))
                    index_(y, x) = static_cast<std::uint16_t>(
                        std::lower_bound(levels_.begin(), levels_.end(), values(y, x)) -
                        levels_.begin());
    }

    /// Whether these are terraces, wider than a pixel, and coarse ones.
    bool are_coarse(float step) const {
        Links down;
        Links right;
        for (int y = 0; y + 1 < index_.rows; ++y)
            for (int x = 0; x + 1 < index_.cols; ++x) {
                count({x, y}, {x + 1, y}, right);
                count({x, y}, {x, y + 1}, down);
            }
        std::vector<float> gaps = right.gaps;
        gaps.insert(gaps.end(), down.gaps.begin(), down.gaps.end());
        const std::size_t steps = gaps.size() + right.jumps + down.jumps;
        if (gaps.empty() ||
            static_cast<float>(gaps.size()) < kSingleShare * static_cast<float>(steps) ||
            !are_flat(right) || !are_flat(down))
            return false;
        const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
        std::nth_element(gaps.begin(), middle, gaps.end());
        return *middle > kCoarse * step && *middle <= widest_;
    }

    /// Interpolates between the contours that bound each terrace.
    void slope() {
        const cv::Mat_<float> rise = distances(1);
        const cv::Mat_<float> fall = distances(-1);
        for (int y = 0; y < values_.rows; ++y)
            for (int x = 0; x < values_.cols; ++x)
                if (index_(y, x) != kUnknown)
                    values_(y, x) = sloped(index_(y, x), rise(y, x), fall(y, x));
    }

    void smooth() {
        cv::Mat_<float> result(values_.size());
        for (int pass = 0; pass < kSmoothingPasses; ++pass) {
            parallel_ranges(values_.rows, kRowsPerRange, [&](int first, int last) {
                for (int y = first; y < last; ++y)
                    for (int x = 0; x < values_.cols; ++x)
                        result(y, x) = smoothed(x, y);
            });
            cv::swap(static_cast<cv::Mat&>(result), static_cast<cv::Mat&>(values_));
        }
    }

private:
    /// The links of one direction.
    struct Links {
        std::size_t level = 0;    ///< within a terrace
        std::vector<float> gaps;  ///< heights of those to the next level
        std::size_t jumps = 0;    ///< to others
    };

    void count(const cv::Point& a, const cv::Point& b, Links& links) const {
        if (index_(a) == kUnknown || index_(b) == kUnknown)
            return;
        const int way = std::abs(index_(a) - index_(b));
        if (way == 0)
            ++links.level;
        else if (way == 1)
            links.gaps.push_back(std::abs(values_(a) - values_(b)));
        else
            ++links.jumps;
    }

    static bool are_flat(const Links& links) {
        const std::size_t all = links.level + links.gaps.size() + links.jumps;
        return static_cast<float>(links.level) >= kFlatShare * static_cast<float>(all);
    }

    /// Whether two levels follow one another on one surface.
    bool are_joined(std::uint16_t a, std::uint16_t b) const {
        return a == b || (a != kUnknown && b != kUnknown && std::abs(a - b) == 1 &&
                          std::abs(levels_[a] - levels_[b]) <= widest_);
    }

    /// The end of a level's interval towards the level `way` (+1 or -1) from it.
    float end_of(std::uint16_t level, int way) const {
        const int other = level + way;
        const bool is_last = other < 0 || other >= static_cast<int>(levels_.size());
        const float value = levels_[level];
        const float next = is_last ? value : levels_[static_cast<std::size_t>(other)];
        return std::abs(next - value) > widest_ ? value : (value + next) / 2;
    }

    /// Way of every pixel within its terrace to the contour towards the level `way` from its own
    /// [pixels]; infinite if there is none.
    cv::Mat_<float> distances(int way) const {
        cv::Mat_<float> result(index_.size(), HUGE_VALF);
        const cv::Rect frame({}, index_.size());
        for (int y = 0; y < index_.rows; ++y)
            for (int x = 0; x < index_.cols; ++x)
                for (const cv::Point& step : {cv::Point(1, 0), {0, 1}, {-1, 0}, {0, -1}}) {
                    const cv::Point other = cv::Point(x, y) + step;
                    if (frame.contains(other) && index_(y, x) != kUnknown &&
                        index_(other) == index_(y, x) + way &&
                        are_joined(index_(y, x), index_(other)))
                        result(y, x) = 0.5F;
                }
        for (int sweep = 0; sweep < kMostSweeps; ++sweep)
            if (const bool forth = spread(result, 1), back = spread(result, -1); !forth && !back)
                break;
        return result;
    }

    /// One sweep of a distance transform that does not leave the terraces.
    bool spread(cv::Mat_<float>& distance, int way) const {
        const cv::Rect frame({}, index_.size());
        const std::array<cv::Point, 4> steps{cv::Point(-way, 0), cv::Point(0, -way),
                                             cv::Point(-1, -way), cv::Point(1, -way)};
        const std::array<float, 4> lengths{1, 1, kDiagonal, kDiagonal};
        bool changed = false;
        for (int i = 0; i < index_.rows; ++i)
            for (int k = 0; k < index_.cols; ++k) {
                const cv::Point pixel(way > 0 ? k : index_.cols - 1 - k,
                                      way > 0 ? i : index_.rows - 1 - i);
                for (std::size_t s = 0; s < steps.size(); ++s) {
                    const cv::Point other = pixel + steps[s];
                    if (!frame.contains(other) || index_(other) != index_(pixel) ||
                        !(distance(other) + lengths[s] < distance(pixel)))
                        continue;
                    distance(pixel) = distance(other) + lengths[s];
                    changed = true;
                }
            }
        return changed;
    }

    float sloped(std::uint16_t level, float rise, float fall) const {
        const float value = levels_[level];
        if (std::isfinite(rise) && std::isfinite(fall)) {
            const float low = end_of(level, -1);
            return low + (end_of(level, 1) - low) * fall / (rise + fall);
        }
        const float distance = std::min(rise, fall);
        const float end = end_of(level, rise < fall ? 1 : -1);
        return value + (end - value) * std::max(0.0F, 1 - distance / kDome);
    }

    float smoothed(int x, int y) const {
        const std::uint16_t level = index_(y, x);
        if (level == kUnknown)
            return values_(y, x);
        float sum = values_(y, x);
        float count = 1;
        const auto add = [&](int column, int row) {
            if (column < 0 || row < 0 || column >= index_.cols || row >= index_.rows ||
                !are_joined(level, index_(row, column)))
                return;
            sum += values_(row, column);
            count += 1;
        };
        add(x - 1, y);
        add(x + 1, y);
        add(x, y - 1);
        add(x, y + 1);
        return std::clamp(sum / count, end_of(level, -1), end_of(level, 1));
    }

    cv::Mat_<float>& values_;
    std::vector<float> levels_;
    float widest_;
    cv::Mat_<std::uint16_t> index_;  ///< into levels_
};

}  // namespace

void dequantize(cv::Mat_<float>& values, float step) {
    std::optional<std::vector<float>> levels = find_levels(values);
    if (!levels || levels->size() < kFewestLevels)
        return;
    Terraces terraces(values, std::move(*levels), step);
    if (!terraces.are_coarse(step))
        return;
    terraces.slope();
    terraces.smooth();
}

}  // namespace unflat
