// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/ldi.h"

#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A part of the surface that stands in one piece in the atlas: at most one pixel at a position.
struct Chart {
    cv::Rect box;                      ///< positions that it spans, in the photo's raster
    cv::Point origin;                  ///< where the box's top-left pixel stands in the atlas
    std::vector<std::int32_t> pixels;  ///< empty for the photo's own chart
};

/// How a layered depth image is divided among charts.
struct Charts {
    std::vector<Chart> charts;           ///< the first one is the photo
    std::vector<std::int32_t> of_pixel;  ///< per LDI pixel: its chart
    cv::Size atlas;                      ///< powers of two
};

/// Divides a layered depth image into charts: the photo, and pieces of connected hidden pixels.
/// Pixels of the photo that continue behind something go with what continues them: in the photo
/// their neighbour is the occluder, whose colour filtering would mix in.
/// Cost: linear in pixels.
Charts find_charts(const Ldi& ldi);

/// Packs all charts with `padding` texels around them into the smallest atlas whose sides are
/// powers of two, wide rather than high; the photo stands at its top-left corner.
/// @throws Error{Unsupported} if a side would be larger than `max_side`.
/// Cost: charts times the corners of the skyline.
/// Source: skyline packing, bottom-left rule; Jylanki, "A thousand ways to pack the bin", 2010.
void pack_charts(Charts& charts, int padding, int max_side);
bool try_to_pack_charts(Charts& charts, int padding, int max_side);  ///< false instead of an error

/// Paints the atlas. Around a chart stand the colours of the pixels that its surface continues to,
/// as far as links lead, else the nearest of its own.
cv::Mat_<cv::Vec3b> paint_atlas(const Ldi& ldi, const Charts& charts, int padding);

}  // namespace unflat
