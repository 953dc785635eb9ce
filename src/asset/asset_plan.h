// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"

#include "asset/asset_charts.h"
#include "asset/decimate.h"

#include <cstdint>
#include <vector>

namespace unflat {

/// What a file holds beside vertices, faces and texture [bytes].
inline constexpr std::int64_t kSceneBytes = 4096;

/// One way to spend the bytes: a surface of fewer triangles.
struct Plan {
    Surface surface;
    float bound = 0;  ///< that held [pixels]
    std::int64_t geometry_bytes = 0;
};

/// Surfaces of the triangle counts that are to be tried, as far as they can be reached and leave
/// bytes for a texture, each simplified further from the one before.
/// @param losses per face: what views lose if it shows the photo's colours [levels^2 x pixels]
std::vector<Plan> make_plans(DecimateInput input, const AssetCharts& charts,
                             const std::vector<float>& losses, const Parallax& parallax,
                             const AssetOptions& options);

}  // namespace unflat
