// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/inpaint.h"

#include "neural/edge_paths.h"

#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// Two surfaces whose border goes on behind the same occluder (or one whose own depth edge does),
/// seen without what hides them: around the place where they meet. The patches of a round hold one
/// surface each, so an edge between two is in neither of them.
struct EdgeProblem {
    std::vector<std::size_t> members;  ///< patches: one or two
    InpaintPatch view;                 ///< both together, nearest first
    cv::Mat_<std::int32_t> owner;      ///< patch of each pixel of the view; -1 outside
};

/// The problems of a round: where an edge of the context ends at the synthesis region.
/// @param most_margin how much around a place is seen at most [pixels]; less around short ones.
std::vector<EdgeProblem> find_edge_problems(std::span<const InpaintPatch> patches, int most_margin);

/// Puts edges into a problem's view, and disparities on their sides to what is known there: what
/// the next pass is shown.
void adopt(EdgeProblem& problem, const CleanEdges& edges);

/// The patches of a round after the edges of their problems were drawn: synthesis pixels may have
/// gone from one to another.
struct Redrawn {
    std::vector<InpaintPatch> patches;
    cv::Point origin;              ///< of `owner` in the photo's raster
    cv::Mat_<std::int32_t> owner;  ///< patch of each synthesis pixel; -1 elsewhere
};

/// Gives every synthesis pixel to the surface on whose side of the edges it lies.
/// @param edges per problem.
Redrawn redraw(std::span<const InpaintPatch> patches, std::span<const EdgeProblem> problems,
               std::span<const CleanEdges> edges);

}  // namespace unflat
