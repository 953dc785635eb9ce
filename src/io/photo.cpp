// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/exif.h"
#include "io/file.h"
#include "io/picture.h"
#include "io/profile.h"
#include "io/reading.h"

#include <cmath>

#include <opencv2/core.hpp>

namespace unflat {

namespace {

constexpr const char* kAccepted = "accepted are JPEG, PNG, WebP, TIFF, HEIC and AVIF";

// True if alpha says that anything can be seen through
bool is_transparent(const Picture& picture) {
    if (!picture.has_alpha)
        return false;
    cv::Mat alpha;
    cv::extractChannel(picture.samples, alpha, picture.samples.channels() - 1);
    double least = 0;
    cv::minMaxLoc(alpha, &least);
    return least < (picture.samples.depth() == CV_16U ? 65535 : 255);
}

void check_is_photo(const Picture& picture) {
    if (picture.samples.depth() != CV_8U && picture.samples.depth() != CV_16U)
        throw Malformed("it is a " + picture.format + " file with " +
                        std::to_string(picture.bit_depth) +
                        " bits a sample, which no photo has; 8 and 16 are");
}

Photo make_photo(Picture picture, const ReadPhotoOptions& options,
                 std::vector<std::string>& warnings) {
    check_is_photo(picture);
    warnings = std::move(picture.warnings);
    if (is_transparent(picture))
        warnings.emplace_back("it has transparent pixels; their colours are taken as they are");
    const ExifFacts facts = read_exif(picture.exif, picture.size);
    if (facts.is_broken)
        warnings.emplace_back("its EXIF data are broken and were ignored");

    Photo photo{.rgb = convert_to_srgb(picture, warnings)};
    if (!picture.is_upright)
        photo.rgb = turn_upright(photo.rgb, facts.orientation);
    photo.camera = default_camera(photo.rgb.size());
    if (const auto focal = options.focal ? options.focal : facts.focal) {
        photo.camera.focal = *focal;
        photo.focal_known = true;
    }
    return photo;
}

}  // namespace

Photo decode_photo(std::span<const std::byte> bytes, const std::string& name,
                   const ReadPhotoOptions& options, Progress* progress) {
    if (options.focal)
        require(std::isfinite(*options.focal) && *options.focal > 0,
                "the focal length must be finite and > 0");
    std::vector<std::string> warnings;
    Photo photo = read_as(name, kAccepted, [&] {
        return make_photo(decode_picture(bytes, Extent::Pixels), options, warnings);
    });
    warn_of(name, warnings, progress);
    return photo;
}

Photo read_photo(const std::filesystem::path& file, const ReadPhotoOptions& options,
                 Progress* progress) {
    return decode_photo(read_bytes(file), file.string(), options, progress);
}

FileInfo read_info(const std::filesystem::path& file) {
    const std::vector<std::byte> bytes = read_bytes(file);
    return read_as(file.string(), kAccepted, [&] {
        const Picture picture = decode_picture(bytes, Extent::Header);
        const ExifFacts facts = read_exif(picture.exif, picture.size);
        return FileInfo{.format = picture.format,
                        .stored_size = picture.size,
                        .orientation = facts.orientation,
                        .channel_count = picture.channel_count,
                        .bit_depth = picture.bit_depth,
                        .has_profile = !picture.profile.empty(),
                        .focal = facts.focal,
                        .depth = picture.depth};
    });
}

}  // namespace unflat
