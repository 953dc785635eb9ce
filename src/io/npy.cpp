// SPDX-License-Identifier: MIT
// NumPy's .npy: a magic, a version, a Python literal that describes the array, then its numbers.
#include "io/picture.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>

namespace unflat {

namespace {

[[noreturn]] void fail(const std::string& found) {
    throw Malformed("it is an NPY file, but " + found);
}

struct Header {
    char kind = 'f';  // f, i, u or b, as NumPy names them
    std::size_t item_bytes = 4;
    bool is_little_endian = true;
    bool is_fortran = false;  // columns first
    std::vector<std::int64_t> shape;
    Bytes data;
};

// The text behind 'key': up to what follows; the literal that NumPy writes is that simple
std::string_view value_of(std::string_view text, std::string_view key) {
    const std::size_t found = text.find("'" + std::string(key) + "'");
    const std::size_t colon = found == std::string_view::npos ? found : text.find(':', found);
    if (colon == std::string_view::npos)
        fail("its header has no '" + std::string(key) + "'");
    std::string_view value = text.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value;
}

void read_type(std::string_view text, Header& header) {
    std::string_view value = value_of(text, "descr");
    const std::size_t end = value.empty() ? 0 : value.find(value[0], 1);
    if (value.empty() || (value[0] != '\'' && value[0] != '"') || end == std::string_view::npos)
        fail("its numbers have several fields");
    const std::string_view type = value.substr(1, end - 1);
    constexpr std::array<std::string_view, 12> kTypes = {"f2", "f4", "f8", "i1", "i2", "i4",
                                                         "i8", "u1", "u2", "u4", "u8", "b1"};
    if (type.size() != 3 || std::string_view("<>=|").find(type[0]) == std::string_view::npos ||
        std::find(kTypes.begin(), kTypes.end(), type.substr(1)) == kTypes.end())
        fail("its numbers are of type '" + std::string(type.substr(0, 16)) + "'");
    header.is_little_endian = type[0] != '>';
    header.kind = type[1];
    header.item_bytes = static_cast<std::size_t>(type[2] - '0');
}

void read_shape(std::string_view text, Header& header) {
    std::string_view value = value_of(text, "shape");
    const std::size_t end = value.find(')');
    if (value.empty() || value[0] != '(' || end == std::string_view::npos)
        fail("its header has no readable shape");
    value = value.substr(1, end - 1);
    while (!value.empty()) {
        if (value[0] == ' ' || value[0] == ',') {
            value.remove_prefix(1);
            continue;
        }
        std::int64_t extent = 0;
        const auto [next, error] =
            std::from_chars(value.data(), value.data() + value.size(), extent);
        constexpr std::size_t kMostExtents = 32;
        if (error != std::errc() || extent < 0 || header.shape.size() >= kMostExtents)
            fail("its header has no readable shape");
        header.shape.push_back(extent);
        value.remove_prefix(static_cast<std::size_t>(next - value.data()));
    }
}

Header read_header(Bytes bytes) {
    constexpr std::size_t kVersionAt = 6, kLengthAt = 8;
    if (bytes.size() < kLengthAt + 4)
        fail("it ends early");
    const int version = std::to_integer<int>(bytes[kVersionAt]);
    if (version < 1 || version > 3)
        fail("its version is " + std::to_string(version) + "; 1 to 3 are known");
    const std::size_t length_bytes = version == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
        length |= std::to_integer<std::size_t>(bytes[kLengthAt + i]) << (8 * i);
    const Bytes rest = bytes.subspan(kLengthAt + length_bytes);
    if (length > rest.size())
        fail("it ends early");

    const std::string_view text(reinterpret_cast<const char*>(rest.data()), length);
    Header header;
    read_type(text, header);
    header.is_fortran = value_of(text, "fortran_order").starts_with("True");
    read_shape(text, header);
    header.data = rest.subspan(length);
    return header;
}

// (height, width), also with an extent of 1 before or behind
cv::Size size_of(const Header& header) {
    std::vector<std::int64_t> shape = header.shape;
    if (shape.size() == 3 && shape[0] == 1)
        shape.erase(shape.begin());
    else if (shape.size() == 3 && shape[2] == 1)
        shape.pop_back();
    if (shape.size() != 2) {
        std::string text;
        for (const std::int64_t extent : header.shape)
            text += (text.empty() ? "" : ", ") + std::to_string(extent);
        fail("its shape is (" + text.substr(0, 64) + "), not (height, width)");
    }
    check_size(shape[1], shape[0]);
    return {static_cast<int>(shape[1]), static_cast<int>(shape[0])};
}

template <typename Sample>
Sample load(const std::byte* bytes, bool swap) {
    std::array<std::byte, sizeof(Sample)> copy{};
    std::memcpy(copy.data(), bytes, sizeof(Sample));
    if (swap)
        std::reverse(copy.begin(), copy.end());
    return std::bit_cast<Sample>(copy);
}

// Sample: as stored; Kept: the type of the matrix that holds all its values
template <typename Sample, typename Kept>
cv::Mat load_all(const Header& header, cv::Size size) {
    const bool swap = header.is_little_endian != (std::endian::native == std::endian::little);
    cv::Mat_<Kept> samples(size);
    const std::size_t row_step = header.is_fortran ? 1 : static_cast<std::size_t>(size.width);
    const std::size_t column_step = header.is_fortran ? static_cast<std::size_t>(size.height) : 1;
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            const std::size_t index =
                static_cast<std::size_t>(y) * row_step + static_cast<std::size_t>(x) * column_step;
            samples(y, x) =
                static_cast<Kept>(load<Sample>(header.data.data() + index * sizeof(Sample), swap));
        }
    return samples;
}

cv::Mat load_samples(const Header& header, cv::Size size) {
    const std::string type = header.kind + std::to_string(header.item_bytes);
    if (type == "f4")
        return load_all<float, float>(header, size);
    if (type == "f8")
        return load_all<double, double>(header, size);
    if (type == "u1" || type == "b1")
        return load_all<std::uint8_t, std::uint8_t>(header, size);
    if (type == "u2")
        return load_all<std::uint16_t, std::uint16_t>(header, size);
    if (type == "i1")
        return load_all<std::int8_t, double>(header, size);
    if (type == "i2")
        return load_all<std::int16_t, double>(header, size);
    if (type == "i4")
        return load_all<std::int32_t, double>(header, size);
    if (type == "u4")
        return load_all<std::uint32_t, double>(header, size);
    if (type == "i8")
        return load_all<std::int64_t, double>(header, size);
    if (type == "u8")
        return load_all<std::uint64_t, double>(header, size);
    cv::Mat halves = load_all<std::int16_t, std::int16_t>(header, size), floats;
    cv::convertFp16(halves, floats);
    return floats;
}

}  // namespace

Picture decode_npy(Bytes bytes) {
    const Header header = read_header(bytes);
    const cv::Size size = size_of(header);
    if (header.data.size() / header.item_bytes < static_cast<std::size_t>(size.area()))
        fail("its data end early");
    Picture picture{.format = "NPY"};
    picture.size = size;
    picture.channel_count = 1;
    picture.bit_depth = static_cast<int>(8 * header.item_bytes);
    picture.model = ColorModel::Grey;
    picture.samples = load_samples(header, size);
    return picture;
}

}  // namespace unflat
