// SPDX-License-Identifier: MIT
#include "stream.h"

#include <stdexcept>

namespace unflat::training {

namespace {

template <typename T>
cv::Mat_<T> read_map(std::istream& stream, cv::Size size) {
    cv::Mat_<T> map(size);
    stream.read(reinterpret_cast<char*>(map.data),
                static_cast<std::streamsize>(map.total() * sizeof(T)));
    if (!stream)
        throw std::runtime_error("patches: a record ends too early");
    return map;
}

}  // namespace

void write_record(std::ostream& stream, RecordKind kind, int photo, const InpaintPatch& patch) {
    const Header header{.width = patch.role.cols,
                        .height = patch.role.rows,
                        .x = patch.origin.x,
                        .y = patch.origin.y,
                        .photo = photo,
                        .kind = static_cast<std::int32_t>(kind),
                        .seed = patch.seed,
                        .threshold = patch.threshold,
                        .range = patch.range};
    stream.write(reinterpret_cast<const char*>(&header), sizeof header);
    write_map(stream, patch.role);
    write_map(stream, patch.cuts);
    write_map(stream, patch.rgb);
    write_map(stream, patch.disparity);
    write_map(stream, patch.max_disparity);
}

bool read_record(std::istream& stream, Header& header, InpaintPatch& patch) {
    stream.read(reinterpret_cast<char*>(&header), sizeof header);
    if (stream.gcount() == 0)
        return false;
    constexpr int kLongestSide = 1 << 15;
    if (!stream || header.magic != Header().magic || header.width < 1 || header.height < 1 ||
        header.width > kLongestSide || header.height > kLongestSide)
        throw std::runtime_error("patches: not a stream of patches");
    const cv::Size size(header.width, header.height);
    patch.origin = {header.x, header.y};
    patch.seed = header.seed;
    patch.threshold = header.threshold;
    patch.range = header.range;
    patch.role = read_map<std::uint8_t>(stream, size);
    patch.cuts = read_map<std::uint8_t>(stream, size);
    patch.rgb = read_map<cv::Vec3b>(stream, size);
    patch.disparity = read_map<float>(stream, size);
    patch.max_disparity = read_map<float>(stream, size);
    return true;
}

}  // namespace unflat::training
