// SPDX-License-Identifier: MIT
#pragma once

#include "render/screen.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/// Where the pixels of a row of a tile are read, in steps of a texel; vectors may write over its
/// end.
struct TexelRow {
    static constexpr std::size_t kLength = kTileSide + 4;
    using Colours = std::array<std::uint8_t, 3 * kLength>;

    std::array<std::int32_t, kLength> s;
    std::array<std::int32_t, kLength> t;
};

/// An atlas and its reductions by 2, 4, 8, ...; reads are bilinear and clamped to the border.
class AtlasPyramid {
public:
    /// Copies the pixels of `atlas`. With `mip_maps` false there is one level.
    AtlasPyramid(const cv::Mat_<cv::Vec3b>& atlas, bool mip_maps);

    /// The colour at texel coordinates given in steps (texel (x, y) itself is at 256 x, 256 y).
    /// `level` >= 0 blends the two nearest reductions; 0 is the atlas itself, without any error.
    RgbLanes read(int s, int t, float level) const {
        return level > 0 ? read_between(s, t, level) : read_level(levels_.front(), s, t);
    }

    /// The colours of the atlas itself, without any error, at the first `count` places of a row;
    /// more places may be read, and colours be written.
    /// @pre all places of the row lie in the atlas.
    void read_row(const TexelRow& places, int count, TexelRow::Colours& rgb) const;

    cv::Size size() const { return levels_.front().size; }

private:
    struct Level {
        cv::Mat_<cv::Vec4b> texels;  ///< last column and row twice: every read has neighbours
        cv::Size size;               ///< without these
        float u_factor = 1;          ///< texels of this level per texel of the atlas
        float v_factor = 1;
    };

    static Level make_level(const cv::Mat_<cv::Vec3b>& texels, const cv::Size& atlas_size);
    static RgbLanes read_level(const Level& level, int s, int t);
    RgbLanes read_reduced(const Level& level, int s, int t) const;
    RgbLanes read_between(int s, int t, float level) const;

    std::vector<Level> levels_;
};

/// The mean of 2 x 2 texels of four bytes, `below` in the next row. Whole weights that sum to 256
/// exactly: a place on a texel returns that texel.
inline RgbLanes mix_texels(const std::uint8_t* texel, const std::uint8_t* below, int right_weight,
                           int below_weight) {
    const int both = (right_weight * below_weight + 128) / 256;
    const int neither = 256 + both - right_weight - below_weight;
#if defined(__SSE2__)
    const auto read = [](const std::uint8_t* pair, int left, int right) {
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(pair));
        const __m128i weights = _mm_unpacklo_epi64(_mm_set1_epi16(static_cast<short>(left)),
                                                   _mm_set1_epi16(static_cast<short>(right)));
        return _mm_mullo_epi16(_mm_unpacklo_epi8(bytes, _mm_setzero_si128()), weights);
    };
    const __m128i sums = _mm_add_epi16(read(texel, neither, right_weight - both),
                                       read(below, below_weight - both, both));
    const __m128i sum = _mm_add_epi16(sums, _mm_srli_si128(sums, 8));
    const __m128i mean = _mm_srli_epi16(_mm_add_epi16(sum, _mm_set1_epi16(128)), 8);
    RgbLanes lanes = 0;
    _mm_storel_epi64(reinterpret_cast<__m128i*>(&lanes), mean);
    return lanes;
#else
    const RgbLanes sum = lanes_from_rgb(texel) * static_cast<RgbLanes>(neither) +
                         lanes_from_rgb(texel + 4) * static_cast<RgbLanes>(right_weight - both) +
                         lanes_from_rgb(below) * static_cast<RgbLanes>(below_weight - both) +
                         lanes_from_rgb(below + 4) * static_cast<RgbLanes>(both);
    return (sum + 128 * kAllLanes) >> 8 & kLowBytes;
#endif
}

inline RgbLanes AtlasPyramid::read_level(const Level& level, int s, int t) {
    const int greatest_s = (level.size.width - 1) * kTexelSteps;
    const int greatest_t = (level.size.height - 1) * kTexelSteps;
    s = s < 0 ? 0 : (s > greatest_s ? greatest_s : s);
    t = t < 0 ? 0 : (t > greatest_t ? greatest_t : t);
    const std::size_t stride = level.texels.step[0];
    const std::uint8_t* texel = level.texels.data +
                                static_cast<std::size_t>(t / kTexelSteps) * stride +
                                static_cast<std::size_t>(s / kTexelSteps) * 4;
    return mix_texels(texel, texel + stride, s % kTexelSteps, t % kTexelSteps);
}

}  // namespace unflat
