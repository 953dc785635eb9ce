// SPDX-License-Identifier: MIT
// From matched squares to colours: each square that holds a pixel votes for its colour.
#pragma once

#include "inpaint/exemplar_match.h"

#include <vector>

namespace unflat::exemplar {

struct VoteOptions {
    float trust = 2.5F;  ///< factor on the weight per step towards the context
};

/// Makes each synthesis pixel of `image` the weighted mean of its votes. Weights fall with the
/// squares' mean cost per texel.
void vote(const Level& level, const Matches& matches, const VoteOptions& options,
          std::vector<Texel>& image);

/// Fills the synthesis region of the coarsest level from the context inwards, step by step, each
/// step matching squares by what is known of them so far.
/// @return a match for every target; `image` is filled.
Matches peel(const Level& level, std::vector<Texel>& image, const VoteOptions& options);

}  // namespace unflat::exemplar
