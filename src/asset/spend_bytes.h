// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"

#include "asset/asset_charts.h"
#include "asset/asset_plan.h"
#include "asset/asset_texture.h"
#include "asset/texture_curves.h"

#include <functional>
#include <optional>
#include <vector>

namespace unflat {

/// A plan with its texture.
struct Spent {
    const Plan* plan = nullptr;
    TextureSetting setting;
    AssetCharts charts;           ///< those that the plan needs, laid out
    cv::Mat_<cv::Vec3b> atlas{};  ///< these, painted
    TextureEncoder::Encoded texture;
};

/// Of all plans, scales of the texture and ways to store colour the one that loses least and fits.
/// @param plans from fine to coarse; the result points to one of them
/// @param geometry_error of a plan [levels^2]; asked for where it may decide
/// @param curves with the usual scales
/// @return nothing if none fits
std::optional<Spent> spend_bytes(const std::vector<Plan>& plans,
                                 const std::function<double(const Plan&)>& geometry_error,
                                 TextureCurves& curves, const AssetCharts& charts,
                                 const std::vector<ChartPicture>& pictures,
                                 const TextureCodec& codec, const AssetOptions& options);

/// Scales of the texture that are tried first [texels per pixel].
inline const std::vector<float> kUsualFrontScales{1}, kUsualHiddenScales{1, 0.75F, 0.5F};

}  // namespace unflat
