// SPDX-License-Identifier: MIT
// Which samples of which pixels a triangle covers: exact, so that triangles that share an edge
// neither leave a sample out nor share one.
#pragma once

#include "render/screen.h"

#include <algorithm>
#include <array>
#include <cstdint>

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
    std::array<std::int16_t, kSampleCount> first;
    std::array<std::int16_t, kSampleCount> last;

    /// The samples that are covered in a column.
    SampleMask mask(int column) const {
        SampleMask mask = 0;
        for (unsigned i = 0; i < kSampleCount; ++i)
            mask |= static_cast<SampleMask>(column >= first[i] && column <= last[i]) << i;
        return mask;
    }
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
        const double offset = per_row_ * row;
        constexpr double kLimit = kTileSide + 1;
        if (bounds_first_) {
            for (unsigned i = 0; i < kSampleCount; ++i) {
                const double columns = (at_[i] + offset) * columns_per_value_ + kLimit;
                const int first = kTileSide + 1 - clamp_to_columns(columns);
                spans.first[i] = std::max(spans.first[i], static_cast<std::int16_t>(first));
            }
        } else {
            for (unsigned i = 0; i < kSampleCount; ++i) {
                const double columns = (at_[i] + offset) * columns_per_value_ + 1;
                const int last = clamp_to_columns(columns) - 1;
                spans.last[i] = std::min(spans.last[i], static_cast<std::int16_t>(last));
            }
        }
    }

private:
    static int clamp_to_columns(double columns) {
        constexpr double kLimit = kTileSide + 1;
        columns = columns > 0 ? columns : 0;
        columns = columns < kLimit ? columns : kLimit;
        return static_cast<int>(columns);
    }

    std::array<double, kSampleCount>
        at_;  ///< edge function at the samples of the tile's first pixel
    double per_row_ = 0;
    double columns_per_value_ = 0;
    bool bounds_first_ = false;
};

}  // namespace unflat
