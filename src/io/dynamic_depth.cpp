// SPDX-License-Identifier: MIT
// Dynamic Depth 1.0: XMP describes a container whose pictures follow the primary one, in order.
// Gain maps and films use the same container, so only the item that DepthURI names is depth.
#include "io/embedded.h"

namespace unflat {

namespace {

struct Item {
    std::string_view uri;
    std::size_t offset = 0;  // behind the primary picture's end
    std::size_t length = 0;
};

// A length in bytes; 0 for what is none
std::size_t length_of(std::optional<std::string_view> text) {
    const auto number = text ? parse_number(*text) : std::nullopt;
    // Larger ones do not fit into any file that is read, and sums stay exact
    constexpr double kMost = 1e12;
    return number && *number > 0 && *number < kMost ? static_cast<std::size_t>(*number) : 0;
}

// Item 1 is the primary picture, whose end the caller knows
std::vector<Item> find_items(const Xmp& xmp) {
    std::vector<Item> items;
    std::size_t offset = 0;
    bool is_primary = true;
    for (const Xmp::Property* mime : xmp.find_all("Item:Mime")) {
        const std::size_t length = length_of(xmp.beside(*mime, "Item:Length"));
        const std::size_t padding = length_of(xmp.beside(*mime, "Item:Padding"));
        if (!is_primary) {
            items.push_back({xmp.beside(*mime, "Item:DataURI").value_or(""), offset, length});
            offset += length;
        }
        offset += padding;
        is_primary = false;
    }
    return items;
}

Bytes item_named(std::string_view uri, const std::vector<Item>& items, Bytes behind_primary) {
    for (const Item& item : items) {
        if (item.uri != uri)
            continue;
        if (item.offset > behind_primary.size() ||
            item.length > behind_primary.size() - item.offset)
            throw Malformed("its Dynamic Depth lies beyond the end of the file");
        return behind_primary.subspan(item.offset, item.length);
    }
    throw Malformed("its Dynamic Depth is not among the items of its container");
}

// Segmentations are stored as depth maps too
const Xmp::Property* find_depth_uri(const Xmp& xmp) {
    for (const Xmp::Property* uri : xmp.find_all("DepthMap:DepthURI"))
        if (xmp.beside(*uri, "DepthMap:ItemSemantic").value_or("Depth") != "Segmentation")
            return uri;
    return nullptr;
}

}  // namespace

std::optional<StoredDepth> read_dynamic_depth(const Xmp& xmp, Bytes behind_primary, Extent extent) {
    const Xmp::Property* uri = find_depth_uri(xmp);
    if (!uri)
        return std::nullopt;
    StoredDepth depth = read_range_depth(xmp, *uri, "DepthMap:");
    depth.info.format = "Dynamic Depth";
    const std::vector<Item> items = find_items(xmp);
    decode_samples(depth, item_named(uri->value, items, behind_primary), extent);
    if (const auto confidence = xmp.beside(*uri, "DepthMap:ConfidenceURI"))
        decode_confidence(depth, item_named(*confidence, items, behind_primary), extent);
    return depth;
}

std::optional<StoredLens> read_imaging_model(const Xmp& xmp) {
    const Xmp::Property* focal = xmp.find("ImagingModel:FocalLengthX");
    if (!focal)
        return std::nullopt;
    const auto number = [&](const char* name) {
        const auto text = xmp.beside(*focal, name);
        return text ? parse_number(*text) : std::nullopt;
    };
    const auto pixels = parse_number(focal->value);
    const auto width = number("ImagingModel:ImageWidth");
    const auto height = number("ImagingModel:ImageHeight");
    if (!pixels || !width || !height || !(*width >= 1) || !(*height >= 1))
        return std::nullopt;
    // Principal points are shares of the picture
    const double x = number("ImagingModel:PrincipalPointX").value_or(0.5);
    const double y = number("ImagingModel:PrincipalPointY").value_or(0.5);
    return StoredLens{*pixels, {x * *width, y * *height}, {*width, *height}};
}

}  // namespace unflat
