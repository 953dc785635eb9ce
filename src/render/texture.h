// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// Three channels of 8 bits, each in 16 bits of one word, so that one multiplication serves all.
/// Sums of such words must stay below 65536 in every channel.
using RgbLanes = std::uint64_t;

inline RgbLanes lanes_from_rgb(const std::uint8_t* rgb) {
    return RgbLanes{rgb[0]} | RgbLanes{rgb[1]} << 16 | RgbLanes{rgb[2]} << 32;
}

inline cv::Vec3b rgb_from_lanes(RgbLanes lanes) {
    return {static_cast<std::uint8_t>(lanes), static_cast<std::uint8_t>(lanes >> 16),
            static_cast<std::uint8_t>(lanes >> 32)};
}

/// The same number in all three channels.
inline constexpr RgbLanes kAllLanes = 0x0000'0001'0001'0001;
inline constexpr RgbLanes kLowBytes = 0x0000'00FF'00FF'00FF;

/// Weights and steps of texture reads: a texel in 256 steps.
inline constexpr int kTexelSteps = 256;

/// An atlas and its reductions by 2, 4, 8, ...; reads are bilinear and clamped to the border.
class AtlasPyramid {
public:
    /// Shares the pixels of `atlas`. With `mip_maps` false there is one level.
    AtlasPyramid(const cv::Mat_<cv::Vec3b>& atlas, bool mip_maps);

    /// The colour at texel coordinates given in steps (texel (x, y) itself is at 256 x, 256 y).
    /// `level` >= 0 blends the two nearest reductions; 0 is the atlas itself, without any error.
    RgbLanes read(int s, int t, float level) const {
        return level > 0 ? read_between(s, t, level) : read_level(levels_.front(), s, t);
    }

    cv::Size size() const { return levels_.front().texels.size(); }

private:
    struct Level {
        cv::Mat_<cv::Vec3b> texels;
        float u_factor = 1;  ///< texels of this level per texel of the atlas
        float v_factor = 1;
    };

    static RgbLanes read_level(const Level& level, int s, int t);
    RgbLanes read_reduced(const Level& level, int s, int t) const;
    RgbLanes read_between(int s, int t, float level) const;

    std::vector<Level> levels_;
};

inline RgbLanes AtlasPyramid::read_level(const Level& level, int s, int t) {
    const int last_x = level.texels.cols - 1, last_y = level.texels.rows - 1;
    s = s < 0 ? 0 : (s > last_x * kTexelSteps ? last_x * kTexelSteps : s);
    t = t < 0 ? 0 : (t > last_y * kTexelSteps ? last_y * kTexelSteps : t);
    const int x = s / kTexelSteps, y = t / kTexelSteps;
    const std::size_t right = x < last_x ? 3 : 0;
    const std::size_t below = y < last_y ? level.texels.step[0] : 0;
    const std::uint8_t* texel = level.texels.data +
                                static_cast<std::size_t>(y) * level.texels.step[0] +
                                static_cast<std::size_t>(x) * 3;

    // Whole weights that sum to 256 exactly: a place on a texel returns that texel
    const auto right_weight = static_cast<RgbLanes>(s % kTexelSteps);
    const auto below_weight = static_cast<RgbLanes>(t % kTexelSteps);
    const RgbLanes both = (right_weight * below_weight + 128) / 256;
    const RgbLanes sum = lanes_from_rgb(texel) * (256 + both - right_weight - below_weight) +
                         lanes_from_rgb(texel + right) * (right_weight - both) +
                         lanes_from_rgb(texel + below) * (below_weight - both) +
                         lanes_from_rgb(texel + right + below) * both;
    return (sum + 128 * kAllLanes) >> 8 & kLowBytes;
}

}  // namespace unflat
