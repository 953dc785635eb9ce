// SPDX-License-Identifier: MIT
#include "io/picture.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include <tiffio.h>

namespace unflat {

namespace {

// What libtiff calls back into
struct TiffSource {
    Bytes bytes;
    std::uint64_t position = 0;
    std::array<char, 160> message{};  // the first error
};

TiffSource& source_of(thandle_t handle) {
    return *static_cast<TiffSource*>(handle);
}

tmsize_t on_read(thandle_t handle, void* target, tmsize_t count) {
    TiffSource& source = source_of(handle);
    if (count <= 0 || source.position >= source.bytes.size())
        return 0;
    const auto available = std::min<std::uint64_t>(static_cast<std::uint64_t>(count),
                                                   source.bytes.size() - source.position);
    std::memcpy(target, source.bytes.data() + source.position, available);
    source.position += available;
    return static_cast<tmsize_t>(available);
}

tmsize_t on_write(thandle_t, void*, tmsize_t) {
    return 0;
}

toff_t on_seek(thandle_t handle, toff_t offset, int whence) {
    TiffSource& source = source_of(handle);
    if (whence == SEEK_CUR)
        offset += source.position;
    else if (whence == SEEK_END)
        offset += source.bytes.size();
    source.position = offset;
    return offset;
}

int on_close(thandle_t) {
    return 0;
}

toff_t on_size(thandle_t handle) {
    return source_of(handle).bytes.size();
}

// The bytes are in memory already: libtiff reads them where they are
int on_map(thandle_t handle, void** base, toff_t* size) {
    const Bytes bytes = source_of(handle).bytes;
    *base = const_cast<std::byte*>(bytes.data());
    *size = bytes.size();
    return 1;
}

void on_unmap(thandle_t, void*, toff_t) {}

int on_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
    auto& source = *static_cast<TiffSource*>(user);
    if (source.message[0] == '\0')
        std::vsnprintf(source.message.data(), source.message.size(), format, arguments);
    return 1;
}

int on_warning(TIFF*, void*, const char*, const char*, va_list) {
    return 1;
}

using Tiff = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

[[noreturn]] void fail(const TiffSource& source) {
    std::string message = source.message.data();
    if (message.empty())
        message = "its data end early";
    throw Malformed("it is a TIFF file that is cut off or damaged (" + message + ")");
}

Tiff open(TiffSource& source) {
    constexpr tmsize_t kMostBytes = tmsize_t{2} << 30;
    const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
        TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostBytes);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &source);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, nullptr);
    Tiff tiff(TIFFClientOpenExt("memory", "r", &source, on_read, on_write, on_seek, on_close,
                                on_size, on_map, on_unmap, options.get()),
              &TIFFClose);
    if (!tiff)
        fail(source);
    return tiff;
}

// How the samples of a file are stored
struct Layout {
    std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
    std::uint16_t bits = 1;
    std::uint16_t channels = 1;
    std::uint16_t format = SAMPLEFORMAT_UINT;
    std::uint16_t planar = PLANARCONFIG_CONTIG;
    std::uint16_t extra_count = 0;

    // The type of one channel of a matrix that holds the samples as they are, or -1
    int depth() const {
        if (format == SAMPLEFORMAT_UINT && (bits == 8 || bits == 16))
            return bits == 8 ? CV_8U : CV_16U;
        if (format == SAMPLEFORMAT_INT && (bits == 16 || bits == 32))
            return bits == 16 ? CV_16S : CV_32S;
        if (format == SAMPLEFORMAT_IEEEFP && (bits == 32 || bits == 64))
            return bits == 32 ? CV_32F : CV_64F;
        return -1;
    }
    int color_channels() const {
        return photometric == PHOTOMETRIC_RGB ? 3 : photometric == PHOTOMETRIC_SEPARATED ? 4 : 1;
    }
    // Stored as matrices are; libtiff converts everything else to 8-bit RGBA
    bool is_plain() const {
        const bool is_known =
            photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE ||
            photometric == PHOTOMETRIC_RGB || photometric == PHOTOMETRIC_SEPARATED;
        constexpr int kMostChannels = 8;
        return is_known && depth() >= 0 && channels >= color_channels() &&
               channels <= kMostChannels;
    }
};

