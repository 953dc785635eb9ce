// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"

#include "asset/asset_charts.h"
#include "asset/asset_plan.h"
#include "asset/asset_texture.h"
#include "asset/texture_curves.h"

#include <optional>
#include <vector>

namespace unflat {

/// A plan with its texture.
struct Spent {
    const Plan* plan = nullptr;
    TextureSetting setting;
    AssetCharts charts;  ///< those that the plan needs, laid out
    TextureEncoder::Encoded texture;
};

/// Of all plans, scales of the texture and ways to store colour the one that loses least and fits.
/// @param plans with the errors of their geometry; the result points to one of them
/// @return nothing if none fits
std::optional<Spent> spend_bytes(const std::vector<Plan>& plans, const AssetCharts& charts,
                                 const std::vector<ChartPicture>& pictures,
                                 const TextureCodec& codec, const AssetOptions& options);

}  // namespace unflat
