// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/embedded.h"
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

bool has_shape_of(cv::Size a, cv::Size b) {
    // A crop of a few pixels to a codec's blocks is no other shape
    constexpr double kTolerance = 0.02;
    const double ratio = static_cast<double>(a.width) * b.height / b.width / a.height;
    return std::abs(ratio - 1) <= kTolerance;
}

// The sharp original of a blurred portrait takes the place of the picture
void take_original(Picture& picture, Embedded& embedded) {
    if (!embedded.original)
        return;
    Picture& original = *embedded.original;
    if (!has_shape_of(original.size, picture.size)) {
        embedded.warnings.emplace_back(
            "the sharp original inside it has another shape than the picture and was ignored");
        embedded.original.reset();
        return;
    }
    if (original.exif.empty())
        original.exif = std::move(picture.exif);
    if (original.profile.empty())
        original.profile = std::move(picture.profile);
    picture = std::move(original);
}

// What is known of the photo's camera, by the best source there is
void set_camera(Photo& photo, const Embedded& embedded, int orientation,
                const std::optional<float>& exif_focal, const std::optional<float>& given) {
    photo.camera = default_camera(photo.camera.size);
    const auto stated =
        embedded.lens ? camera_of(*embedded.lens, orientation, photo.camera.size) : std::nullopt;
    if (stated)
        photo.camera = *stated;
    photo.focal_source = stated ? FocalSource::Embedded : FocalSource::Assumed;
    if (!stated && exif_focal) {
        photo.camera.focal = *exif_focal;
        photo.focal_source = FocalSource::Exif;
    }
    if (given) {
        photo.camera.focal = *given;
        photo.focal_source = FocalSource::Given;
    }
    photo.focal_known = photo.focal_source != FocalSource::Assumed;
}

int orientation_of(const Picture& picture, const ExifFacts& facts, const Embedded& embedded) {
    return picture.is_upright ? embedded.orientation : facts.orientation;
}

Photo make_photo(Picture picture, Embedded embedded, const ReadPhotoOptions& options,
                 std::vector<std::string>& warnings) {
    take_original(picture, embedded);
    check_is_photo(picture);
    warnings = std::move(picture.warnings);
    warnings.insert(warnings.end(), embedded.warnings.begin(), embedded.warnings.end());
    if (is_transparent(picture))
        warnings.emplace_back("it has transparent pixels; their colours are taken as they are");
    const ExifFacts facts = read_exif(picture.exif, picture.size);
    if (facts.is_broken)
        warnings.emplace_back("its EXIF data are broken and were ignored");

    Photo photo{.rgb = convert_to_srgb(picture, warnings)};
    if (!picture.is_upright)
        photo.rgb = turn_upright(photo.rgb, facts.orientation);
    photo.camera.size = photo.rgb.size();
    const int orientation = orientation_of(picture, facts, embedded);
    set_camera(photo, embedded, orientation, facts.focal, options.focal);
    photo.is_stereo_left = embedded.is_stereo_left;
    try {
        if (embedded.depth && options.embedded_depth)
            photo.depth = convert_embedded(*embedded.depth, options.depth, orientation,
                                           photo.camera, warnings);
    } catch (const Malformed& malformed) {
        warnings.push_back("the depth inside it was ignored: " + std::string(malformed.what()));
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
        return make_photo(
            decode_picture(bytes, Extent::Pixels),
            options.embedded_depth ? read_embedded(bytes, Extent::Pixels) : Embedded{}, options,
            warnings);
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
        Picture picture = decode_picture(bytes, Extent::Header);
        Embedded embedded = read_embedded(bytes, Extent::Header);
        const ExifFacts facts = read_exif(picture.exif, picture.size);
        Photo photo;
        const int orientation = orientation_of(picture, facts, embedded);
        photo.camera.size =
            orientation >= 5 ? cv::Size(picture.size.height, picture.size.width) : picture.size;
        set_camera(photo, embedded, orientation, facts.focal, std::nullopt);
        FileInfo info{.format = picture.format,
                      .stored_size = picture.size,
                      .orientation = facts.orientation,
                      .channel_count = picture.channel_count,
                      .bit_depth = picture.bit_depth,
                      .has_profile = !picture.profile.empty(),
                      .focal_source = photo.focal_source,
                      .is_stereo_pair = embedded.is_stereo_left,
                      .warnings = std::move(embedded.warnings)};
        if (photo.focal_known)
            info.focal = photo.camera.focal;
        if (photo.focal_source == FocalSource::Embedded)
            info.principal_point = cv::Point2f(photo.camera.cx, photo.camera.cy);
        if (embedded.depth)
            info.depth = std::move(embedded.depth->info);
        if (embedded.original)
            info.original_size = embedded.original->size;
        return info;
    });
}

}  // namespace unflat
