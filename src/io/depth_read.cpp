// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/depth_convert.h"
#include "io/exif.h"
#include "io/file.h"
#include "io/picture.h"
#include "io/reading.h"

#include <algorithm>

#include <opencv2/core.hpp>

namespace unflat {

namespace {

constexpr const char* kAccepted =
    "accepted are PNG, JPEG, PGM, TIFF, PFM, NPY and EXR with one channel or equal channels";

Picture decode_any(Bytes bytes) {
    switch (recognise(bytes)) {
        case Format::Pfm:
            return decode_pfm(bytes);
        case Format::Pgm:
            return decode_pgm(bytes);
        case Format::Npy:
            return decode_npy(bytes);
        case Format::Exr:
            return decode_exr(bytes);
        case Format::WebP:
            throw Malformed("it is a WebP file");
        case Format::Heif:
            throw Malformed("it is a HEIC or AVIF file");
        default:
            return decode_picture(bytes, Extent::Pixels);
    }
}

void swap_bytes(cv::Mat& samples) {
    for (int y = 0; y < samples.rows; ++y) {
        auto* row = samples.ptr<std::uint16_t>(y);
        std::transform(row, row + samples.cols * samples.channels(), row,
                       [](std::uint16_t v) { return static_cast<std::uint16_t>(v >> 8 | v << 8); });
    }
}

DepthMap make_depth(Picture& picture, const ReadDepthOptions& options) {
    if (options.code == DepthCode::Kinect && is_byte_swapped_kinect(picture.samples))
        swap_bytes(picture.samples);
    DepthMap depth = convert_depth(picture, chosen_formula(picture, options), options.invalid);
    if (!picture.is_upright)
        depth.values =
            turn_upright(depth.values, read_exif(picture.exif, picture.size).orientation);
    return depth;
}

}  // namespace

DepthMap decode_depth(std::span<const std::byte> bytes, const std::string& name,
                      const ReadDepthOptions& options, Progress* progress) {
    if (options.range)
        require(is_usable(*options.range), "a range of depth needs 0 < near < far");
    std::vector<std::string> warnings;
    DepthMap depth = read_as(name, kAccepted, [&] {
        Picture picture = decode_any(bytes);
        warnings = picture.warnings;
        return make_depth(picture, options);
    });
    warn_of(name, warnings, progress);
    return depth;
}

DepthMap read_depth(const std::filesystem::path& file, const ReadDepthOptions& options,
                    Progress* progress) {
    return decode_depth(read_bytes(file), file.string(), options, progress);
}

}  // namespace unflat
