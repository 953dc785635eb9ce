// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"

#include "asset/asset_charts.h"
#include "asset/carve_rims.h"

namespace unflat {

/// Texture coordinates are whole multiples of this where they are quantised.
inline constexpr float kUvStep = 1.F / 32768;

/// Gives vertices to the surface of an asset, on a grid if asked to. Texture coordinates are those
/// of the place where the rounded position is seen, so that the photo's own view stays as it is.
/// Vertices of opaque triangles come first, those of blended ones last; some are of both.
/// @param grid is found for it
Mesh asset_mesh(const SoftSurface& surface, const Camera& camera, const AssetCharts& charts,
                bool quantize, PositionGrid& grid);

}  // namespace unflat
