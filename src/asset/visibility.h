// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"

#include "mesh/surface.h"

#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// What one view shows at the centres of its pixels.
struct SeenFaces {
    cv::Mat_<std::int32_t> face;  ///< -1: nothing
    cv::Mat_<float> disparity;    ///< in the view's own camera [1 / scene units]; 0: nothing
};

/// Where a view shows a point.
struct ScreenPoint {
    float u = 0, v = 0;  ///< [pixels of the drawing]
    float w = 0;         ///< its disparity in the view's camera; 0 if it is not in front of it
};
std::vector<ScreenPoint> project_points(const Surface& surface, const Camera& camera,
                                        const View& view, float scale);

/// Draws a surface without colours. Triangles that reach behind the camera are left out.
/// @param reduction pixels of the view per pixel of the result, along a side
SeenFaces draw_faces(const Surface& surface, const Camera& camera, const View& view, int reduction);
/// The same for points that are projected already, with a scale of 1 / reduction.
SeenFaces draw_faces(const Surface& surface, const std::vector<ScreenPoint>& points,
                     const View& view, int reduction);

/// Per face: how much of it is seen on average over views [pixels of a view].
std::vector<float> seen_areas(const Surface& surface, const Camera& camera,
                              const std::vector<View>& views, int reduction);

}  // namespace unflat
