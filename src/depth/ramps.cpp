// SPDX-License-Identifier: MIT
#include "depth/ramps.h"

#include "core/parallel.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

constexpr float kRampShare = 0.25F;     // slope that still belongs to a ramp [of its steepest link]
constexpr float kLullShare = 0.05F;     // the same for a single link before another steep one
constexpr float kTailShare = 0.04F;     // the same for the foot of a ramp, which must fall off
constexpr float kTailDecay = 0.6F;      // the next link of a foot is at most this share as steep
constexpr float kShoulderShare = 0.5F;  // slope beyond a foot that might be cut [of the threshold]
constexpr float kBeyondShare = 0.35F;   // slope allowed beyond a ramp [of the ramp's mean slope]
constexpr std::uint8_t kSoft = 1;       // mark of a ramp no link of which exceeds the threshold
constexpr std::uint8_t kClear = 2;      // mark of any other ramp
constexpr float kSoftFactor = 3;  // a ramp without any clear link must be this many steps high

/// One row or column of a map and of its marks.
class Line {
public:
    Line(const float* values, std::uint8_t* marks, int count, std::ptrdiff_t stride,
         std::ptrdiff_t mark_stride)
        : values_(values),
          marks_(marks),
          count_(count),
          stride_(stride),
          mark_stride_(mark_stride) {}

    /// Marks the ramp whose steepest link follows pixel i, if there is one.
    void mark_ramp_at(int i, float step, int reach, float least_height) const {
        const float slope = slope_after(i);
        if (is_peak(i, slope))
            mark_ramp(i, slope, step, reach, least_height);
    }

private:
    float value(int i) const { return values_[i * stride_]; }
    float slope_after(int i) const { return value(i + 1) - value(i); }

    /// Slope of the link that follows pixel i in the direction of `sign`; 0 outside.
    float rise(int i, float sign) const {
        return i < 0 || i + 1 >= count_ ? 0.0F : sign * slope_after(i);
    }

    bool is_peak(int i, float slope) const {
        const float sign = slope < 0 ? -1.0F : 1.0F;
        return !(rise(i - 1, sign) > sign * slope) && !(rise(i + 1, sign) >= sign * slope);
    }

    /// Mean rise over the pixels beyond an end of a ramp: the smaller of a short and a long look,
    /// since another ramp may follow. `way` is +1 after, -1 before.
    float rise_beyond(int end, int way, float sign, int reach) const {
        float least = HUGE_VALF;
        for (const int distance : {2, reach}) {
            const int other = std::clamp(end + way * distance, 0, count_ - 1);
            const float total = sign * static_cast<float>(way) * (value(other) - value(end));
            least = std::min(least, std::isnan(total) || other == end
                                        ? 0.0F
                                        : total / static_cast<float>(std::abs(other - end)));
        }
        return least;
    }

    void mark_ramp(int peak, float slope, float step, int reach, float least_height) const {
        const float sign = slope < 0 ? -1.0F : 1.0F;
        const float steepest = std::abs(slope);
        const bool is_clear = steepest > step;

        // Walk down both sides while it is steep
        int first = peak;
        int last = peak + 1;
        const auto is_steep = [&](float link, float next) {
            return link >= kRampShare * steepest ||
                   (link >= kLullShare * steepest && next >= kRampShare * steepest);
        };
        while (is_steep(rise(first - 1, sign), rise(first - 2, sign)) && peak - first <= reach)
            --first;
        while (is_steep(rise(last, sign), rise(last + 1, sign)) && last - peak - 1 <= reach)
            ++last;
        if (peak - first > reach || last - peak - 1 > reach)
            return;

        // A step is high and ends on both sides
        const float height = sign * (value(last) - value(first));
        if (height <= std::max(is_clear ? step : kSoftFactor * step, least_height))
            return;
        const float beyond =
            std::max(rise_beyond(first, -1, sign, reach), rise_beyond(last, 1, sign, reach));
        if (beyond > kBeyondShare * height / static_cast<float>(last - first))
            return;

        // Add its feet
        const int foot = (reach + 1) / 2;
        const auto is_foot = [&](float link, float next) {
            return link > kTailShare * steepest && next < kTailDecay * link;
        };
        for (int i = 0; i < foot && is_foot(rise(first - 1, sign), rise(first - 2, sign)); ++i)
            --first;
        for (int i = 0; i < foot && is_foot(rise(last, sign), rise(last + 1, sign)); ++i)
            ++last;
        first -= shoulder(first, -1, sign, step, reach);
        last += shoulder(last, 1, sign, step, reach);
        const std::uint8_t kind = is_clear ? kClear : kSoft;
        for (int i = first + 1; i < last; ++i)
            marks_[i * mark_stride_] = std::max(marks_[i * mark_stride_], kind);
    }

