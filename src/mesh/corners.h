// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/ldi.h"

#include <array>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// Corners of a pixel's square, clockwise on the screen.
enum Corner : int { kTopLeft = 0, kTopRight = 1, kBottomRight = 2, kBottomLeft = 3 };

/// Where a corner stands relative to its pixel's position.
inline cv::Point corner_offset(int corner) {
    constexpr int kDx[4] = {0, 1, 1, 0};
    constexpr int kDy[4] = {0, 0, 1, 1};
    return {kDx[corner], kDy[corner]};
}

/// The geometry of every pixel's square: which vertex stands at each of its corners. Pixels that
/// are linked one to the next around a grid corner share one vertex, whose disparity is the mean
/// of theirs; all others have their own.
struct CornerVertices {
    std::vector<std::array<std::int32_t, 4>> of_pixel;  ///< vertex at each Corner
    std::vector<cv::Point> places;                      ///< per vertex: its grid corner
    std::vector<float> disparities;                     ///< per vertex [1 / scene units]
};

/// Finds the vertices of all pixels. Vertices of hidden pixels are moved back where they would
/// come nearer than `margin` behind the photo's square in front of them.
/// @param margin [1 / scene units]
/// Cost: linear in pixels.
CornerVertices find_corner_vertices(const Ldi& ldi, float margin);

}  // namespace unflat
