// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/inpaint.h"

#include <array>
#include <cstdint>
#include <vector>

namespace unflat {

/// The synthesis pixels of a patch as unknowns of a diffusion, ordered outwards from the context
/// (onion rings), so that one sweep carries values from the context to the innermost pixel.
struct DiffusionSystem {
    /// A neighbour that an unknown is joined to.
    static constexpr std::int32_t kNone = -1;

    struct Unknown {
        std::int32_t pixel = 0;  ///< y * width + x
        /// Per Direction: kNone, the unknown i as i, or the context pixel p as -2 - p.
        std::array<std::int32_t, 4> neighbours{kNone, kNone, kNone, kNone};
        std::int32_t ring = 0;  ///< steps from the context, the nearest ring being 0
    };

    int width = 0;
    std::vector<Unknown> unknowns;
    std::size_t reached = 0;  ///< the first so many are joined to some context; the rest to none

    explicit DiffusionSystem(const InpaintPatch& patch);
};

}  // namespace unflat
