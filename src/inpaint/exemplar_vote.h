// SPDX-License-Identifier: MIT
// From matched squares to colours: each square that holds a pixel votes for its colour.
#pragma once

#include "inpaint/exemplar_match.h"

#include <vector>

namespace unflat::exemplar {

struct VoteOptions {
    float sharpness = 1;  ///< weights fall with the squares' mean cost per texel to this power
    float trust = 2.5F;   ///< factor on the weight per step towards the context
};

/// The colour of each synthesis pixel as the weighted mean of its votes; 0 elsewhere.
/// @return one value per position: red, green, blue, texture.
std::vector<cv::Vec4f> vote(const Level& level, const std::vector<Texel>& image,
                            const Matches& matches, const VoteOptions& options);

/// Writes votes into the image's synthesis region.
void apply_votes(const Level& level, const std::vector<cv::Vec4f>& votes,
                 std::vector<Texel>& image);

/// Fills the synthesis region of the coarsest level from the context inwards, step by step, each
/// step matching squares by what is known of them so far.
/// @return a match for every target; `image` is filled.
Matches peel(const Level& level, std::vector<Texel>& image, const VoteOptions& options);

}  // namespace unflat::exemplar
