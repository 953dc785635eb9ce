// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

using Bytes = std::span<const std::byte>;

/// Why a file cannot be read: what was found, without the file's name. The public readers turn it
/// into an Error that names the file and what is accepted.
class Malformed : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What the channels of a picture mean; alpha, if any, comes after them.
enum class ColorModel : std::uint8_t { Grey, Rgb, Cmyk };

/// A picture as its file stores it, before any meaning is given to it.
struct Picture {
    std::string format;                  ///< such as "JPEG"
    cv::Size size;                       ///< as stored, before turning upright [pixels]
    int channel_count = 0;               ///< as stored, with alpha
    int bit_depth = 0;                   ///< per channel, as stored
    ColorModel model = ColorModel::Rgb;  ///< of `samples`
    bool has_alpha = false;              ///< the last channel of `samples` is alpha
    cv::Mat samples;                     ///< 8 or 16 bit unsigned, 32 bit float or integer, or
                                         ///< 64 bit float; CMYK as amounts of ink; empty if
                                         ///< only the header was asked for
    std::vector<std::byte> profile;      ///< ICC profile, or empty
    std::vector<std::byte> exif;         ///< EXIF as a TIFF block, or empty
    bool is_upright = false;             ///< the decoder has turned it already
    std::vector<std::string> warnings;   ///< one sentence each, without the file's name
};

/// How much of a file to decode.
enum class Extent : std::uint8_t { Header, Pixels };

/// File formats that are told apart by their first bytes.
enum class Format : std::uint8_t { Unknown, Jpeg, Png, WebP, Tiff, Heif, Pfm, Pgm, Npy, Exr };

Format recognise(Bytes bytes);

/// What bytes of no accepted format are, in words: "it is empty", "it is text", "it is a GIF" ...
std::string describe_unknown(Bytes bytes);

/// Refuses sizes that are empty or beyond 200 megapixels or 32767 pixels on a side, before
/// anything of that size is allocated. @throws Malformed
void check_size(std::int64_t width, std::int64_t height);

/// Decodes a picture of any of the formats that photos may have.
/// @throws Malformed, also for formats that are not pictures.
Picture decode_picture(Bytes bytes, Extent extent);

// One per format, each in a file of its own. All throw Malformed.
Picture decode_jpeg(Bytes bytes, Extent extent);
Picture decode_png(Bytes bytes, Extent extent);
Picture decode_webp(Bytes bytes, Extent extent);
Picture decode_tiff(Bytes bytes, Extent extent);
Picture decode_heif(Bytes bytes, Extent extent);

/// Grey maps without metadata: PFM, PGM, NPY and EXR. Colour comes as RGB, to be judged by the
/// caller. @throws Malformed
Picture decode_pfm(Bytes bytes);
Picture decode_pgm(Bytes bytes);
Picture decode_npy(Bytes bytes);
Picture decode_exr(Bytes bytes);

/// Turns samples by an EXIF orientation, 1..8.
cv::Mat turn_upright(const cv::Mat& samples, int orientation);

}  // namespace unflat
