// SPDX-License-Identifier: MIT
#include "render/texture.h"

#include <algorithm>

#include <opencv2/core/hal/intrin.hpp>
#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

/// The weights of mix_texels for four pixels. Of the eight numbers of a pixel, four are for the
/// channels of the left texel, four for the right one.
struct FourWeights {
    std::array<cv::v_uint16x8, 4> upper, lower;

    FourWeights(const cv::v_int32x4& s, const cv::v_int32x4& t) {
        const cv::v_uint16x8 low_byte = cv::v_reinterpret_as_u16(cv::v_setall_s32(kTexelSteps - 1));
        const cv::v_uint16x8 right = cv::v_reinterpret_as_u16(s) & low_byte;
        const cv::v_uint16x8 below = cv::v_reinterpret_as_u16(t) & low_byte;
        const cv::v_uint16x8 half = cv::v_reinterpret_as_u16(cv::v_setall_s32(kTexelSteps / 2));
        const cv::v_uint16x8 whole = cv::v_reinterpret_as_u16(cv::v_setall_s32(kTexelSteps));
        const cv::v_uint16x8 both = cv::v_shr<8>(cv::v_mul_wrap(right, below) + half);
        spread(whole + both - right - below, right - both, upper);
        spread(below - both, both, lower);
    }

private:
    /// From one number per pixel, in the lower half of its 32 bits, to eight.
    static void spread(const cv::v_uint16x8& left, const cv::v_uint16x8& right,
                       std::array<cv::v_uint16x8, 4>& weights) {
        const auto twice = [](const cv::v_uint16x8& one) {
            const cv::v_uint32x4 wide = cv::v_reinterpret_as_u32(one);
            return wide | cv::v_shl<16>(wide);
        };
        cv::v_uint32x4 pairs[2], fours[4];
        cv::v_zip(twice(left), twice(right), pairs[0], pairs[1]);
        cv::v_zip(pairs[0], pairs[0], fours[0], fours[1]);
        cv::v_zip(pairs[1], pairs[1], fours[2], fours[3]);
        for (std::size_t i = 0; i < 4; ++i)
            weights[i] = cv::v_reinterpret_as_u16(fours[i]);
    }
};

}  // namespace

AtlasPyramid::Level AtlasPyramid::make_level(const cv::Mat_<cv::Vec3b>& texels,
                                             const cv::Size& atlas_size) {
    Level level{
        .texels = cv::Mat_<cv::Vec4b>(texels.rows + 1, texels.cols + 1),
        .size = texels.size(),
        .u_factor = static_cast<float>(texels.cols) / static_cast<float>(atlas_size.width),
        .v_factor = static_cast<float>(texels.rows) / static_cast<float>(atlas_size.height)};
    for (int y = 0; y <= texels.rows; ++y) {
        const cv::Vec3b* source = texels[std::min(y, texels.rows - 1)];
        cv::Vec4b* packed = level.texels[y];
        for (int x = 0; x < texels.cols; ++x)
            packed[x] = {source[x][0], source[x][1], source[x][2], 0};
        packed[texels.cols] = packed[texels.cols - 1];
    }
    return level;
}

AtlasPyramid::AtlasPyramid(const cv::Mat_<cv::Vec3b>& atlas, bool mip_maps) {
    if (atlas.empty()) {
        levels_.emplace_back();
        return;
    }
    levels_.push_back(make_level(atlas, atlas.size()));
    cv::Mat_<cv::Vec3b> finer = atlas;
    while (mip_maps && std::max(finer.cols, finer.rows) > 1) {
        cv::Mat_<cv::Vec3b> coarser;
        const cv::Size size((finer.cols + 1) / 2, (finer.rows + 1) / 2);
        cv::resize(finer, coarser, size, 0, 0, cv::INTER_AREA);
        levels_.push_back(make_level(coarser, atlas.size()));
        finer = coarser;
    }
}

void AtlasPyramid::read_row(const TexelRow& places, int count, TexelRow::Colours& rgb) const {
    const Level& level = levels_.front();
    const std::size_t stride = level.texels.step[0];
    for (std::size_t x = 0; x < static_cast<std::size_t>(count); x += 4) {
        const FourWeights weights(cv::v_load(&places.s[x]), cv::v_load(&places.t[x]));
        const auto read = [&](std::size_t i) {
            const auto s = static_cast<std::size_t>(places.s[x + i]);
            const auto t = static_cast<std::size_t>(places.t[x + i]);
            const std::uint8_t* texel =
                level.texels.data + t / kTexelSteps * stride + s / kTexelSteps * 4;
            return cv::v_mul_wrap(cv::v_load_expand(texel), weights.upper[i]) +
                   cv::v_mul_wrap(cv::v_load_expand(texel + stride), weights.lower[i]);
        };
        // The left and the right texel of every pixel are still to be added
        const auto mean = [&](std::size_t i) {
            const cv::v_uint16x8 a = read(i), b = read(i + 1);
            return cv::v_combine_low(a, b) + cv::v_combine_high(a, b);
        };
        const cv::v_uint8x16 colours = cv::v_rshr_pack<8>(mean(0), mean(2));
        cv::v_store(&rgb[3 * x], cv::v_pack_triplets(colours));
    }
}

RgbLanes AtlasPyramid::read_reduced(const Level& level, int s, int t) const {
    // Texel centres are at +0.5 in every level
    constexpr float kHalf = kTexelSteps / 2.0F;
    const float u = (static_cast<float>(s) + kHalf) * level.u_factor - kHalf;
    const float v = (static_cast<float>(t) + kHalf) * level.v_factor - kHalf;
    return read_level(level, cvRound(u), cvRound(v));
}

RgbLanes AtlasPyramid::read_between(int s, int t, float level) const {
    const auto last = static_cast<float>(levels_.size() - 1);
    level = std::min(level, last);
    const auto finer = static_cast<std::size_t>(level);
    const auto weight = static_cast<RgbLanes>((level - static_cast<float>(finer)) * 256);
    const RgbLanes fine = read_reduced(levels_[finer], s, t);
    if (weight == 0)
        return fine;
    const RgbLanes coarse = read_reduced(levels_[finer + 1], s, t);
    return (fine * (256 - weight) + coarse * weight + 128 * kAllLanes) >> 8 & kLowBytes;
}

}  // namespace unflat
