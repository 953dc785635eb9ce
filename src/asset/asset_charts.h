// SPDX-License-Identifier: MIT
#pragma once

#include "asset/asset_surface.h"

#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A chart of the asset: faces that stand in one piece in its atlas.
struct AssetChart {
    cv::Rect box;                       ///< what it spans in the photo's raster [pixels]
    std::vector<std::uint32_t> faces;   ///< of the surface from which it is painted; none of the
                                        ///< photo
    std::vector<std::uint32_t> beside;  ///< faces of other charts that continue it
    cv::Point origin;                   ///< of the box in the atlas [texels]
    cv::Size2f scale{1, 1};             ///< texels per pixel
};

/// Charts and where they stand.
struct AssetCharts {
    std::vector<AssetChart> charts;  ///< the first one is the photo
    cv::Size atlas;                  ///< powers of two

    /// Where a place of the photo's raster stands in the atlas [texels].
    cv::Point2f texel(std::int32_t chart, float x, float y) const {
        const AssetChart& c = charts[static_cast<std::size_t>(chart)];
        return {
            static_cast<float>(c.origin.x) + (x - static_cast<float>(c.box.x)) * c.scale.width,
            static_cast<float>(c.origin.y) + (y - static_cast<float>(c.box.y)) * c.scale.height};
    }
};

/// How far beyond its faces a hidden chart is painted with what continues it [pixels].
inline constexpr float kPaintedBeyond = 6;

/// Blocks of the texture's codec that share no coefficient [texels a side].
inline constexpr int kTextureBlock = 16;

/// Divides the faces of a surface anew, into fewer and larger charts than those that they come
/// from: empty texels cost an encoded texture next to nothing. Overlaps are kept apart.
/// What is hardly seen goes with a neighbour. Changes the faces' chart.
/// @param seen per face: how much of it is seen on average [pixels]
/// @param losses per face: what views lose if it shows the photo's colours [levels^2 x pixels]
AssetCharts find_asset_charts(AssetSurface& surface, cv::Size photo, const std::vector<float>& seen,
                              const std::vector<float>& losses);

/// Places the charts, on whole blocks, with these texels per pixel.
/// @return false if they do not fit into `max_side`.
bool lay_out(AssetCharts& charts, float front_scale, float hidden_scale, int max_side);

/// What a chart shows, at the photo's size, with kChartPadding around.
struct ChartPicture {
    cv::Mat_<cv::Vec3b> rgb;
    cv::Mat_<std::uint8_t> mask;    ///< 255 where painted; empty: everywhere
    cv::Mat_<std::uint8_t> weight;  ///< how much of a pixel is seen on average, 255 being all of
                                    ///< it; empty: all of it everywhere
};

/// Paints charts from the atlas of the mesh that they were made of; the first picture is the photo.
/// @param sources per face of `surface` the chart of the mesh
/// @param seen per face: how much of it is seen on average [pixels]
std::vector<ChartPicture> paint_charts(const Mesh& mesh, const AssetSurface& surface,
                                       const std::vector<std::int32_t>& sources,
                                       const std::vector<float>& seen, const AssetCharts& charts);

/// The same pictures, painted no farther around a surface's faces than a texture of so many texels
/// per pixel is read.
std::vector<ChartPicture> painted_where_needed(const std::vector<ChartPicture>& pictures,
                                               const Surface& surface, const AssetCharts& charts,
                                               float scale);

/// The atlas of a layout. What no chart covers continues them smoothly, and is flat where whole
/// blocks of the codec are empty, which costs it nothing.
cv::Mat_<cv::Vec3b> paint_atlas(const std::vector<ChartPicture>& pictures,
                                const AssetCharts& charts);

/// The photo's chart in an atlas anew, from another photo.
void repaint_photo(const cv::Mat_<cv::Vec3b>& photo, const AssetCharts& charts,
                   cv::Mat_<cv::Vec3b>& atlas);

/// A part of a picture on `size` texels: its colours where it is painted, times how much of a
/// texel is, and that as the fourth number.
cv::Mat_<cv::Vec4f> scaled_part(const ChartPicture& picture, cv::Rect part, cv::Size size);

/// Fills what is not painted with what is around it, from far to near.
/// Source: pull-push, Gortler et al., "The lumigraph", 1996
void fill_smoothly(cv::Mat_<cv::Vec4f>& colours);

/// To bytes.
cv::Mat_<cv::Vec3b> rounded(const cv::Mat_<cv::Vec4f>& colours);

/// Pixels around a chart's box that belong to its picture.
inline constexpr int kChartPadding = 8;

/// Size of a hidden chart's picture: whole for scales in fourths [pixels].
inline cv::Size picture_size(const AssetChart& chart) {
    const auto side = [](int pixels) { return (pixels + 2 * kChartPadding + 3) / 4 * 4; };
    return {side(chart.box.width), side(chart.box.height)};
}

}  // namespace unflat
