// SPDX-License-Identifier: MIT
#include "io/picture.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace unflat {

namespace {

constexpr std::int64_t kMaxSide = 32767;
constexpr std::int64_t kMaxPixels = 200'000'000;

std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool starts_with(Bytes bytes, std::string_view magic, std::size_t at = 0) {
    return bytes.size() >= at && as_text(bytes.subspan(at)).starts_with(magic);
}

// ISO base media files name their brand in the first box: those of still pictures
bool is_heif(Bytes bytes) {
    if (!starts_with(bytes, "ftyp", 4) || bytes.size() < 16)
        return false;
    constexpr std::array<std::string_view, 10> kBrands = {"heic", "heix", "heim", "heis", "hevc",
                                                          "hevx", "mif1", "msf1", "avif", "avis"};
    const std::string_view brand = as_text(bytes.subspan(8, 4));
    return std::find(kBrands.begin(), kBrands.end(), brand) != kBrands.end();
}

bool is_text(Bytes bytes) {
    const Bytes head = bytes.first(std::min<std::size_t>(bytes.size(), 512));
    return std::all_of(head.begin(), head.end(), [](std::byte b) {
        const auto c = std::to_integer<unsigned char>(b);
        return c >= 0x20 || c == '\n' || c == '\r' || c == '\t' || c == '\f';
    });
}

}  // namespace

Format recognise(Bytes bytes) {
    using namespace std::string_view_literals;
    if (starts_with(bytes, "\xFF\xD8\xFF"sv))
        return Format::Jpeg;
    if (starts_with(bytes, "\x89PNG\r\n\x1A\n"sv))
        return Format::Png;
    if (starts_with(bytes, "RIFF"sv) && starts_with(bytes, "WEBP"sv, 8))
        return Format::WebP;
    if (starts_with(bytes, "II*\0"sv) || starts_with(bytes, "MM\0*"sv) ||
        starts_with(bytes, "II+\0"sv) || starts_with(bytes, "MM\0+"sv))
        return Format::Tiff;
    if (is_heif(bytes))
        return Format::Heif;
    if (starts_with(bytes, "\x93NUMPY"sv))
        return Format::Npy;
    if (starts_with(bytes, "\x76\x2F\x31\x01"sv))
        return Format::Exr;
    const bool space_after_magic =
        bytes.size() > 2 && std::isspace(std::to_integer<unsigned char>(bytes[2])) != 0;
    if (space_after_magic && (starts_with(bytes, "Pf"sv) || starts_with(bytes, "PF"sv)))
        return Format::Pfm;
    if (space_after_magic && (starts_with(bytes, "P5"sv) || starts_with(bytes, "P2"sv)))
        return Format::Pgm;
    return Format::Unknown;
}

std::string describe_unknown(Bytes bytes) {
    using namespace std::string_view_literals;
    if (bytes.empty())
        return "it is empty";
    struct Known {
        std::string_view magic;
        std::size_t at;
        const char* words;
    };
    constexpr std::array kKnown = {
        Known{"\xFF\xD8"sv, 0, "it is a JPEG file that ends in its first bytes"},
        Known{"GIF8"sv, 0, "it is a GIF file"},
        Known{"%PDF"sv, 0, "it is a PDF file"},
        Known{"PK\3\4"sv, 0, "it is a ZIP archive"},
        Known{"glTF"sv, 0, "it is a GLB file"},
        Known{"8BPS"sv, 0, "it is a Photoshop file"},
        Known{"P6"sv, 0, "it is a PPM file"},
        Known{"ftyp"sv, 4, "it is a video or another file of the MP4 family"},
        Known{"BM"sv, 0, "it is a BMP file"},
    };
    for (const Known& known : kKnown)
        if (starts_with(bytes, known.magic, known.at))
            return known.words;
    return is_text(bytes) ? "it is text" : "its content is of no known type";
}

void check_size(std::int64_t width, std::int64_t height) {
    const std::string size = std::to_string(width) + "x" + std::to_string(height) + " pixels";
    if (width <= 0 || height <= 0)
        throw Malformed("it has no pixels (" + size + ")");
    if (width > kMaxSide || height > kMaxSide || width * height > kMaxPixels)
        throw Malformed("it has " + size + ", more than 200 megapixels or 32767 pixels on a side");
}

Picture decode_picture(Bytes bytes, Extent extent) {
    switch (recognise(bytes)) {
        case Format::Jpeg:
            return decode_jpeg(bytes, extent);
        case Format::Png:
            return decode_png(bytes, extent);
        case Format::WebP:
            return decode_webp(bytes, extent);
        case Format::Tiff:
            return decode_tiff(bytes, extent);
        case Format::Heif:
            return decode_heif(bytes, extent);
        case Format::Pfm:
            throw Malformed("it is a PFM file");
        case Format::Pgm:
            throw Malformed("it is a PGM file");
        case Format::Npy:
            throw Malformed("it is an NPY file");
        case Format::Exr:
            throw Malformed("it is an OpenEXR file");
        case Format::Unknown:
            break;
    }
    throw Malformed(describe_unknown(bytes));
}

cv::Mat turn_upright(const cv::Mat& samples, int orientation) {
    // Each orientation is at most one transposition followed by one mirroring
    constexpr int kNone = 2;
    struct Turn {
        bool transpose;
        int flip;  // as cv::flip: 0 top and bottom, 1 left and right, -1 both
    };
    constexpr std::array<Turn, 8> kTurns = {{{false, kNone},
                                             {false, 1},
                                             {false, -1},
                                             {false, 0},
                                             {true, kNone},
                                             {true, 1},
                                             {true, -1},
                                             {true, 0}}};
    const Turn turn = kTurns[static_cast<std::size_t>(std::clamp(orientation, 1, 8) - 1)];
    cv::Mat result;  // its own: a square one would be transposed in place
    if (turn.transpose)
        cv::transpose(samples, result);
    else
        result = samples;
    if (turn.flip != kNone) {
        cv::Mat flipped;
        cv::flip(result, flipped, turn.flip);
        result = flipped;
    }
    return result;
}

}  // namespace unflat
