// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"
#include "unflat/ldi.h"
#include "unflat/progress.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A textured mesh; one material, one texture.
struct Mesh {
    std::vector<cv::Vec3f> positions;  ///< in the photo's camera frame (y down) [scene units]
    std::vector<cv::Vec2f> uvs;        ///< per position: place in the atlas, 0..1 from its top-left
                                       ///< corner; texel (x, y) has its centre at +0.5
    std::vector<std::array<std::uint32_t, 3>> triangles;  ///< counter-clockwise as the photo's
                                                          ///< camera sees them
    cv::Mat_<cv::Vec3b> atlas;                            ///< sRGB, sides are powers of two
    cv::Rect photo_in_atlas;  ///< where the photo's own pixels stand in the atlas
    Camera camera;            ///< of the photo
    /// Soft edges, as an asset may have them: so many of the last triangles are drawn after all
    /// others, in their order, over what is behind them.
    std::size_t blended_triangles = 0;
    std::vector<std::uint8_t> opacity;  ///< per position, for these; 255 is opaque; else empty
};

struct MeshOptions {
    float error = 0.5F;     ///< bound on the simplification's error [pixels of parallax or of
                            ///< place]; silhouettes never shrink but may grow by twice as much;
                            ///< 0 keeps every pixel's square
    float motion = 0.05F;   ///< largest shift of the camera, by which errors of depth are weighed
                            ///< [scene units]
    float uv_error = 0.2F;  ///< bound on the texture's shift inside a triangle, because viewers
                            ///< interpolate in 3D [pixels]
    int max_atlas_side = 16384;  ///< [pixels]
    int padding = 4;             ///< texels around a chart that continue it
};

/// Turns layers into a textured mesh. Every LDI pixel is a square of two triangles; vertices lie on
/// pixel corners, shared by pixels that are linked around the corner (mean of their disparities),
/// separate across depth edges, so that cracks run along pixel borders. Charts are packed into one
/// power-of-two atlas; the photo is in it as it is. Flat parts are simplified within the bounds.
/// @throws Error{Unsupported} if the atlas would be larger than allowed.
/// Cost: linear in pixels; the simplification in what is not flat.
/// Source: Hedman and Kopf 2018 (charts of a layered depth image); Hoppe 1996 (half-edge
/// collapses); Klein, Liebich and Strasser 1996 (bounds held by samples). See
/// docs/algorithms/mesh.md.
Mesh build_mesh(const Ldi& ldi, const MeshOptions& options = {}, Progress* progress = nullptr);

}  // namespace unflat
