// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/mesh.h"

#include "asset/asset_surface.h"

#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// Leaves out faces that are not of the photo and neither seen nor beside one that is.
/// @param seen per face: how much of it is seen on average [pixels]; shrinks with the surface
void drop_unseen(AssetSurface& asset, std::vector<float>& seen);

/// Leaves out pieces that hang on nothing of the photo and are hardly seen.
void drop_loose(AssetSurface& asset, std::vector<float>& seen, cv::Size photo);

/// Per face: what views lose if it shows the photo's colours instead of its own [levels^2 x
/// pixels].
std::vector<float> losses_as_photo(const AssetSurface& asset, const std::vector<float>& seen,
                                   const Mesh& mesh);

}  // namespace unflat
