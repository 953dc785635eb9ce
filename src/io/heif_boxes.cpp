// SPDX-License-Identifier: MIT
// ISO/IEC 23008-12: boxes of boxes, each with a length, a name of four letters and content.
#include "io/heif_boxes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <vector>

namespace unflat {

namespace {

// A camera's own format before it had a name: the same content in a box named by these bytes
constexpr std::array<std::uint8_t, 16> kCameraMatrixId = {
    0x22, 0xcc, 0x04, 0xc7, 0xd6, 0xd9, 0x4e, 0x07, 0x9d, 0x90, 0x4e, 0xb6, 0xec, 0xba, 0xf3, 0xa3};

// Photos have some hundred tiles and a dozen other items
constexpr std::size_t kMostBoxes = 20000;

// Reads big-endian numbers; beyond the end everything is 0 and `is_good` false
class Reader {
public:
    explicit Reader(Bytes bytes) : bytes_(bytes) {}

    std::uint64_t number(std::size_t count) {
        if (count > bytes_.size()) {
            is_good_ = false;
            bytes_ = {};
            return 0;
        }
        std::uint64_t result = 0;
        for (const std::byte b : take(count))
            result = result << 8 | std::to_integer<std::uint64_t>(b);
        return result;
    }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    Bytes take(std::size_t count) {
        const Bytes taken = bytes_.first(std::min(count, bytes_.size()));
        bytes_ = bytes_.subspan(taken.size());
        return taken;
    }
    Bytes rest() const { return bytes_; }
    bool is_good() const { return is_good_; }

private:
    Bytes bytes_;
    bool is_good_ = true;
};

struct Box {
    std::string_view name;
    Bytes content;
};

std::vector<Box> read_boxes(Bytes bytes) {
    std::vector<Box> boxes;
    constexpr std::size_t kHeader = 8, kWideHeader = 16;
    while (bytes.size() >= kHeader && boxes.size() < kMostBoxes) {
        Reader reader(bytes);
        std::uint64_t size = reader.u32();
        const Bytes name = reader.take(4);
        std::size_t header = kHeader;
        if (size == 1) {
            size = reader.number(8);
            header = kWideHeader;
        } else if (size == 0) {
            size = bytes.size();
        }
        if (!reader.is_good() || size < header || size > bytes.size())
            break;
        boxes.push_back({{reinterpret_cast<const char*>(name.data()), name.size()},
                         bytes.subspan(header, static_cast<std::size_t>(size) - header)});
        bytes = bytes.subspan(static_cast<std::size_t>(size));
    }
    return boxes;
}

Bytes content_of(const std::vector<Box>& boxes, std::string_view name) {
    for (const Box& box : boxes)
        if (box.name == name)
            return box.content;
    return {};
}

// Version and flags stand before the content of many boxes
std::uint32_t read_version(Reader& reader) {
    return reader.u32();
}
constexpr std::uint32_t version_of(std::uint32_t version_and_flags) {
    return version_and_flags >> 24;
}

// Orientation b after orientation a, as EXIF numbers them
int combined(int a, int b) {
    // Which corner of a small picture goes where says it all
    const cv::Mat_<int> marks = (cv::Mat_<int>(2, 2) << 0, 1, 2, 3);
    const cv::Mat wanted = turn_upright(turn_upright(marks, a), b);
    for (int orientation = 1; orientation <= 8; ++orientation)
        if (cv::countNonZero(wanted != turn_upright(marks, orientation)) == 0)
            return orientation;
    return 1;
}

void read_camera_matrix(Reader reader, HeifBoxes::Item& item) {
    const std::uint32_t flags = read_version(reader);
    const auto share = [&] {
        const auto number = static_cast<std::int32_t>(reader.u32());
        return number / static_cast<double>(std::uint64_t{1} << (flags >> 8 & 0x1F));
    };
    const double focal = share(), x = share(), y = share();
    // Shares of the width, of the height for y; the size may be read later
    if (reader.is_good() && focal > 0)
        item.lens = StoredLens{focal, {x, y}, {1, 1}};
}

void apply_property(const Box& box, HeifBoxes::Item& item) {
    Reader reader(box.content);
    constexpr std::array kAnticlockwise = {1, 8, 3, 6};  // EXIF's numbers of quarter turns
    if (box.name == "irot") {
        item.orientation = combined(item.orientation, kAnticlockwise[reader.number(1) & 3]);
        item.is_turned = true;
    } else if (box.name == "imir") {
        constexpr int kTopAndBottom = 4, kLeftAndRight = 2;
        item.orientation =
            combined(item.orientation, (reader.number(1) & 1) != 0 ? kLeftAndRight : kTopAndBottom);
        item.is_turned = true;
    } else if (box.name == "ispe") {
        read_version(reader);
        const std::uint32_t width = reader.u32(), height = reader.u32();
        constexpr std::uint32_t kMostSide = 1U << 20;
        if (width <= kMostSide && height <= kMostSide)
            item.size = {static_cast<int>(width), static_cast<int>(height)};
    } else if (box.name == "cmin") {
        read_camera_matrix(reader, item);
    } else if (box.name == "uuid" && box.content.size() > kCameraMatrixId.size() &&
               std::memcmp(box.content.data(), kCameraMatrixId.data(), kCameraMatrixId.size()) ==
                   0) {
        reader.take(kCameraMatrixId.size());
        read_camera_matrix(reader, item);
    }
}

// Which properties belong to which item
void read_associations(Bytes content, const std::vector<Box>& properties, HeifBoxes& boxes) {
    Reader reader(content);
    const std::uint32_t version = read_version(reader);
    const std::size_t id_bytes = version_of(version) < 1 ? 2 : 4;
    const bool is_wide = (version & 1) != 0;
    const std::uint32_t entry_count = reader.u32();
    for (std::uint32_t entry = 0; entry < entry_count && reader.is_good(); ++entry) {
        const auto id = static_cast<std::uint32_t>(reader.number(id_bytes));
        const std::uint64_t count = reader.number(1);
        HeifBoxes::Item& item = boxes.items[id];
        for (std::uint64_t i = 0; i < count && reader.is_good(); ++i) {
            // The top bit says that readers must know the property; indices count from 1
            const std::uint64_t index =
                is_wide ? reader.number(2) & 0x7FFF : reader.number(1) & 0x7F;
            if (index >= 1 && index <= properties.size())
                apply_property(properties[index - 1], item);
        }
    }
}

std::optional<std::uint32_t> find_left(Bytes groups) {
    for (const Box& group : read_boxes(groups)) {
        if (group.name != "ster")
            continue;
        Reader reader(group.content);
        read_version(reader);
        reader.u32();  // the group's own number
        const std::uint32_t count = reader.u32(), left = reader.u32();
        reader.u32();  // the right one
        if (reader.is_good() && count >= 2)
            return left;
    }
    return std::nullopt;
}

}  // namespace

HeifBoxes read_heif_boxes(Bytes bytes) {
    HeifBoxes result;
    Reader meta(content_of(read_boxes(bytes), "meta"));
    read_version(meta);
    const std::vector<Box> boxes = read_boxes(meta.rest());

    Reader primary(content_of(boxes, "pitm"));
    const std::uint32_t version = version_of(read_version(primary));
    result.primary = static_cast<std::uint32_t>(primary.number(version == 0 ? 2 : 4));
    const std::vector<Box> properties = read_boxes(content_of(boxes, "iprp"));
    const std::vector<Box> container = read_boxes(content_of(properties, "ipco"));
    for (const Box& box : properties)
        if (box.name == "ipma")
            read_associations(box.content, container, result);
    for (auto& [id, item] : result.items)
        if (item.lens) {
            const double width = item.size.width, height = item.size.height;
            item.lens =
                StoredLens{item.lens->focal * width,
                           {item.lens->principal.x * width, item.lens->principal.y * height},
                           item.size};
        }
    result.left = find_left(content_of(boxes, "grpl"));
    return result;
}

}  // namespace unflat
