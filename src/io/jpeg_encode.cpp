// SPDX-License-Identifier: MIT
#include "io/jpeg_encode.h"

#include "unflat/error.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <jpeglib.h>

namespace unflat {

namespace {

struct ErrorManager {
    jpeg_error_mgr base;
    std::jmp_buf back;
};

void leave(j_common_ptr info) {
    std::longjmp(reinterpret_cast<ErrorManager*>(info->err)->back, 1);
}

void stay_silent(j_common_ptr, int) {}

// Holds no C++ object whose destructor a longjmp could skip
bool compress(const cv::Mat_<cv::Vec3b>& rgb, int quality, unsigned char** bytes,
              unsigned long* size) {
    jpeg_compress_struct info;
    ErrorManager errors;
    info.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = leave;
    errors.base.emit_message = stay_silent;
    if (setjmp(errors.back)) {
        jpeg_destroy_compress(&info);
        return false;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, bytes, size);
    info.image_width = static_cast<JDIMENSION>(rgb.cols);
    info.image_height = static_cast<JDIMENSION>(rgb.rows);
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.optimize_coding = TRUE;
    for (int i = 0; i < info.num_components; ++i)
        info.comp_info[i].h_samp_factor = info.comp_info[i].v_samp_factor = 1;
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        // libjpeg reads rows through a pointer to non-const and leaves them as they are
        JSAMPROW row =
            const_cast<JSAMPROW>(rgb.ptr<JSAMPLE>(static_cast<int>(info.next_scanline)));
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return true;
}

}  // namespace

std::vector<std::byte> encode_texture_jpeg(const cv::Mat_<cv::Vec3b>& rgb, int quality) {
    require(!rgb.empty() && rgb.cols <= JPEG_MAX_DIMENSION && rgb.rows <= JPEG_MAX_DIMENSION,
            "a texture must have between 1 and 65500 pixels on a side to be stored as JPEG");
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    const bool done = compress(rgb, quality, &bytes, &size);
    const std::unique_ptr<unsigned char, decltype(&std::free)> owner(bytes, &std::free);
    if (!done)
        throw Error(ErrorKind::Unsupported, "libjpeg could not encode the texture");
    const auto* first = reinterpret_cast<const std::byte*>(bytes);
    return {first, first + size};
}

}  // namespace unflat
