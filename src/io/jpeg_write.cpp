// SPDX-License-Identifier: MIT
#include "unflat/error.h"

#include "io/jpeg.h"

#include <array>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

#include <jpeglib.h>

namespace unflat {

namespace {

constexpr int kFullChromaQuality = 90;

struct WriteErrors {
    jpeg_error_mgr base;  // first: libjpeg knows the struct by this address
    std::jmp_buf jump;
};

[[noreturn]] void on_error(j_common_ptr info) {
    std::longjmp(reinterpret_cast<WriteErrors*>(info->err)->jump, 1);
}

struct Encoded {
    unsigned char* data = nullptr;
    unsigned long size = 0;
};

using QuantTable = std::array<unsigned int, DCTSIZE2>;

// Steps of a texture at quality 50, from that of the mean of a block to that of all fine detail.
// The squared error is least for so many bytes if all steps are the same; means are somewhat finer,
// lest smooth areas show blocks. The tables of the standard spare detail, for eyes that are far
// away: a texture is looked at from near by, and photos lose 1 to 3 dB by them.
QuantTable texture_table(double mean_step, double detail_step) {
    constexpr double kReach = 1.5;  // in frequencies, along both axes together
    QuantTable table{};
    for (int v = 0; v < DCTSIZE; ++v)
        for (int u = 0; u < DCTSIZE; ++u) {
            const double step =
                detail_step - (detail_step - mean_step) * std::exp(-(u + v) / kReach);
            table[static_cast<std::size_t>(v * DCTSIZE + u)] =
                static_cast<unsigned int>(std::lround(step));
        }
    return table;
}

void set_texture_tables(jpeg_compress_struct& info, int quality) {
    static const QuantTable kLuma = texture_table(26, 40), kChroma = texture_table(40, 64);
    jpeg_add_quant_table(&info, 0, kLuma.data(), jpeg_quality_scaling(quality), TRUE);
    jpeg_add_quant_table(&info, 1, kChroma.data(), jpeg_quality_scaling(quality), TRUE);
}

// C code only: errors jump, and no destructor may be jumped over. False: out of memory
bool compress(const unsigned char* pixels, std::size_t row_bytes, cv::Size size, int quality,
              JpegUse use, Encoded& encoded) {
    jpeg_compress_struct info{};
    WriteErrors errors{};
    info.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = on_error;
    if (setjmp(errors.jump)) {
        jpeg_destroy_compress(&info);
        encoded = {};  // may be stale: libjpeg moves its buffer and tells at the end only
        return false;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &encoded.data, &encoded.size);
    info.image_width = static_cast<JDIMENSION>(size.width);
    info.image_height = static_cast<JDIMENSION>(size.height);
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.optimize_coding = TRUE;
    if (use != JpegUse::Picture) {
        set_texture_tables(info, quality);
        jpeg_simple_progression(&info);
    }
    const bool full_chroma =
        use == JpegUse::Texture || (use == JpegUse::Picture && quality >= kFullChromaQuality);
    info.comp_info[0].h_samp_factor = full_chroma ? 1 : 2;
    info.comp_info[0].v_samp_factor = info.comp_info[0].h_samp_factor;
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = const_cast<JSAMPROW>(pixels + row_bytes * info.next_scanline);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return true;
}

}  // namespace

std::vector<std::byte> encode_jpeg(const cv::Mat_<cv::Vec3b>& rgb, int quality, JpegUse use) {
    require(!rgb.empty(), "a picture without pixels cannot be written");
    require(rgb.cols <= JPEG_MAX_DIMENSION && rgb.rows <= JPEG_MAX_DIMENSION,
            "a JPEG cannot have more than 65500 pixels on a side");
    require(quality >= 1 && quality <= 100, "JPEG quality must be from 1 to 100");
    Encoded encoded;
    const bool complete = compress(rgb.data, rgb.step[0], rgb.size(), quality, use, encoded);
    const std::unique_ptr<unsigned char, decltype(&std::free)> owner(encoded.data, &std::free);
    if (!complete)
        throw std::bad_alloc();
    const auto bytes = std::as_bytes(std::span(encoded.data, encoded.size));
    return {bytes.begin(), bytes.end()};
}

}  // namespace unflat
