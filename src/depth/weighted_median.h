// SPDX-License-Identifier: MIT
#pragma once

#include <span>

namespace unflat {

struct WeightedValue {
    float value;
    float weight;
};

/// The lowest value at which the cumulated weight reaches half of the total. Reorders `samples`.
/// @pre at least one sample, none NaN, weights >= 0.
/// Cost: linear in samples on average.
float weighted_median(std::span<WeightedValue> samples);

}  // namespace unflat