Layout read_layout(TIFF* tiff) {
    Layout layout;
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout.photometric);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout.bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout.channels);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout.format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &layout.planar);
    std::uint16_t* kinds = nullptr;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &layout.extra_count, &kinds);
    if (layout.format == SAMPLEFORMAT_VOID)
        layout.format = SAMPLEFORMAT_UINT;
    return layout;
}

// Strips and tiles alike: blocks of rows and columns, one plane or all channels each
struct Blocks {
    bool tiled = false;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t columns = 0;
    std::uint32_t rows = 0;
};

Blocks find_blocks(TIFF* tiff, cv::Size size, const TiffSource& source) {
    const auto width = static_cast<std::uint32_t>(size.width);
    const auto height = static_cast<std::uint32_t>(size.height);
    Blocks blocks{.tiled = TIFFIsTiled(tiff) != 0, .width = width, .height = height};
    if (blocks.tiled) {
        TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &blocks.width);
        TIFFGetField(tiff, TIFFTAG_TILELENGTH, &blocks.height);
    } else {
        TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &blocks.height);
        blocks.height = std::min(blocks.height, height);
    }
    constexpr std::uint32_t kMaxSide = 1 << 16;
    if (blocks.width == 0 || blocks.height == 0 || blocks.width > kMaxSide ||
        blocks.height > kMaxSide)
        fail(source);
    blocks.columns = (width + blocks.width - 1) / blocks.width;
    blocks.rows = (height + blocks.height - 1) / blocks.height;
    return blocks;
}

// Copies the part of a decoded block that lies inside the picture. `channel` < 0: all channels
void copy_block(const std::vector<std::uint8_t>& block, const Blocks& blocks, cv::Point origin,
                int channel, cv::Mat& samples) {
    const std::size_t sample_bytes = samples.elemSize1();
    const std::size_t pixel_bytes = samples.elemSize();
    const std::size_t stored_bytes = channel < 0 ? pixel_bytes : sample_bytes;
    const int width = std::min(static_cast<int>(blocks.width), samples.cols - origin.x);
    const int height = std::min(static_cast<int>(blocks.height), samples.rows - origin.y);
    for (int y = 0; y < height; ++y) {
        const std::uint8_t* from =
            block.data() + static_cast<std::size_t>(y) * blocks.width * stored_bytes;
        std::uint8_t* to = samples.ptr(origin.y + y, origin.x);
        if (channel < 0) {
            std::memcpy(to, from, static_cast<std::size_t>(width) * pixel_bytes);
            continue;
        }
        to += static_cast<std::size_t>(channel) * sample_bytes;
        for (int x = 0; x < width; ++x, from += sample_bytes, to += pixel_bytes)
            std::memcpy(to, from, sample_bytes);
    }
}

cv::Mat read_plain(TIFF* tiff, const Layout& layout, cv::Size size, const TiffSource& source) {
    const Blocks blocks = find_blocks(tiff, size, source);
    cv::Mat samples(size, CV_MAKETYPE(layout.depth(), layout.channels));
    const bool separate = layout.planar == PLANARCONFIG_SEPARATE && layout.channels > 1;
    const std::size_t pixel_bytes = separate ? samples.elemSize1() : samples.elemSize();
    std::vector<std::uint8_t> block(pixel_bytes * blocks.width * blocks.height);
    const auto block_bytes = static_cast<tmsize_t>(block.size());
    std::uint32_t index = 0;
    for (int plane = 0; plane < (separate ? layout.channels : 1); ++plane)
        for (std::uint32_t row = 0; row < blocks.rows; ++row)
            for (std::uint32_t column = 0; column < blocks.columns; ++column, ++index) {
                // The last strip may be shorter: what is asked for is what it must hold
                const std::uint32_t height = std::min(
                    blocks.height, static_cast<std::uint32_t>(size.height) - row * blocks.height);
                const auto wanted =
                    blocks.tiled ? block_bytes
                                 : static_cast<tmsize_t>(pixel_bytes * blocks.width * height);
                const tmsize_t read = blocks.tiled
                                          ? TIFFReadEncodedTile(tiff, index, block.data(), wanted)
                                          : TIFFReadEncodedStrip(tiff, index, block.data(), wanted);
                if (read != wanted)
                    fail(source);
                copy_block(block, blocks,
                           {static_cast<int>(column * blocks.width),
                            static_cast<int>(row * blocks.height)},
                           separate ? plane : -1, samples);
            }
    return samples;
}

