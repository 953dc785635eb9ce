// SPDX-License-Identifier: MIT
// HEIC and AVIF. libheif brings two video codecs along, which would take 8 ms of every start of the
// program: it is loaded when the first such file is read.
#include "io/picture.h"
#include "io/profile.h"

#include <array>
#include <cstring>
#include <memory>

#include <dlfcn.h>
#include <libheif/heif.h>

namespace unflat {

namespace {

// The functions of libheif that are used, with the types that its header gives them
struct HeifLibrary {
#define UNFLAT_HEIF_FUNCTION(name) \
    decltype(&::heif_##name) name = load<decltype(&::heif_##name)>("heif_" #name)
    void* handle = ::dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL);
    template <typename Function>
    Function load(const char* name) const {
        return handle ? reinterpret_cast<Function>(::dlsym(handle, name)) : nullptr;
    }
    UNFLAT_HEIF_FUNCTION(context_alloc);
    UNFLAT_HEIF_FUNCTION(context_free);
    UNFLAT_HEIF_FUNCTION(context_read_from_memory_without_copy);
    UNFLAT_HEIF_FUNCTION(context_get_primary_image_handle);
    UNFLAT_HEIF_FUNCTION(image_handle_release);
    UNFLAT_HEIF_FUNCTION(image_handle_get_width);
    UNFLAT_HEIF_FUNCTION(image_handle_get_height);
    UNFLAT_HEIF_FUNCTION(image_handle_get_ispe_width);
    UNFLAT_HEIF_FUNCTION(image_handle_get_ispe_height);
    UNFLAT_HEIF_FUNCTION(image_handle_has_alpha_channel);
    UNFLAT_HEIF_FUNCTION(image_handle_get_luma_bits_per_pixel);
    UNFLAT_HEIF_FUNCTION(image_handle_get_list_of_metadata_block_IDs);
    UNFLAT_HEIF_FUNCTION(image_handle_get_metadata_size);
    UNFLAT_HEIF_FUNCTION(image_handle_get_metadata);
    UNFLAT_HEIF_FUNCTION(image_handle_get_raw_color_profile_size);
    UNFLAT_HEIF_FUNCTION(image_handle_get_raw_color_profile);
    UNFLAT_HEIF_FUNCTION(image_handle_get_nclx_color_profile);
    UNFLAT_HEIF_FUNCTION(nclx_color_profile_free);
    UNFLAT_HEIF_FUNCTION(image_handle_get_list_of_depth_image_IDs);
    UNFLAT_HEIF_FUNCTION(image_handle_get_depth_image_handle);
    UNFLAT_HEIF_FUNCTION(image_handle_get_depth_image_representation_info);
    UNFLAT_HEIF_FUNCTION(depth_representation_info_free);
    UNFLAT_HEIF_FUNCTION(decoding_options_alloc);
    UNFLAT_HEIF_FUNCTION(decoding_options_free);
    UNFLAT_HEIF_FUNCTION(decode_image);
    UNFLAT_HEIF_FUNCTION(image_release);
    UNFLAT_HEIF_FUNCTION(image_get_width);
    UNFLAT_HEIF_FUNCTION(image_get_height);
    UNFLAT_HEIF_FUNCTION(image_get_plane_readonly);
#undef UNFLAT_HEIF_FUNCTION
    // The newest of them: where it is, all are
    bool is_usable() const {
        return handle && image_handle_get_ispe_width;
    }
};

// Stays loaded: libraries with threads of their own do not like to be unloaded
const HeifLibrary& heif() {
    static const HeifLibrary library;
    if (!library.is_usable())
        throw Malformed(
            "it is a HEIC or AVIF file, and libheif, which reads them, is not "
            "installed on this machine");
    return library;
}

template <typename Handle>
using Owner = std::unique_ptr<Handle, void (*)(Handle*)>;
using Context = Owner<heif_context>;
using ImageHandle = std::unique_ptr<const heif_image_handle, void (*)(const heif_image_handle*)>;
using Image = std::unique_ptr<const heif_image, void (*)(const heif_image*)>;

void check(const heif_error& error) {
    if (error.code != heif_error_Ok)
        throw Malformed(std::string("it is a HEIC or AVIF file that is cut off or damaged (") +
                        error.message + ")");
}

ImageHandle primary_image(heif_context* context) {
    heif_image_handle* handle = nullptr;
    check(heif().context_get_primary_image_handle(context, &handle));
    return {handle, heif().image_handle_release};
}

void read_exif_block(const heif_image_handle* image, Picture& picture) {
    heif_item_id id = 0;
    if (heif().image_handle_get_list_of_metadata_block_IDs(image, "Exif", &id, 1) < 1)
        return;
    std::vector<std::byte> block(heif().image_handle_get_metadata_size(image, id));
    constexpr std::size_t kOffsetBytes = 4;
    if (block.size() <= kOffsetBytes ||
        heif().image_handle_get_metadata(image, id, block.data()).code != heif_error_Ok)
        return;
    // A big-endian number says how far behind it the TIFF block begins
    std::size_t start = 0;
    for (std::size_t i = 0; i < kOffsetBytes; ++i)
        start = start << 8 | std::to_integer<std::size_t>(block[i]);
    start += kOffsetBytes;
    if (start < block.size())
        picture.exif.assign(block.begin() + static_cast<std::ptrdiff_t>(start), block.end());
}

// Colours that are described by code points instead of a profile
void read_color_codes(const heif_image_handle* image, Picture& picture) {
    heif_color_profile_nclx* codes = nullptr;
    if (heif().image_handle_get_nclx_color_profile(image, &codes).code != heif_error_Ok)
        return;
    const Owner<heif_color_profile_nclx> owner(codes, heif().nclx_color_profile_free);
    if (codes->color_primaries == heif_color_primaries_SMPTE_EG_432_1)
        picture.profile = make_profile(Primaries::DisplayP3);
    else if (codes->color_primaries == heif_color_primaries_ITU_R_BT_2020_2_and_2100_0)
        picture.profile = make_profile(Primaries::Bt2020);
    if (codes->transfer_characteristics == heif_transfer_characteristic_ITU_R_BT_2100_0_PQ ||
        codes->transfer_characteristics == heif_transfer_characteristic_ITU_R_BT_2100_0_HLG)
        picture.warnings.emplace_back("its brightness is coded for HDR screens; it is shown flat");
}

void read_profile(const heif_image_handle* image, Picture& picture) {
    const std::size_t size = heif().image_handle_get_raw_color_profile_size(image);
    if (size == 0)
        return read_color_codes(image, picture);
    picture.profile.resize(size);
    if (heif().image_handle_get_raw_color_profile(image, picture.profile.data()).code !=
        heif_error_Ok)
        picture.profile.clear();
}

std::string describe_convention(const heif_image_handle* image, heif_item_id id) {
    const heif_depth_representation_info* info = nullptr;
    if (!heif().image_handle_get_depth_image_representation_info(image, id, &info))
        return "convention not given";
    constexpr std::array kTypes = {"inverse depth", "disparity", "depth", "non-uniform disparity"};
    const auto type = static_cast<std::size_t>(info->depth_representation_type);
    heif().depth_representation_info_free(info);
    return type < kTypes.size() ? kTypes[type] : "unknown convention";
}

std::optional<std::string> describe_depth(const heif_image_handle* image) {
    heif_item_id id = 0;
    heif_image_handle* depth = nullptr;
    if (heif().image_handle_get_list_of_depth_image_IDs(image, &id, 1) < 1 ||
        heif().image_handle_get_depth_image_handle(image, id, &depth).code != heif_error_Ok)
        return std::nullopt;
    const ImageHandle owner(depth, heif().image_handle_release);
    return "HEIF depth image, " + std::to_string(heif().image_handle_get_width(depth)) + "x" +
           std::to_string(heif().image_handle_get_height(depth)) + ", " +
           describe_convention(image, id);
}

// The format's mirroring and rotation are applied by libheif, whatever EXIF says on top
cv::Mat read_pixels(const heif_image_handle* handle, bool has_alpha) {
    const Owner<heif_decoding_options> options(heif().decoding_options_alloc(),
                                               heif().decoding_options_free);
    options->convert_hdr_to_8bit = 1;
    options->strict_decoding = 1;
    heif_image* decoded = nullptr;
    check(heif().decode_image(
        handle, &decoded, heif_colorspace_RGB,
        has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options.get()));
    const Image image(decoded, heif().image_release);

    const int width = heif().image_get_width(decoded, heif_channel_interleaved);
    const int height = heif().image_get_height(decoded, heif_channel_interleaved);
    check_size(width, height);
    int stride = 0;
    const std::uint8_t* plane =
        heif().image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    cv::Mat samples(height, width, has_alpha ? CV_8UC4 : CV_8UC3);
    const std::size_t row_bytes = samples.elemSize() * static_cast<std::size_t>(width);
    if (!plane || static_cast<std::size_t>(stride) < row_bytes)
        throw Malformed("it is a HEIC or AVIF file that holds no picture");
    for (int y = 0; y < height; ++y)
        std::memcpy(samples.ptr(y),
                    plane + static_cast<std::size_t>(stride) * static_cast<std::size_t>(y),
                    row_bytes);
    return samples;
}

bool is_avif(Bytes bytes) {
    constexpr std::size_t kBrandAt = 8;
    return std::memcmp(bytes.data() + kBrandAt, "avi", 3) == 0;
}

}  // namespace

Picture decode_heif(Bytes bytes, Extent extent) {
    const Context context(heif().context_alloc(), heif().context_free);
    check(heif().context_read_from_memory_without_copy(context.get(), bytes.data(), bytes.size(),
                                                       nullptr));
    const ImageHandle image = primary_image(context.get());
    check_size(heif().image_handle_get_width(image.get()),
               heif().image_handle_get_height(image.get()));

    Picture picture{.format = is_avif(bytes) ? "AVIF" : "HEIC"};
    picture.size = {heif().image_handle_get_ispe_width(image.get()),
                    heif().image_handle_get_ispe_height(image.get())};
    check_size(picture.size.width, picture.size.height);
    picture.has_alpha = heif().image_handle_has_alpha_channel(image.get()) != 0;
    picture.channel_count = picture.has_alpha ? 4 : 3;
    picture.bit_depth = heif().image_handle_get_luma_bits_per_pixel(image.get());
    picture.is_upright = true;
    read_exif_block(image.get(), picture);
    read_profile(image.get(), picture);
    picture.depth = describe_depth(image.get());
    if (extent == Extent::Pixels)
        picture.samples = read_pixels(image.get(), picture.has_alpha);
    return picture;
}

}  // namespace unflat
