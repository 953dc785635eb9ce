// SPDX-License-Identifier: MIT
#include "render/texture.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace unflat {

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
