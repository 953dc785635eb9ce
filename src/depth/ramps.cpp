// SPDX-License-Identifier: MIT
#include "depth/ramps.h"

#include "core/parallel.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace unflat {
namespace {

constexpr float kRampShare = 0.25F;   // slope that still belongs to a ramp [of its steepest link]
constexpr float kTailShare = 0.04F;   // the same for the foot of a ramp, which must fall off
constexpr float kTailDecay = 0.6F;    // the next link of a foot is at most this share as steep
constexpr float kBeyondShare = 0.35F; // slope allowed beyond a ramp [of the ramp's mean slope]
constexpr float kSoftFactor = 2;      // a ramp without any clear link must be this many steps high

/// One row or column of a map and of its marks.
class Line {
public:
    Line(const float* values, std::uint8_t* marks, int count, std::ptrdiff_t stride,
         std::ptrdiff_t mark_stride)
        : values_(values), marks_(marks), count_(count), stride_(stride), mark_stride_(mark_stride) {}

    void mark_ramps(float step, int reach) const {
        const float least = step / static_cast<float>(2 * reach + 1);
        for (int i = 0; i + 1 < count_; ++i) {
            const float slope = slope_after(i);
            if (std::abs(slope) >= least && is_peak(i, slope))
                mark_ramp(i, slope, step, reach);
        }
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

    void mark_ramp(int peak, float slope, float step, int reach) const {
        const float sign = slope < 0 ? -1.0F : 1.0F;
        const float steepest = std::abs(slope);

        // Walk down both sides while it is steep
        int first = peak;
        int last = peak + 1;
        while (rise(first - 1, sign) >= kRampShare * steepest && peak - first <= reach)
            --first;
        while (rise(last, sign) >= kRampShare * steepest && last - peak - 1 <= reach)
            ++last;
        if (peak - first > reach || last - peak - 1 > reach)
            return;

        // A step is high and ends on both sides
        const float height = sign * (value(last) - value(first));
        if (height <= (steepest > step ? step : kSoftFactor * step))
            return;
        const float beyond = std::max(rise_beyond(first, -1, sign, reach),
                                      rise_beyond(last, 1, sign, reach));
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
        for (int i = first + 1; i < last; ++i)
            marks_[i * mark_stride_] = 1;
    }

    const float* values_;
    std::uint8_t* marks_;
    int count_;
    std::ptrdiff_t stride_;
    std::ptrdiff_t mark_stride_;
};

constexpr int kLinesPerRange = 32;

}  // namespace

Mask find_ramps(const cv::Mat_<float>& values, float step, int reach) {
    Mask marks(values.size(), std::uint8_t{0});
    parallel_ranges(values.rows, kLinesPerRange, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            Line(values[y], marks[y], values.cols, 1, 1).mark_ramps(step, reach);
    });
    const auto stride = static_cast<std::ptrdiff_t>(values.step1());
    const auto mark_stride = static_cast<std::ptrdiff_t>(marks.step1());
    parallel_ranges(values.cols, kLinesPerRange, [&](int first, int last) {
        for (int x = first; x < last; ++x)
            Line(values[0] + x, marks[0] + x, values.rows, stride, mark_stride)
                .mark_ramps(step, reach);
    });
    return marks;
}

}  // namespace unflat
