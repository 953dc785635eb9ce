// SPDX-License-Identifier: MIT
#include "render/texture.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace unflat {

AtlasPyramid::AtlasPyramid(const cv::Mat_<cv::Vec3b>& atlas, bool mip_maps) {
    levels_.push_back({.texels = atlas});
    while (mip_maps && std::max(levels_.back().texels.cols, levels_.back().texels.rows) > 1) {
        const cv::Mat_<cv::Vec3b>& finer = levels_.back().texels;
        const cv::Size size((finer.cols + 1) / 2, (finer.rows + 1) / 2);
        Level level;
        cv::resize(finer, level.texels, size, 0, 0, cv::INTER_AREA);
        level.u_factor = static_cast<float>(size.width) / static_cast<float>(atlas.cols);
        level.v_factor = static_cast<float>(size.height) / static_cast<float>(atlas.rows);
        levels_.push_back(std::move(level));
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
