// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/io.h"

#include <optional>

namespace unflat {

/// True if depths can be told from these ends: 0 < near < far; far may be infinite.
bool is_usable(const DepthRange& range);

/// What turns the numbers that a file stores into depth or disparity.
class DepthFormula {
public:
    /// value = offset + factor * stored, of a kind.
    static DepthFormula linear(DepthKind kind, double offset = 0, double factor = 1);

    /// A named convention. `full_scale` is the number stored for 1 where codes span a range, which
    /// these conventions need. @throws Malformed if they have none, or none that is usable.
    static DepthFormula of(DepthCode code, const std::optional<DepthRange>& range,
                           double full_scale);

    /// Depth or disparity [the file's unit]; NaN for numbers that mean "unknown".
    double operator()(double stored) const;

    DepthKind kind() const { return kind_; }

private:
    enum class Form { Linear, Inverse, Kinect, Sun3d, Depth16 };
    DepthFormula(Form form, DepthKind kind, double offset, double factor)
        : form_(form), kind_(kind), offset_(offset), factor_(factor) {}

    Form form_;
    DepthKind kind_;
    double offset_, factor_;
};

/// Whether a value of this kind is depth: finite as a float, and for true kinds > 0 with a finite
/// inverse.
bool is_depth(double value, DepthKind kind);

/// Raw Kinect depth with its bytes in the wrong order: its numbers have 11 bits.
bool is_byte_swapped_kinect(const cv::Mat& samples);

}  // namespace unflat