// Keeps colour and one alpha of channels that may be more
cv::Mat keep_channels(const cv::Mat& samples, int count) {
    if (samples.channels() == count)
        return samples;
    cv::Mat kept(samples.size(), CV_MAKETYPE(samples.depth(), count));
    std::vector<int> pairs(2 * static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < pairs.size(); ++i)
        pairs[i] = static_cast<int>(i / 2);
    cv::mixChannels(&samples, 1, &kept, 1, pairs.data(), pairs.size() / 2);
    return kept;
}

void read_plain_pixels(TIFF* tiff, const Layout& layout, const TiffSource& source,
                       Picture& picture) {
    picture.samples = read_plain(tiff, layout, picture.size, source);
    picture.has_alpha = layout.extra_count > 0 && layout.channels > layout.color_channels();
    picture.samples =
        keep_channels(picture.samples, layout.color_channels() + (picture.has_alpha ? 1 : 0));
    picture.model = layout.photometric == PHOTOMETRIC_RGB         ? ColorModel::Rgb
                    : layout.photometric == PHOTOMETRIC_SEPARATED ? ColorModel::Cmyk
                                                                  : ColorModel::Grey;
    if (layout.photometric == PHOTOMETRIC_MINISWHITE && picture.samples.depth() <= CV_16U &&
        !picture.has_alpha)
        cv::bitwise_not(picture.samples, picture.samples);
}

// Palettes, YCbCr, L*a*b*, one to four bits: by libtiff's own conversion
void read_converted_pixels(TIFF* tiff, const TiffSource& source, Picture& picture) {
    std::array<char, 1024> reason{};
    if (!TIFFRGBAImageOK(tiff, reason.data()))
        throw Malformed(std::string("it is a TIFF file of a kind that is not read (") +
                        reason.data() + ")");
    std::uint16_t orientation = ORIENTATION_TOPLEFT;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
    // The stored orientation in and out: it is turned later, as for every format
    cv::Mat rgba(picture.size, CV_8UC4);
    if (!TIFFReadRGBAImageOriented(tiff, static_cast<std::uint32_t>(picture.size.width),
                                   static_cast<std::uint32_t>(picture.size.height),
                                   reinterpret_cast<std::uint32_t*>(rgba.data), orientation, 1))
        fail(source);
    picture.samples = keep_channels(rgba, 3);
    picture.model = ColorModel::Rgb;
}

}  // namespace

Picture decode_tiff(Bytes bytes, Extent extent) {
    TiffSource source{.bytes = bytes};
    const Tiff tiff = open(source);
    std::uint32_t width = 0, height = 0;
    TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
    check_size(width, height);
    const Layout layout = read_layout(tiff.get());

    Picture picture{.format = "TIFF"};
    picture.size = {static_cast<int>(width), static_cast<int>(height)};
    picture.channel_count = layout.channels;
    picture.bit_depth = layout.bits;
    picture.exif.assign(bytes.begin(), bytes.end());
    std::uint32_t profile_size = 0;
    void* profile = nullptr;
    if (TIFFGetField(tiff.get(), TIFFTAG_ICCPROFILE, &profile_size, &profile)) {
        const auto* first = static_cast<const std::byte*>(profile);
        picture.profile.assign(first, first + profile_size);
    }
    if (extent == Extent::Header)
        return picture;
    if (layout.is_plain())
        read_plain_pixels(tiff.get(), layout, source, picture);
    else
        read_converted_pixels(tiff.get(), source, picture);
    return picture;
}

}  // namespace unflat
