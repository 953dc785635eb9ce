// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"

#include "asset/asset_charts.h"

#include <cstdint>
#include <map>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// An encoded atlas, and what it costs and loses.
struct EncodedTexture {
    int quality = 0;
    std::vector<std::byte> bytes;
    cv::Mat_<cv::Vec3b> decoded;  ///< empty until somebody asks what is lost
    double front_error = 0;       ///< mean square over the photo's pixels [levels^2]
};

/// One atlas at any quality; remembers what was encoded.
class TextureEncoder {
public:
    /// @param photo as it is, to which the front chart is compared at its size
    TextureEncoder(cv::Mat_<cv::Vec3b> atlas, const AssetCharts& charts, cv::Mat_<cv::Vec3b> photo,
                   const TextureCodec& codec, bool full_chroma);
    bool full_chroma() const { return full_chroma_; }
    /// The best quality that needs at most so many bytes; the lowest if none does.
    const EncodedTexture& within(std::int64_t bytes);
    /// Estimate from what was encoded so far of the error of the best one within so many bytes.
    double error_within(std::int64_t bytes);

private:
    EncodedTexture& encoded(int quality);
    const EncodedTexture& judged(int quality);

    cv::Mat_<cv::Vec3b> atlas_;
    cv::Rect front_;  ///< of the photo's chart [texels]
    cv::Mat_<cv::Vec3b> photo_;
    const TextureCodec* codec_;
    bool full_chroma_;
    std::map<int, EncodedTexture> known_;
};

}  // namespace unflat
