// SPDX-License-Identifier: MIT
#include "io/heif_library.h"
#include "io/picture.h"
#include "io/profile.h"

#include <cstring>

namespace unflat {

namespace {

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
    const HeifOwner<heif_color_profile_nclx> owner(codes, heif().nclx_color_profile_free);
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

// The format's mirroring and rotation are applied by libheif, whatever EXIF says on top
cv::Mat read_pixels(const heif_image_handle* handle, bool has_alpha) {
    const HeifOwner<heif_decoding_options> options(heif().decoding_options_alloc(),
                                                   heif().decoding_options_free);
    options->convert_hdr_to_8bit = 1;
    options->strict_decoding = 1;
    heif_image* decoded = nullptr;
    check(heif().decode_image(
        handle, &decoded, heif_colorspace_RGB,
        has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options.get()));
    const HeifImage image(decoded, heif().image_release);

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
    const HeifContext context = open_heif(bytes);
    const HeifImageHandle image = photo_image(context.get(), bytes);
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
    if (extent == Extent::Pixels)
        picture.samples = read_pixels(image.get(), picture.has_alpha);
    return picture;
}

}  // namespace unflat
