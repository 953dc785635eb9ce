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
    double error = 0;  ///< estimate of what its geometry loses [levels^2]
    float bound = 0;   ///< that held [pixels]
    std::int64_t geometry_bytes = 0;
};

/// How much of each chart is seen on average over the views [pixels].
std::vector<float> seen_per_chart(const Surface& surface, const std::vector<float>& seen);

/// Surfaces of the triangle counts that are to be tried, as far as they can be reached and leave
/// bytes for a texture, each simplified further from the one before.
/// @param chart_seen of seen_per_chart.
std::vector<Plan> make_plans(DecimateInput input, const AssetCharts& charts,
                             std::vector<float> chart_seen, const Parallax& parallax,
                             const AssetOptions& options, Progress* progress);

}  // namespace unflat
