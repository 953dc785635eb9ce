// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// What a JPEG is for. Textures are progressive, which saves some per cent, have steps of their own
/// that lose least for so many bytes, and their chroma is full or halved whatever the quality.
enum class JpegUse : std::uint8_t { Picture, Texture, TextureHalfChroma };

/// A JPEG in memory: baseline with optimised Huffman tables; chroma at full resolution from
/// quality 90 on, else halved both ways. The same bytes on every run.
/// @param quality 1..100
/// @throws Error{InvalidInput} if the picture is empty or has a side above 65500 pixels.
std::vector<std::byte> encode_jpeg(const cv::Mat_<cv::Vec3b>& rgb, int quality,
                                   JpegUse use = JpegUse::Picture);

}  // namespace unflat
