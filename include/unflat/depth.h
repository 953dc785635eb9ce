// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/depth_map.h"
#include "unflat/photo.h"
#include "unflat/progress.h"

#include <cstdint>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// Inverse depth 1/z of every pixel, without gaps: the form in which all stages think of depth,
/// because shifts on the screen are proportional to it.
struct DisparityMap {
    cv::Mat_<float> values;   ///< 1/z [1 / scene units], finite and > 0 (NaN only before filling)
    float range = 3;          ///< span of disparity to which thresholds relate [1 / scene units]
    bool true_scale = false;  ///< made from true depth; never rescaled
};

// ---- From a depth map to a disparity map of the photo's size

struct PrepareDepthOptions {
    bool sharpen = true;         ///< turn ramps into steps
    int window = 7;              ///< side of the filter at 1024 px on the long side [pixels], odd
    float spatial_sigma = 4.0F;  ///< of the weighted median at 1024 px [pixels]
    float color_sigma = 0.1F;    ///< s in exp(-D^2 / 2 s^2), D Euclidean sRGB distance in 0..1
    int max_passes = 12;         ///< bound on repetitions; it ends early once ramps are steps
    float edge_threshold = 0.04F / 3.0F;  ///< step that counts as a discontinuity [of the range]
};

/// Converts what a depth map says into disparity: relative disparity v becomes
/// d = max(3 (v - min)/(max - min), 0.05), a constant map d = 1 with a warning; true kinds keep
/// their scale. The size is kept and invalid pixels stay NaN. `range` is 3, or for true depth the
/// span between the 0.5th and the 99.5th percentile of 1/z.
/// @throws Error{InvalidInput} if no pixel is valid.
DisparityMap disparity_from_depth(const DepthMap& depth, Progress* progress = nullptr);

/// Makes the disparity map that all later stages work on: converted, sharpened at its own size,
/// resampled to the photo's size without mixing near and far, gaps filled from the farther side,
/// sharpened again with weights from the photo. See docs/algorithms/depth.md.
/// @return a map of the size of the photo; without `sharpen` only converted, resampled and filled.
/// @throws Error{InvalidInput} if no pixel is valid or the aspect ratios differ by more than a
/// factor of 1.25.
/// Cost: linear in pixels; the filter works only near discontinuities.
/// Source: bilateral median after Shih et al. 2020, section 3.1; weighted as in Ma et al. 2013.
DisparityMap prepare_depth(const Photo& photo, const DepthMap& depth,
                           const PrepareDepthOptions& options = {}, Progress* progress = nullptr);

// ---- Doubts

/// Whether a depth map looks as if near and far were exchanged. Nothing is ever exchanged by
/// itself.
struct Polarity {
    bool is_doubtful = false;
    bool is_clear = false;  ///< columns say that it is right, so that nothing else need be asked
    std::string reason;     ///< in words, where it is
    float upside_down = 0;  ///< share of the columns whose top is nearer than their bottom, 0..1
};

/// Looks at columns: the world stands on the ground, so what is higher in a photo is mostly
/// farther. Says nothing of maps that do not say either, such as a wall or a close-up.
/// Cost: linear in pixels.
Polarity check_polarity(const DepthMap& depth);

/// Spearman's rank correlation of two disparity maps of one photo, over what is valid in both; the
/// second is resampled to the size of the first. -1 (near and far exchanged) to 1.
/// Cost: sorts at most some ten thousand samples.
float rank_correlation(const cv::Mat_<float>& a, const cv::Mat_<float>& b);

/// The same with what a network makes of the photo, relative disparity: doubtful also if its rank
/// correlation with the map is far below 0, and not if the two agree well.
Polarity check_polarity(const DepthMap& depth, const DepthMap& estimate);

// ---- Depth edges

/// Directions on the pixel grid, also the order of an LDI pixel's links.
enum class Direction : std::uint8_t { Right = 0, Down = 1, Left = 2, Up = 3 };

constexpr Direction opposite(Direction direction) {
    return static_cast<Direction>((static_cast<int>(direction) + 2) % 4);
}

/// The step of one pixel in a direction.
inline cv::Point step_of(Direction direction) {
    constexpr int kDx[4] = {1, 0, -1, 0};
    constexpr int kDy[4] = {0, 1, 0, -1};
    return {kDx[static_cast<int>(direction)], kDy[static_cast<int>(direction)]};
}

/// A border between two neighbouring pixels that lie on different surfaces. Pixels are named by
/// index: in a DisparityMap y * width + x, in an Ldi the index into its pixels (the same for
/// those of the photo).
struct Crack {
    std::int32_t near_pixel = -1;
    std::int32_t far_pixel = -1;
    Direction far_from_near = Direction::Right;  ///< the way from the near to the far pixel

    friend bool operator==(const Crack&, const Crack&) = default;
};

/// A linked depth edge: cracks that follow one another along one silhouette, in order along it,
/// with the same pair of surfaces on their two sides.
struct DepthEdge {
    std::vector<Crack> cracks;
};

/// All depth edges of a photo: the unit of all later work.
struct DepthEdges {
    cv::Size size;
    float threshold = 0;           ///< difference of disparity above which neighbours are cut
                                   ///< [1 / scene units]
    std::vector<DepthEdge> edges;  ///< ordered by their first crack in raster order
    std::vector<Crack> healed;     ///< steps above the threshold that are too slight to be cut, in
                                   ///< raster order
};

struct DepthEdgeOptions {
    float threshold = 0.04F / 3.0F;  ///< of the disparity range
    float min_length = 10;  ///< shorter isolated or dangling pieces are healed; a crack less than
                            ///< five thresholds high counts with its share of that [pixels at
                            ///< 1024 on the long side]
};

/// Finds where surfaces part: cracks between 4-neighbours whose disparities differ by more than
/// the threshold (unless the surface rises alike before and after: a floor seen at a grazing angle
/// is steep, but whole), linked into depth edges by the connectivity of the pixels beside them,
/// separated at junctions, without isolated and dangling pieces that reveal too little, by their
/// length and height.
/// @throws Error{InvalidInput} if the map is empty or an option is out of range.
/// Cost: one pass over the pixels plus O(cracks).
/// Source: Shih et al. 2020, section 3.1; on cracks instead of pixels.
DepthEdges find_depth_edges(const DisparityMap& disparity, const DepthEdgeOptions& options = {});

struct RimOptions {
    float width = 5;  ///< how far from a depth edge it looks [pixels at 1024 on the long side]
    float min_tint = 0.1F;  ///< share of the foreground's colour from which a pixel is tinted,
                            ///< beside the background's own noise, 0..1
};

/// Gives visible background pixels beside a depth edge that carry the foreground's colour
/// (mixed pixels, depth that is off by some pixels) to the foreground: their disparity becomes
/// that of the near side, so that the depth edge moves outwards to where the background is clean.
/// No colour changes, so the photo's own view does not either.
/// @return the disparity map with such rims moved; find its depth edges anew.
DisparityMap move_tinted_rims(const Photo& photo, const DisparityMap& disparity,
                              const DepthEdges& edges, const RimOptions& options = {});

/// Spreads the steps that find_depth_edges healed over some pixels along their surface: left as
/// steep as they are, they would show as smears when the camera moves. Depth edges keep their
/// place and stay edges.
/// @param edges of this disparity map.
/// @return the map to lift with the same edges.
/// Cost: linear in healed cracks.
DisparityMap spread_healed_steps(const DisparityMap& disparity, const DepthEdges& edges);

}  // namespace unflat