    /// Links beyond an end of a ramp that are so steep that they might be cut themselves, if they
    /// end soon: a slanted plane does not.
    int shoulder(int end, int way, float sign, float step, int reach) const {
        int count = 0;
        while (rise(way > 0 ? end + count : end - 1 - count, sign) > kShoulderShare * step)
            if (++count > reach)
                return 0;
        return count;
    }

    const float* values_;
    std::uint8_t* marks_;
    int count_;
    std::ptrdiff_t stride_;
    std::ptrdiff_t mark_stride_;
};

constexpr int kLinesPerRange = 64;

/// Forgets ramps without a clear link that are short and touch no clear one: noise.
void drop_specks(Mask& marks, int least) {
    cv::Mat_<int> labels;
    cv::Mat_<int> boxes;
    cv::Mat_<double> centres;
    const int count = cv::connectedComponentsWithStats(marks, labels, boxes, centres);
    std::vector<std::uint8_t> keep(static_cast<std::size_t>(count), 0);
    for (int i = 1; i < count; ++i)
        keep[static_cast<std::size_t>(i)] =
            std::max(boxes(i, cv::CC_STAT_WIDTH), boxes(i, cv::CC_STAT_HEIGHT)) >= least;
    for (int y = 0; y < marks.rows; ++y)
        for (int x = 0; x < marks.cols; ++x)
            if (marks(y, x) == kClear)
                keep[static_cast<std::size_t>(labels(y, x))] = 1;
    for (int y = 0; y < marks.rows; ++y)
        for (int x = 0; x < marks.cols; ++x)
            marks(y, x) = marks(y, x) && keep[static_cast<std::size_t>(labels(y, x))] ? 1 : 0;
}

}  // namespace

Mask find_ramps(const cv::Mat_<float>& values, float step, int reach, float least_height) {
    Mask marks(values.size(), std::uint8_t{0});
    // What the steepest link of a ramp has at least: its share of a soft ramp's height
    const float least = std::min(step, kSoftFactor * step / static_cast<float>(2 * reach + 3));
    parallel_ranges(values.rows, kLinesPerRange, [&](int first, int last) {
        for (int y = first; y < last; ++y) {
            const float* row = values[y];
            const Line line(row, marks[y], values.cols, 1, 1);
            for (int x = 0; x + 1 < values.cols; ++x)
                if (std::abs(row[x + 1] - row[x]) >= least)
                    line.mark_ramp_at(x, step, reach, least_height);
        }
    });

    // Columns: scanned by rows all the same, which is kinder to caches
    const auto stride = static_cast<std::ptrdiff_t>(values.step1());
    const auto mark_stride = static_cast<std::ptrdiff_t>(marks.step1());
    parallel_ranges(values.cols, kLinesPerRange, [&](int first, int last) {
        for (int y = 0; y + 1 < values.rows; ++y) {
            const float* row = values[y];
            const float* below = values[y + 1];
            for (int x = first; x < last; ++x)
                if (std::abs(below[x] - row[x]) >= least)
                    Line(values[0] + x, marks[0] + x, values.rows, stride, mark_stride)
                        .mark_ramp_at(y, step, reach, least_height);
        }
    });
    drop_specks(marks, 2 * reach);
    return marks;
}

}  // namespace unflat
