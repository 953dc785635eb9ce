// SPDX-License-Identifier: MIT
#pragma once

#include "mesh/surface.h"

#include <cstdint>
#include <vector>

namespace unflat {

/// A place that a simplified surface should pass through.
struct FitSample {
    std::uint32_t face = 0;  ///< that covers it
    Surface::Point place;
    float weight = 1;     ///< of its squared error
    float tolerance = 1;  ///< of its error [1 / scene units]
};

/// Moves points along the photo's rays so that the weighted squared error of all samples is least:
/// a surface between points that were on the true one lies to one side of it wherever that bends.
/// The own view stays as it is. No sample that was within its tolerance leaves it.
/// @param may_come_nearer per point: 0 for what must stay behind something
/// Cost: linear in samples.
void fit_disparity(Surface& surface, const std::vector<FitSample>& samples,
                   const std::vector<std::uint8_t>& may_come_nearer);

}  // namespace unflat
