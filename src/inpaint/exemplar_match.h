// SPDX-License-Identifier: MIT
// For every square that reaches into the synthesis region, the most similar square of the context.
#pragma once

#include "inpaint/exemplar_level.h"

#include <cstdint>
#include <span>
#include <vector>

namespace unflat::exemplar {

/// Per target of a level: the position of its source, and how bad the match is.
struct Matches {
    std::vector<int> source;
    std::vector<int> cost;  ///< sum of squared differences over the mask, and what distance costs
};

/// One of them.
struct Match {
    int source;
    int cost;
};

/// Small and fast; the same sequence for the same seed on every machine.
class Random {
public:
    explicit Random(std::uint32_t seed) : state_(seed * 747796405U + 2891336453U) { next(); }
    std::uint32_t next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return state_ == 0 ? state_ = 0x9E3779B9U : state_;
    }
    /// Uniform in [low, high].
    int between(int low, int high) {
        const auto span = static_cast<std::uint64_t>(high - low) + 1;
        return low + static_cast<int>((next() * span) >> 32);
    }

private:
    std::uint32_t state_;
};

/// A seed that differs for every pair.
constexpr std::uint32_t mix(std::uint32_t seed, std::uint32_t value) {
    std::uint32_t h = (seed ^ (value * 0x85EBCA6BU)) * 0xC2B2AE35U;
    h ^= h >> 15;
    return h * 0x27D4EB2FU + 0x165667B1U;
}

/// Measures the costs anew after the image has changed.
void measure_matches(const Level& level, const std::vector<Texel>& image, Matches& matches);

/// One PatchMatch sweep (propagation and random search) over all targets, in parallel by bands:
/// within a band matches spread at once, between bands at the next sweep.
/// @param iteration its parity is the direction of propagation.
/// @param reach radius of the random search around the best match [pixels]; 0: no random search.
void improve_matches(const Level& level, const std::vector<Texel>& image, Matches& matches,
                     std::uint32_t seed, int iteration, int reach);

/// The best of a fixed sample of all sources and of `hints`, for one square.
Match search_source(const Level& level, const std::vector<Texel>& image, int position, Mask mask,
                    std::span<const int> hints);

/// Carries matches over to the next finer level. Their costs are not measured yet: 0.
Matches refine_matches(const Level& coarse, const Matches& matches, const Level& fine,
                       std::uint32_t seed);

}  // namespace unflat::exemplar
