// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"

#include "asset/asset_charts.h"

#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// What simplified surfaces lose, measured: views of them with the charts' own pictures are
/// compared with those of the surface that was not simplified, at some of the pixels.
class PlanErrors {
public:
    /// @param surface that was not simplified, its faces in the charts; must outlive this
    PlanErrors(const Surface& surface, const Camera& camera, const AssetCharts& charts,
               const std::vector<ChartPicture>& pictures, const std::vector<View>& views);
    /// Mean square over views and pixels [levels^2].
    double of(const Surface& plan) const;

private:
    cv::Mat_<cv::Vec3f> colours(const Surface& surface, const View& view) const;
    double error_in(const Surface& plan, std::size_t view) const;

    const Camera& camera_;
    const AssetCharts& charts_;
    const std::vector<ChartPicture>& pictures_;
    std::vector<View> views_;
    int reduction_;
    std::vector<cv::Mat_<cv::Vec3f>> truth_;  // per view
};

}  // namespace unflat
