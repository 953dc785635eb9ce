// SPDX-License-Identifier: MIT
// Which samples of which pixels a triangle covers: exact, so that triangles that share an edge
// neither leave a sample out nor share one.
#pragma once

#include "render/screen.h"

#include <array>
#include <cmath>
#include <cstdint>

#include <opencv2/core/hal/intrin.hpp>

namespace unflat {

inline constexpr int kSampleCount = 8;

/// Places of the samples in a pixel [1/16 pixel]: every row and column of an 8 x 8 grid holds one;
/// the standard pattern of graphics hardware.
inline constexpr int kSampleGrid = 16;
inline constexpr std::array<int, kSampleCount> kSampleU{9, 7, 13, 5, 3, 1, 11, 15};
inline constexpr std::array<int, kSampleCount> kSampleV{5, 11, 9, 3, 13, 7, 15, 1};

/// One bit per sample.
using SampleMask = std::uint32_t;
inline constexpr SampleMask kAllSamples = (1U << kSampleCount) - 1;

/// First and last column of a tile that a row of samples covers, per sample of the pixel.
struct RowSpans {
    cv::v_int16x8 first;
    cv::v_int16x8 last;

    /// Spans of a whole row.
    explicit RowSpans(int column_count)
        : first(cv::v_setzero_s16()),
          last(cv::v_setall_s16(static_cast<std::int16_t>(column_count - 1))) {}

    /// The samples that are covered in a column.
    SampleMask mask(int column) const {
        const cv::v_int16x8 here = cv::v_setall_s16(static_cast<std::int16_t>(column));
        return static_cast<SampleMask>(cv::v_signmask((here >= first) & (here <= last)));
    }

    bool is_empty() const { return !cv::v_check_any(first <= last); }
};

/// An edge of a triangle as a bound on the columns of a tile, sample by sample.
///
/// The edge function is a whole number of squared pixel steps, below 2^53 (see kGuard), so doubles
/// hold it exactly. Half a step is added: then the quotient by the step to the next column, at
/// most 2^34, stays 2^-35 away from whole numbers, farther than it is rounded.
class EdgeBound {
public:
    /// The edge from a to b, given in pixel steps from the tile's corner; the inside is where the
    /// edge function (b - a) x (p - a) is positive. Points on the edge belong to the triangle if
    /// the edge is a left one, or a top one.
    EdgeBound(double a_u, double a_v, double b_u, double b_v) {
        const double per_u = a_v - b_v, per_v = b_u - a_u;
        const bool owns_edge = per_u > 0 || (per_u == 0 && per_v > 0);
        const double at_origin = -per_u * a_u - per_v * a_v + (owns_edge ? 0.5 : -0.5);
        constexpr double kSampleStep = kPixelSteps / kSampleGrid;
        for (unsigned i = 0; i < kSampleCount; ++i)
            at_[i] = at_origin + per_u * (kSampleStep * kSampleU[i]) +
                     per_v * (kSampleStep * kSampleV[i]);
        per_row_ = per_v * kPixelSteps;
        bounds_first_ = per_u >= 0;
        // A horizontal edge bounds nothing or all: any huge factor tells by the sign
        constexpr double kHuge = 1e30;
        columns_per_value_ = per_u == 0 ? kHuge : 1 / (std::abs(per_u) * kPixelSteps);
    }

    /// Narrows the spans of a row of pixels to the inside of the edge.
    void narrow(RowSpans& spans, int row) const {
        const cv::v_float64x2 offset = cv::v_setall_f64(per_row_ * row);
        const cv::v_float64x2 factor = cv::v_setall_f64(columns_per_value_);
        // Rounding what is half less rounds down; the shift makes room for -1 and -kTileSide
        const cv::v_float64x2 shift = cv::v_setall_f64((bounds_first_ ? kLimit : 1) - 0.5);
        const cv::v_float64x2 low = cv::v_setall_f64(0);
        const cv::v_float64x2 high = cv::v_setall_f64(kLimit);
        const auto columns_of = [&](unsigned i) {
            const cv::v_float64x2 columns = (cv::v_load(at_.data() + i) + offset) * factor + shift;
            return cv::v_min(cv::v_max(columns, low), high);
        };
        const cv::v_int16x8 columns = cv::v_pack(cv::v_round(columns_of(0), columns_of(2)),
                                                 cv::v_round(columns_of(4), columns_of(6)));
        if (bounds_first_)
            spans.first = cv::v_max(spans.first, cv::v_setall_s16(kLimit) - columns);
        else
            spans.last = cv::v_min(spans.last, columns - cv::v_setall_s16(1));
    }

private:
    static constexpr std::int16_t kLimit = kTileSide + 1;

    std::array<double, kSampleCount>
        at_;  ///< edge function at the samples of the tile's first pixel
    double per_row_ = 0;
    double columns_per_value_ = 0;
    bool bounds_first_ = false;
};

}  // namespace unflat
