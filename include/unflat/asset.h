// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"
#include "unflat/mesh.h"
#include "unflat/progress.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// Turns an atlas into the bytes of a picture file and back; io has one for JPEG. Called from
/// several threads at once; the same picture gives the same bytes.
class TextureCodec {
public:
    virtual ~TextureCodec() = default;
    /// @param quality 1..100
    /// @param full_chroma colour as fine as brightness; else half as fine
    virtual std::vector<std::byte> encode(const cv::Mat_<cv::Vec3b>& rgb, int quality,
                                          bool full_chroma) const = 0;
    virtual cv::Mat_<cv::Vec3b> decode(std::span<const std::byte> bytes) const = 0;
};

struct AssetOptions {
    std::int64_t size = 500'000;  ///< of the file at most [bytes]
    bool quantize = true;         ///< positions and texture coordinates on a grid of 16 bits
    int max_texture_side = 2048;  ///< [pixels]
    float margin = 0.15F;         ///< how much farther than the views the camera is thought to
                                  ///< move when it is decided what can be seen [share]
    float error = 1.5F;           ///< bound on the error of what is seen well [pixels of parallax
                                  ///< along the views, or of place]; kept unless the size cannot
                                  ///< be reached otherwise
    bool soft_edges = true;       ///< silhouettes are blended with what is behind them, where the
                                  ///< photo's pixels there are mixtures
    float uv_error = 0.6F;        ///< bound on the texture's shift inside a triangle [pixels]
    /// That are tried, falling, until triangles take less than a fifth of the bytes
    std::vector<int> triangle_counts{24'000, 20'000, 16'000, 12'000, 9'000,
                                     6'500,  4'500,  3'000,  2'000,  1'200};
};

/// Positions are whole multiples of a step above an origin, in the photo's camera frame.
struct PositionGrid {
    cv::Vec3f origin{0, 0, 0};
    cv::Vec3f step{0, 0, 0};  ///< [scene units]; 0: no grid
    cv::Vec3f at(const cv::Vec3f& steps) const { return origin + step.mul(steps); }
};

/// Where the camera may stand before anything unfilled shows, beyond what shows from the photo's
/// own camera: a box around it, in the photo's camera frame [scene units].
struct SafeRange {
    cv::Vec3f min{0, 0, 0};
    cv::Vec3f max{0, 0, 0};
};

/// What make_asset chose, and the error that it estimates.
struct AssetChoice {
    int texture_quality = 0;         ///< given to the codec
    bool full_chroma = false;        ///< the same
    float front_scale = 1;           ///< texels per pixel of the photo
    float hidden_scale = 1;          ///< texels per pixel of what is hidden
    std::int64_t texture_bytes = 0;  ///< of the encoded texture
    float error_bound =
        0;  ///< that held: how far what is seen well strays [pixels along the views]
    float own_view_psnr = 0;  ///< of the decoded front chart against the photo [dB]
};

/// A 3D photo as one small file holds it.
struct Asset {
    Mesh mesh;                       ///< its atlas is the decoded texture: what a viewer shows
    std::vector<std::byte> texture;  ///< as encoded
    PositionGrid grid;
    SafeRange safe_range;
    AssetChoice choice;
};

/// Makes the smaller version of a mesh that fits into a file of a given size: what no view sees is
/// dropped, the rest is simplified where it is seen least, the atlas is divided anew with charts
/// on whole blocks of the codec, and triangles and the texture's quality are chosen so that their
/// estimated errors together are least.
/// @param views from where it will be looked at; the photo's own view is always one of them.
/// @throws Error{InvalidInput} if the mesh or an option is unusable; Error{Unsupported} if the size
/// cannot be reached.
/// Cost: about n log n in triangles, linear in texels and in views.
/// Source: Garland and Heckbert 1997 (quadrics), Hoppe 1996 (half-edge collapses); see
/// docs/algorithms/asset.md.
Asset make_asset(const Mesh& mesh, const std::vector<View>& views, const TextureCodec& codec,
                 const AssetOptions& options = {}, Progress* progress = nullptr);

/// The disparity that a mesh's own camera sees at the centres of its pixels; where it sees nothing,
/// the least that it sees anywhere [1 / scene units].
cv::Mat_<float> seen_disparity(const Mesh& mesh);

}  // namespace unflat
