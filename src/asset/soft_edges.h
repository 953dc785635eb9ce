// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"

#include "asset/carve_rims.h"
#include "asset/rim_matte.h"

#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// Bytes of a file per point of a soft silhouette: a vertex, opacity on both sides of the strip and
/// two triangles.
std::int64_t soft_point_bytes(bool quantize);

/// Bytes that soft edges of a surface may take at most: a small share of the file.
std::int64_t soft_edge_bytes(const Surface& surface, std::int64_t file_bytes, bool quantize);

struct SoftEdges {
    SoftSurface surface;
    cv::Mat_<cv::Vec3b> photo;  ///< for its chart: rims have the foreground's own colours
};

/// Makes the silhouettes of an asset soft where the photo's pixels there are mixtures: the
/// outermost pixels become a strip whose opacity is estimated, its colours those of the foreground,
/// so that from its own camera both together are the photo, and what is seen through them from
/// elsewhere is what then lies behind.
/// @param views from where nothing may be missing behind a strip; the first is the photo's own
/// @param reduction of the drawings that look for that
SoftEdges make_soft_edges(const Surface& surface, const OwnLayers& layers, const Camera& camera,
                          const std::vector<View>& views, int reduction, std::size_t most_points);

}  // namespace unflat
