// SPDX-License-Identifier: MIT
#include "unflat/error.h"

#include "io/png.h"

#include <bit>
#include <csetjmp>
#include <cstring>
#include <new>

#include <png.h>

namespace unflat {

namespace {

// On photos and renderings this takes a quarter of the time of adaptive filters with level 3 and
// gives files that are 5 % larger
constexpr int kCompressionLevel = 1;
constexpr int kRunLengthStrategy = 3;  // Z_RLE of zlib

// Errors and a full memory are kept until libpng's C code has been left
struct PngSink {
    std::vector<std::byte> bytes;
    bool failed = false;
};

void on_write(png_structp png, png_bytep data, std::size_t count) {
    auto& sink = *static_cast<PngSink*>(png_get_io_ptr(png));
    try {
        const auto* first = reinterpret_cast<const std::byte*>(data);
        sink.bytes.insert(sink.bytes.end(), first, first + count);
    } catch (const std::bad_alloc&) {
        sink.failed = true;
    }
    if (sink.failed)
        png_error(png, "out of memory");
}

void on_flush(png_structp) {}

void on_error(png_structp png, png_const_charp) {
    png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

// C code only: errors jump, and no destructor may be jumped over
bool compress(png_structp png, png_infop info, PngSink& sink, png_bytepp rows, cv::Size size,
              int bit_depth, int color_type) {
    if (setjmp(png_jmpbuf(png)))
        return false;
    png_set_write_fn(png, &sink, on_write, on_flush);
    png_set_IHDR(png, info, static_cast<png_uint_32>(size.width),
                 static_cast<png_uint_32>(size.height), bit_depth, color_type, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, kCompressionLevel);
    png_set_compression_strategy(png, kRunLengthStrategy);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    png_write_info(png, info);
    if (bit_depth == 16 && std::endian::native == std::endian::little)
        png_set_swap(png);
    png_write_image(png, rows);
    png_write_end(png, nullptr);
    return true;
}

int color_type_of(const cv::Mat& samples) {
    switch (samples.channels()) {
        case 1:
            return PNG_COLOR_TYPE_GRAY;
        case 3:
            return PNG_COLOR_TYPE_RGB;
        default:
            return PNG_COLOR_TYPE_RGBA;
    }
}

}  // namespace

std::vector<std::byte> encode_png(const cv::Mat& samples) {
    require(!samples.empty(), "a picture without pixels cannot be written");
    require(samples.depth() == CV_8U || samples.depth() == CV_16U,
            "a PNG has 8 or 16 bits a sample");
    require(samples.channels() != 2 && samples.channels() <= 4,
            "a PNG is written with 1, 3 or 4 channels");
    std::vector<png_bytep> rows(static_cast<std::size_t>(samples.rows));
    for (std::size_t y = 0; y < rows.size(); ++y)
        rows[y] = samples.data + samples.step[0] * y;

    PngSink sink;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : nullptr;
    const bool complete =
        info && compress(png, info, sink, rows.data(), samples.size(),
                         samples.depth() == CV_16U ? 16 : 8, color_type_of(samples));
    png_destroy_write_struct(&png, &info);
    if (!complete)
        throw std::bad_alloc();
    return std::move(sink.bytes);
}

}  // namespace unflat
