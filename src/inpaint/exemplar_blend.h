// SPDX-License-Identifier: MIT
// Smooth colours drawn towards the diffusion of the context's colours.
#pragma once

#include "inpaint/exemplar_level.h"

#include <span>
#include <vector>

namespace unflat::exemplar {

/// Moves the low frequencies of synthesised colours by `share` of the way to a diffusion of the
/// context: a guess of exemplars may be wrong as a whole, the smooth one is right on average. The
/// detail stays, and at the context nothing changes.
/// @param levels finest first; low frequencies are what the third (or the last) one can hold.
/// @param image texels of the finest level; changed in its synthesis region.
void blend_low_frequencies(std::span<const Level> levels, float share, std::vector<Texel>& image);

}  // namespace unflat::exemplar
