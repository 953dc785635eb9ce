// SPDX-License-Identifier: MIT
#pragma once

#include "asset/asset_surface.h"

#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// What a mesh's own camera sees, and what it would see if that were not there.
struct OwnLayers {
    cv::Mat_<cv::Vec3b> photo;
    cv::Mat_<float> front;           ///< disparity of what is seen [1 / scene units]
    cv::Mat_<float> behind;          ///< disparity of what is hidden right behind it; 0: nothing
    cv::Mat_<cv::Vec3b> behind_rgb;  ///< its colours
};

/// @param front disparity of the mesh's own view
/// @param sources per face of `surface` the chart of the mesh
OwnLayers own_layers(const Mesh& mesh, const AssetSurface& surface,
                     const std::vector<std::int32_t>& sources, cv::Mat_<float> front);

/// How much of a photo's pixels the foreground covers at its silhouettes.
class RimMatte {
public:
    /// Silhouettes lie where the photo's pixels hide something and stand beside what continues it.
    /// Cost: linear in pixels near silhouettes.
    explicit RimMatte(const OwnLayers& layers);

    enum Side : std::uint8_t {
        None,  ///< not near a silhouette
        Near,  ///< of the foreground
        Far,   ///< beside it
    };
    Side side(const cv::Point& pixel) const { return static_cast<Side>(side_(pixel)); }
    /// 0..1; 1 where nothing can be told.
    float alpha(const cv::Point& pixel) const { return alpha_(pixel); }
    /// How different the foreground and what it hides are [levels]; 0 where that is not known.
    float contrast(const cv::Point& pixel) const { return contrast_(pixel); }
    /// The colour that the foreground must have for a pixel to be as it is in the photo, if this
    /// much of it is foreground: between the photo's colour and the foreground's own.
    cv::Vec3b foreground(const cv::Point& pixel, float opacity) const;
    float width() const { return width_; }  ///< how far inside tint is looked for [pixels]

private:
    void find_sides();
    void estimate(const cv::Point& pixel);
    cv::Vec3f background_beside(const cv::Point& pixel) const;

    const OwnLayers& layers_;
    float width_;
    cv::Mat_<std::uint8_t> side_;  ///< Side
    cv::Mat_<cv::Vec2f> inwards_;  ///< per near pixel: from the nearest far one, which is as far
    cv::Mat_<float> alpha_, contrast_;
    cv::Mat_<cv::Vec3b> foreground_;  ///< per near pixel: what would be there without tint
    std::vector<cv::Point> near_;
};

}  // namespace unflat
