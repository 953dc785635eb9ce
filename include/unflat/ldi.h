// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/depth.h"
#include "unflat/photo.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A pixel of a layered depth image: a little square of one surface. 36 bytes.
struct LdiPixel {
    std::int32_t x = 0;      ///< column in the photo's raster; may lie outside the photo
    std::int32_t y = 0;      ///< row in the photo's raster; may lie outside the photo
    float disparity = 1;     ///< 1/z [1 / scene units], finite and > 0
    cv::Vec3b rgb;           ///< sRGB
    std::uint8_t round = 0;  ///< 0: of the photo; else when synthesised
    std::array<std::int32_t, 4> links{-1, -1, -1, -1};  ///< neighbour of the same surface in each
                                                        ///< Direction, or -1
    std::int32_t behind = -1;  ///< next farther pixel at the same position, or -1

    std::int32_t link(Direction direction) const {
        return links[static_cast<std::size_t>(direction)];
    }
};

/// A layered depth image: any number of pixels at a position, each linked to at most one
/// neighbour in each of four directions, not linked across depth edges.
///
/// The photo's pixels come first, in raster order: the pixel at (x, y) has index
/// y * camera.size.width + x and is the front one of its position. Columns of pixels run from near
/// to far.
/// Source: Shade et al., "Layered Depth Images", 1998; links after Hedman and Kopf 2018.
struct Ldi {
    Camera camera;            ///< of the photo
    cv::Rect canvas;          ///< positions that may hold pixels; contains the photo
    float range = 3;          ///< as in DisparityMap
    bool true_scale = false;  ///< as in DisparityMap
    float threshold = 0;      ///< as in DepthEdges
    std::vector<LdiPixel> pixels;
    std::vector<std::int32_t> fronts;  ///< per canvas position, row-major: index of its nearest
                                       ///< pixel, or -1

    /// Index into `fronts`. @pre (x, y) lies inside the canvas.
    std::size_t position(int x, int y) const {
        return static_cast<std::size_t>(y - canvas.y) * static_cast<std::size_t>(canvas.width) +
               static_cast<std::size_t>(x - canvas.x);
    }
    bool contains(int x, int y) const { return canvas.contains(cv::Point(x, y)); }
    /// Nearest pixel at (x, y), or -1; also -1 outside the canvas.
    std::int32_t front(int x, int y) const { return contains(x, y) ? fronts[position(x, y)] : -1; }
    /// Number of pixels that belong to the photo.
    std::size_t photo_pixel_count() const {
        return static_cast<std::size_t>(camera.size.width) *
               static_cast<std::size_t>(camera.size.height);
    }
};

/// Lifts a photo onto a layered depth image of one layer: 4-connected, cut along the depth edges.
/// @pre photo, disparity and edges have the same size.
/// @throws Error{InvalidInput} if they have not.
Ldi lift(const Photo& photo, const DisparityMap& disparity, const DepthEdges& edges);

/// Enlarges the canvas (never shrinks it); pixels keep their indices.
void enlarge_canvas(Ldi& ldi, const cv::Rect& canvas);

/// Adds an unlinked pixel into the column at its position, behind all that are at least as near.
/// @return its index. @pre its position lies inside the canvas.
std::int32_t add_pixel(Ldi& ldi, const LdiPixel& pixel);

/// Links two pixels both ways. @pre `b` lies one step in `direction` from `a`, both slots are free.
void link(Ldi& ldi, std::int32_t a, Direction direction, std::int32_t b);

/// Cuts the link of a pixel in a direction, if there is one, on both sides.
void cut(Ldi& ldi, std::int32_t pixel, Direction direction);

/// Checks what every stage relies on: links are mutual and lead one step in their direction,
/// columns are ordered near to far and complete, disparities are finite and > 0, the photo's
/// pixels come first and in front.
/// @return one sentence for the first violation found, or an empty string.
std::string find_violation(const Ldi& ldi);

}  // namespace unflat
