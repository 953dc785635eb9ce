// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/depth_encode.h"
#include "io/file.h"
#include "io/png.h"

#include <bit>
#include <cmath>
#include <limits>

namespace unflat {

namespace {

// Files say that their numbers are little-endian
static_assert(std::endian::native == std::endian::little);

void append(std::vector<std::byte>& bytes, const std::string& text) {
    const auto view = std::as_bytes(std::span(text));
    bytes.insert(bytes.end(), view.begin(), view.end());
}

void append_row(std::vector<std::byte>& bytes, const cv::Mat_<float>& values, int y) {
    const auto view = std::as_bytes(std::span(values[y], static_cast<std::size_t>(values.cols)));
    bytes.insert(bytes.end(), view.begin(), view.end());
}

std::vector<std::byte> encode_pfm(const cv::Mat_<float>& values) {
    std::vector<std::byte> bytes;
    append(bytes,
           "Pf\n" + std::to_string(values.cols) + " " + std::to_string(values.rows) + "\n-1.0\n");
    for (int y = values.rows - 1; y >= 0; --y)
        append_row(bytes, values, y);
    return bytes;
}

std::vector<std::byte> encode_npy(const cv::Mat_<float>& values) {
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                         std::to_string(values.rows) + ", " + std::to_string(values.cols) + "), }";
    // Magic, version and length take 10 bytes; all of it together a multiple of 64
    constexpr std::size_t kPrefix = 10, kAlignment = 64;
    const std::size_t used = kPrefix + header.size() + 1;
    header.append((kAlignment - used % kAlignment) % kAlignment, ' ');
    header.push_back('\n');

    std::vector<std::byte> bytes;
    append(bytes, std::string("\x93NUMPY\x01\x00", 8));
    bytes.push_back(static_cast<std::byte>(header.size() & 0xFF));
    bytes.push_back(static_cast<std::byte>(header.size() >> 8));
    append(bytes, header);
    for (int y = 0; y < values.rows; ++y)
        append_row(bytes, values, y);
    return bytes;
}

std::vector<std::byte> encode_16_bit_png(const cv::Mat_<float>& values) {
    constexpr double kLevels = 65534;
    float least = std::numeric_limits<float>::infinity(), most = -least;
    for (const float value : values)
        if (std::isfinite(value)) {
            least = std::min(least, value);
            most = std::max(most, value);
        }
    const double range = static_cast<double>(most) - static_cast<double>(least);
    const double scale = range > 0 ? kLevels / range : 0;
    cv::Mat_<std::uint16_t> levels(values.size(), std::uint16_t{0});
    for (int y = 0; y < values.rows; ++y)
        for (int x = 0; x < values.cols; ++x)
            if (const float value = values(y, x); std::isfinite(value)) {
                const double above = static_cast<double>(value) - static_cast<double>(least);
                levels(y, x) = static_cast<std::uint16_t>(1 + std::lround(above * scale));
            }
    return encode_png(levels);
}

}  // namespace

void write_depth(const cv::Mat_<float>& values, const std::filesystem::path& file) {
    require(!values.empty(), "a depth map without pixels cannot be written");
    const std::string extension = lower_extension(file);
    if (extension == ".pfm")
        write_bytes(file, encode_pfm(values));
    else if (extension == ".npy")
        write_bytes(file, encode_npy(values));
    else if (extension == ".exr")
        write_bytes(file, encode_exr(values));
    else if (extension == ".png")
        write_bytes(file, encode_16_bit_png(values));
    else
        throw Error(ErrorKind::Unsupported, "cannot write '" + file.string() +
                                                "': depth is written as .pfm, .npy, .exr or .png, "
                                                "by the ending of the file's name");
}

}  // namespace unflat
