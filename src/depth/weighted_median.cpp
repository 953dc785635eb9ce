// SPDX-License-Identifier: MIT
#include "depth/weighted_median.h"

#include <cstddef>

namespace unflat {
namespace {

struct Split {
    std::size_t count = 0;  ///< samples that were brought to the front
    float weight = 0;       ///< their total
};

/// Brings the samples that `belongs` picks to the front. Without branches: which side a sample
/// falls on cannot be foretold, and a wrong guess costs more than a move.
template <typename Belongs>
Split bring_forward(std::span<WeightedValue> samples, const Belongs& belongs) {
    Split split;
    for (WeightedValue& sample : samples) {
        const WeightedValue current = sample;
        const int is_in = belongs(current.value) ? 1 : 0;
        sample = samples[split.count];
        samples[split.count] = current;
        split.count += static_cast<std::size_t>(is_in);
        split.weight += static_cast<float>(is_in) * current.weight;
    }
    return split;
}

}  // namespace

float weighted_median(std::span<WeightedValue> samples) {
    float half = 0;
    for (const WeightedValue& sample : samples)
        half += sample.weight / 2;
    while (samples.size() > 1) {
        const float pivot = samples[samples.size() / 2].value;
        const Split below = bring_forward(samples, [&](float value) { return value < pivot; });
        if (below.count > 0 && below.weight >= half) {
            samples = samples.first(below.count);
            continue;
        }
        half -= below.weight;
        samples = samples.subspan(below.count);
        if (below.count > 0)
            continue;

        // Nothing lies below the pivot: it is the answer, or all that equal it go
        const Split equal = bring_forward(samples, [&](float value) { return value == pivot; });
        if (equal.weight >= half || equal.count == samples.size())
            return pivot;
        half -= equal.weight;
        samples = samples.subspan(equal.count);
    }
    return samples.front().value;
}

}  // namespace unflat
