// SPDX-License-Identifier: MIT
#include "io/picture.h"

#include <algorithm>
#include <array>
#include <bit>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string_view>

#include <png.h>

namespace unflat {

namespace {

// Profiles and text are unpacked by libpng: bound what a small file can blow up to
constexpr png_alloc_size_t kMaxChunkBytes = png_alloc_size_t{16} << 20;

// What libpng calls back into; errors jump out of the running step
struct PngSource {
    Bytes bytes;
    std::size_t position = 0;
    std::array<char, 128> message{};
    bool bad_profile = false;
};

void on_error(png_structp png, png_const_charp text) {
    auto& source = *static_cast<PngSource*>(png_get_error_ptr(png));
    std::snprintf(source.message.data(), source.message.size(), "%s", text);
    png_longjmp(png, 1);
}

void on_warning(png_structp png, png_const_charp text) {
    auto& source = *static_cast<PngSource*>(png_get_error_ptr(png));
    source.bad_profile = source.bad_profile || std::string_view(text).starts_with("iCCP");
}

void on_read(png_structp png, png_bytep target, std::size_t count) {
    auto& source = *static_cast<PngSource*>(png_get_io_ptr(png));
    if (count > source.bytes.size() - source.position)
        png_error(png, "the data ends early");
    std::memcpy(target, source.bytes.data() + source.position, count);
    source.position += count;
}

// A decoder that releases itself. Each step runs C code only under its setjmp, so that no
// destructor is jumped over; false means that `source.message` says why.
class PngReader {
public:
    explicit PngReader(Bytes bytes) : source_{.bytes = bytes} {
        png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source_, on_error, on_warning);
        info_ = png_ ? png_create_info_struct(png_) : nullptr;
        if (!info_) {
            png_destroy_read_struct(&png_, nullptr, nullptr);
            throw std::bad_alloc();
        }
    }
    ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;

    bool read_header() {
        if (setjmp(png_jmpbuf(png_)))
            return false;
        png_set_read_fn(png_, &source_, on_read);
        png_set_chunk_malloc_max(png_, kMaxChunkBytes);
        png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // checked with our own words
        png_read_info(png_, info_);
        return true;
    }

    // Grey, RGB or either with alpha; 8 bits, or 16 in this machine's order
    bool unpack() {
        if (setjmp(png_jmpbuf(png_)))
            return false;
        png_set_expand(png_);
        if constexpr (std::endian::native == std::endian::little)
            png_set_swap(png_);
        png_set_interlace_handling(png_);
        png_read_update_info(png_, info_);
        return true;
    }

    bool read_pixels(png_bytepp rows) {
        if (setjmp(png_jmpbuf(png_)))
            return false;
        png_read_image(png_, rows);
        png_read_end(png_, info_);
        return true;
    }

    png_structp png() const { return png_; }
    png_infop info() const { return info_; }
    const PngSource& source() const { return source_; }

private:
    PngSource source_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
};

[[noreturn]] void fail(const PngReader& reader) {
    throw Malformed("it is a PNG file that is cut off or damaged (" +
                    std::string(reader.source().message.data()) + ")");
}

void read_metadata(const PngReader& reader, Picture& picture) {
    png_charp name = nullptr;
    int compression = 0;
    png_bytep profile = nullptr;
    png_uint_32 profile_size = 0;
    if (png_get_iCCP(reader.png(), reader.info(), &name, &compression, &profile, &profile_size)) {
        const Bytes bytes = std::as_bytes(std::span(profile, profile_size));
        picture.profile.assign(bytes.begin(), bytes.end());
    } else if (reader.source().bad_profile) {
        picture.warnings.emplace_back("its ICC profile is broken and was ignored");
    }
    png_uint_32 exif_size = 0;
    png_bytep exif = nullptr;
    if (png_get_eXIf_1(reader.png(), reader.info(), &exif_size, &exif)) {
        const Bytes bytes = std::as_bytes(std::span(exif, exif_size));
        picture.exif.assign(bytes.begin(), bytes.end());
    }
}

void read_pixels(PngReader& reader, Picture& picture) {
    if (!reader.unpack())
        fail(reader);
    const int color_type = png_get_color_type(reader.png(), reader.info());
    const bool is_wide = png_get_bit_depth(reader.png(), reader.info()) == 16;
    picture.has_alpha = (color_type & PNG_COLOR_MASK_ALPHA) != 0;
    picture.samples.create(
        picture.size,
        CV_MAKETYPE(is_wide ? CV_16U : CV_8U, png_get_channels(reader.png(), reader.info())));
    std::vector<png_bytep> rows(static_cast<std::size_t>(picture.size.height));
    for (std::size_t y = 0; y < rows.size(); ++y)
        rows[y] = picture.samples.data + picture.samples.step[0] * y;
    if (!reader.read_pixels(rows.data()))
        fail(reader);
}

}  // namespace

Picture decode_png(Bytes bytes, Extent extent) {
    PngReader reader(bytes);
    if (!reader.read_header())
        fail(reader);
    check_size(png_get_image_width(reader.png(), reader.info()),
               png_get_image_height(reader.png(), reader.info()));

    Picture picture{.format = "PNG"};
    picture.size = {static_cast<int>(png_get_image_width(reader.png(), reader.info())),
                    static_cast<int>(png_get_image_height(reader.png(), reader.info()))};
    picture.channel_count = png_get_channels(reader.png(), reader.info());
    picture.bit_depth = png_get_bit_depth(reader.png(), reader.info());
    const int color_type = png_get_color_type(reader.png(), reader.info());
    picture.model = color_type & PNG_COLOR_MASK_COLOR ? ColorModel::Rgb : ColorModel::Grey;
    read_metadata(reader, picture);
    if (extent == Extent::Pixels)
        read_pixels(reader, picture);
    return picture;
}

}  // namespace unflat
