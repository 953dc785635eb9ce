// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/mesh.h"

#include "mesh/surface.h"

#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A chart of the mesh that is made smaller, as far as painting needs it: texel = place + shift.
struct SourceChart {
    cv::Point2f shift;  ///< from the photo's raster to the atlas [texels]
};

/// A mesh seen from the photo's camera again: its points over the photo's plane, shared between
/// charts. A point belongs to one fan of faces, so the surface is a manifold.
struct AssetSurface {
    Surface surface;  ///< a face's chart is an index of `charts`; 0 is the photo
    std::vector<SourceChart> charts;
};

/// Cost: linear in triangles.
AssetSurface surface_of(const Mesh& mesh);

/// Splits points at which faces meet that no chain of faces around the point joins.
void split_fans(Surface& surface);

}  // namespace unflat
