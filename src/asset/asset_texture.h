// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"

#include <cstdint>
#include <map>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// One atlas at any quality; remembers what was encoded.
class TextureEncoder {
public:
    TextureEncoder(cv::Mat_<cv::Vec3b> atlas, const TextureCodec& codec, bool full_chroma);

    struct Encoded {
        int quality = 0;
        std::vector<std::byte> bytes;
    };
    std::int64_t size_at(int quality);  ///< [bytes]
    /// The best quality that needs at most so many bytes, or hardly worse; the lowest if none does.
    /// @param guess where to begin
    const Encoded& within(std::int64_t bytes, int guess);

private:
    void encode(std::vector<int> qualities);

    cv::Mat_<cv::Vec3b> atlas_;
    const TextureCodec& codec_;
    bool full_chroma_;
    std::map<int, Encoded> known_;
};

}  // namespace unflat
