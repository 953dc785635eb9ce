// SPDX-License-Identifier: MIT
#include "io/exif.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include <exiv2/exiv2.hpp>

namespace unflat {

namespace {

// Diagonal of a frame of 35 mm film, 36 x 24 [mm]
constexpr double kFilmDiagonal = 43.266615305567875;

// The first number of an entry, if it is there and > 0
std::optional<double> positive_number(const Exiv2::ExifData& exif, const char* key) {
    const auto entry = exif.findKey(Exiv2::ExifKey(key));
    if (entry == exif.end() || entry->count() == 0)
        return std::nullopt;
    const double number = static_cast<double>(entry->toFloat(0));
    if (!std::isfinite(number) || number <= 0)
        return std::nullopt;
    return number;
}

// Millimetres in a unit of the focal plane's resolution
std::optional<double> unit_in_mm(const Exiv2::ExifData& exif) {
    const double unit = positive_number(exif, "Exif.Photo.FocalPlaneResolutionUnit").value_or(2);
    if (unit == 2)
        return 25.4;
    if (unit == 3)
        return 10.0;
    return std::nullopt;
}

// The resolution holds for the picture as the sensor gave it; it may have been resized since
double resize_factor(const Exiv2::ExifData& exif, cv::Size size) {
    const auto width = positive_number(exif, "Exif.Photo.PixelXDimension");
    const auto height = positive_number(exif, "Exif.Photo.PixelYDimension");
    if (!width || !height)
        return 1;
    return std::max(size.width, size.height) / std::max(*width, *height);
}

std::optional<float> find_focal(const Exiv2::ExifData& exif, cv::Size size) {
    std::optional<double> focal;
    if (const auto film = positive_number(exif, "Exif.Photo.FocalLengthIn35mmFilm")) {
        focal = *film * std::hypot(size.width, size.height) / kFilmDiagonal;
    } else {
        const auto length = positive_number(exif, "Exif.Photo.FocalLength");
        const auto resolution = positive_number(exif, "Exif.Photo.FocalPlaneXResolution");
        const auto unit = unit_in_mm(exif);
        if (length && resolution && unit)
            focal = *length * *resolution / *unit * resize_factor(exif, size);
    }
    if (!focal || !is_likely_focal(*focal, size))
        return std::nullopt;
    return static_cast<float>(*focal);
}

}  // namespace

bool is_likely_focal(double focal, cv::Size size) {
    // Outside of what any lens does it is a mistake: 179 degrees to a telescope
    constexpr double kShortest = 0.01, kLongest = 200;
    const int long_side = std::max(size.width, size.height);
    return focal >= kShortest * long_side && focal <= kLongest * long_side;
}

ExifFacts read_exif(Bytes exif, cv::Size size) {
    ExifFacts facts;
    if (exif.empty())
        return facts;
    try {
        Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
        Exiv2::ExifData data;
        Exiv2::ExifParser::decode(data, reinterpret_cast<const Exiv2::byte*>(exif.data()),
                                  static_cast<std::uint32_t>(exif.size()));
        if (const auto value = positive_number(data, "Exif.Image.Orientation");
            value && *value <= 8)
            facts.orientation = static_cast<int>(*value);
        facts.focal = find_focal(data, size);
    } catch (const std::exception&) {
        facts.is_broken = true;
    }
    return facts;
}

}  // namespace unflat
