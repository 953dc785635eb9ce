// SPDX-License-Identifier: MIT
// Depth images of HEIC and AVIF: an auxiliary image beside the primary one. Apple describes its
// numbers in XMP of the auxiliary image, others by the codec's depth representation.
#include "io/embedded.h"
#include "io/heif_boxes.h"
#include "io/heif_library.h"

#include <array>
#include <cstring>

namespace unflat {

namespace {

constexpr std::size_t kMostXmp = std::size_t{1} << 20;
constexpr int kMostBlocks = 16;

Xmp read_heif_xmp(const heif_image_handle* image) {
    Xmp xmp;
    std::array<heif_item_id, kMostBlocks> ids{};
    const int count =
        heif().image_handle_get_list_of_metadata_block_IDs(image, "mime", ids.data(), kMostBlocks);
    for (int i = 0; i < count; ++i) {
        const heif_item_id id = ids[static_cast<std::size_t>(i)];
        const char* type = heif().image_handle_get_metadata_content_type(image, id);
        const std::size_t size = heif().image_handle_get_metadata_size(image, id);
        if (!type || std::strcmp(type, "application/rdf+xml") != 0 || size > kMostXmp)
            continue;
        std::string packet(size, '\0');
        if (heif().image_handle_get_metadata(image, id, packet.data()).code == heif_error_Ok)
            xmp.add_packet(packet);
    }
    return xmp;
}

std::optional<DepthRange> range_of(const heif_depth_representation_info& info) {
    const DepthRange range{info.z_near, info.z_far};
    return info.has_z_near && info.has_z_far && is_usable(range) ? std::optional(range)
                                                                 : std::nullopt;
}

// The codec's description: the ends of z, or only the order of the numbers
StoredDepth read_representation(const heif_depth_representation_info* info, double full_scale) {
    StoredDepth depth;
    depth.info.format = "HEIF";
    if (!info) {
        depth.info.convention = "convention not given: relative disparity";
        return depth;
    }
    const auto range = range_of(*info);
    const auto type = info->depth_representation_type;
    const bool is_z = type == heif_depth_representation_type_uniform_Z;
    const bool is_nonuniform = type == heif_depth_representation_type_nonuniform_disparity;
    constexpr std::array kNames = {"uniform inverse depth", "uniform disparity", "uniform depth",
                                   "non-uniform disparity"};
    const auto name = static_cast<std::size_t>(type);
    if (name >= kNames.size())
        throw Malformed("its depth has a representation that is not known");
    depth.info.convention = kNames[name];
    // Disparity is linear in 1/z: where the ends of z are said, so is all between
    if (!range || is_nonuniform) {
        depth.formula = DepthFormula::linear(DepthKind::Disparity, 0, is_z ? -1 : 1);
        depth.info.convention += ", relative";
        return depth;
    }
    depth.info.range = range;
    depth.info.kind = DepthKind::Depth;
    depth.formula = DepthFormula::of(is_z ? DepthCode::RangeLinear : DepthCode::UniformInverse,
                                     range, full_scale);
    depth.info.convention += ", " + in_digits(range->near) + " to " + in_digits(range->far) +
                             " in a unit that is not said";
    return depth;
}

StoredDepth describe(const heif_image_handle* photo, const heif_image_handle* depth_image,
                     heif_item_id id, double full_scale) {
    if (auto depth = read_apple_depth(read_heif_xmp(depth_image), full_scale))
        return std::move(*depth);
    const heif_depth_representation_info* info = nullptr;
    if (!heif().image_handle_get_depth_image_representation_info(photo, id, &info))
        info = nullptr;
    const std::unique_ptr<const heif_depth_representation_info,
                          void (*)(const heif_depth_representation_info*)>
        owner(info, heif().depth_representation_info_free);
    return read_representation(info, full_scale);
}

// The numbers as coded: the luma plane, without any conversion of range or colour
Picture read_luma(const heif_image_handle* handle, bool as_stored) {
    const HeifOwner<heif_decoding_options> options(heif().decoding_options_alloc(),
                                                   heif().decoding_options_free);
    options->ignore_transformations = as_stored ? 1 : 0;
    options->strict_decoding = 1;
    heif_image* decoded = nullptr;
    check(heif().decode_image(handle, &decoded, heif_colorspace_undefined, heif_chroma_undefined,
                              options.get()));
    const HeifImage image(decoded, heif().image_release);
    const int width = heif().image_get_width(decoded, heif_channel_Y);
    const int height = heif().image_get_height(decoded, heif_channel_Y);
    check_size(width, height);
    int stride = 0;
    const std::uint8_t* plane = heif().image_get_plane_readonly(decoded, heif_channel_Y, &stride);
    const int bits = heif().image_get_bits_per_pixel_range(decoded, heif_channel_Y);
    Picture picture{.format = "HEIF", .size = {width, height}, .channel_count = 1};
    picture.bit_depth = bits;
    picture.model = ColorModel::Grey;
    picture.samples.create(picture.size, bits > 8 ? CV_16UC1 : CV_8UC1);
    const std::size_t row_bytes = picture.samples.elemSize() * static_cast<std::size_t>(width);
    if (!plane || bits < 1 || bits > 16 || static_cast<std::size_t>(stride) < row_bytes)
        throw Malformed("its depth image holds no picture");
    for (int y = 0; y < height; ++y)
        std::memcpy(picture.samples.ptr(y),
                    plane + static_cast<std::size_t>(stride) * static_cast<std::size_t>(y),
                    row_bytes);
    return picture;
}

std::optional<StoredDepth> read_depth_image(const heif_image_handle* photo, std::uint32_t photo_id,
                                            const HeifBoxes& boxes, Extent extent,
                                            Embedded& embedded) {
    heif_item_id id = 0;
    heif_image_handle* found = nullptr;
    if (heif().image_handle_get_list_of_depth_image_IDs(photo, &id, 1) < 1)
        return std::nullopt;
    check(heif().image_handle_get_depth_image_handle(photo, id, &found));
    const HeifImageHandle image(found, heif().image_handle_release);
    check_size(heif().image_handle_get_width(found), heif().image_handle_get_height(found));

    const int bits = std::max(1, heif().image_handle_get_luma_bits_per_pixel(found));
    StoredDepth depth =
        describe(photo, found, id, static_cast<double>((1U << std::min(bits, 16)) - 1));
    depth.info.size = {heif().image_handle_get_width(found), heif().image_handle_get_height(found)};
    // What turns the photo turns its depth, whether the file repeats it for the depth or not
    const auto turns = [&](std::uint32_t item) {
        const auto entry = boxes.items.find(item);
        return entry != boxes.items.end() && entry->second.is_turned ? entry->second.orientation
                                                                     : 0;
    };
    const bool is_turned_itself = turns(id) != 0 || turns(photo_id) == 0;
    depth.orientation = is_turned_itself ? 1 : turns(photo_id);
    if (const auto lens = read_apple_lens(read_heif_xmp(found)))
        embedded.lens = lens;
    if (extent == Extent::Pixels)
        depth.picture = read_luma(found, !is_turned_itself);
    return depth;
}

}  // namespace

Embedded read_embedded_heif(Bytes bytes, Extent extent) {
    Embedded embedded;
    const HeifBoxes boxes = read_heif_boxes(bytes);
    const std::uint32_t id = boxes.left.value_or(boxes.primary);
    if (const auto item = boxes.items.find(id); item != boxes.items.end()) {
        embedded.lens = item->second.lens;
        embedded.orientation = item->second.orientation;
    }
    embedded.is_stereo_left = boxes.left.has_value();
    try {
        const HeifContext context = open_heif(bytes);
        const HeifImageHandle photo = photo_image(context.get(), bytes);
        embedded.depth = read_depth_image(photo.get(), id, boxes, extent, embedded);
    } catch (const Malformed& malformed) {
        embedded.warnings.push_back("the depth inside it was ignored: " +
                                    std::string(malformed.what()));
    }
    return embedded;
}

}  // namespace unflat
