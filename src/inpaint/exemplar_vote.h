// SPDX-License-Identifier: MIT
// From matched squares to colours: each square that holds a pixel votes for its colour.
#pragma once

#include "inpaint/exemplar_match.h"

#include <vector>

namespace unflat::exemplar {

/// Makes each synthesis pixel of `image` the weighted mean of its votes. Weights fall with the
/// squares' mean cost per texel and with their steps from the context.
void vote(const Level& level, const Matches& matches, std::vector<Texel>& image);

/// Makes each synthesis pixel of `image` the centre of the square matched with its own: what coarse
/// matches say without the blur and the cost of a vote.
void copy_centres(const Level& level, const Matches& matches, std::vector<Texel>& image);

/// Fills the synthesis region of the coarsest level from the context inwards, step by step, each
/// step matching squares by what is known of them so far.
/// @return a match for every target; `image` is filled.
Matches peel(const Level& level, std::vector<Texel>& image);

}  // namespace unflat::exemplar
