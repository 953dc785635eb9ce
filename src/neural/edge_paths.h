// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/inpaint.h"

#include <cstdint>

#include <opencv2/core.hpp>

namespace unflat {

/// What an edge network says, in maps of the size of the patch; valid in the synthesis region.
/// Either `near_side`, or `right` and `down`.
struct EdgeProbability {
    cv::Mat_<float> near_side;  ///< that a pixel lies on the near side of a depth edge
    cv::Mat_<float> right;      ///< that the link to the right neighbour is cut
    cv::Mat_<float> down;       ///< that the link to the lower neighbour is cut
};

/// Depth edges of a patch after a network was asked.
struct CleanEdges {
    cv::Mat_<std::uint8_t> cuts;   ///< all of them, as in InpaintPatch
    cv::Mat_<std::uint8_t> paths;  ///< those that follow the network
};

/// Turns probabilities into clean lines of cuts. From every end of a depth edge at the synthesis
/// region a path is followed along pixel borders through what is probable, its near side always on
/// the same hand: to the one other end that fits, or to where most of the probability leads. Where
/// there is no path, or several ends could be meant, the edge goes on as the patch has it.
/// @param threshold probabilities at or below it count as none.
CleanEdges clean_edges(const InpaintPatch& patch, const EdgeProbability& probability,
                       float threshold);

/// True if a depth edge of the context ends at the synthesis region: there is something to ask.
bool has_open_ends(const InpaintPatch& patch);

}  // namespace unflat
