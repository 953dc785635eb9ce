// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"

#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A corner of a polygon in the camera's frame.
struct ClipVertex {
    cv::Vec3d position;  ///< [scene units]
    cv::Vec3d atlas;     ///< (s, t, 1) times the depth in the photo's frame: linear in space
};

using ClipPolygon = std::vector<ClipVertex>;

/// Cuts away what lies nearer than `near_z` or is seen more than `guard` pixels left, right, above
/// or below of the view's top-left corner. Polygons that share an edge get the same new corners on
/// it, so no gap opens.
/// Source: Sutherland and Hodgman, "Reentrant Polygon Clipping", 1974.
void clip_polygon(ClipPolygon& polygon, const Camera& camera, double near_z, double guard);

}  // namespace unflat
