// SPDX-License-Identifier: MIT
#include "io/picture.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <jpeglib.h>
// Needs jpeglib.h before it
#include <jerror.h>

namespace unflat {

namespace {

// A progressive file may hold any number of scans that each cost a pass over the picture
constexpr int kMaxScans = 200;
constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr int kProfileMarker = JPEG_APP0 + 2;
constexpr unsigned kWholeMarker = 0xFFFF;

// What libjpeg calls back into; errors jump out of the running step
struct JpegErrors {
    jpeg_error_mgr base;  // first: libjpeg knows the struct by this address
    std::jmp_buf jump;
    std::array<char, JMSG_LENGTH_MAX> message;
    bool damaged;
};

JpegErrors& errors_of(j_common_ptr info) {
    return *reinterpret_cast<JpegErrors*>(info->err);
}

[[noreturn]] void on_error(j_common_ptr info) {
    JpegErrors& errors = errors_of(info);
    info->err->format_message(info, errors.message.data());
    std::longjmp(errors.jump, 1);
}

// Damage is told, but does not stop; the end of the data does
void on_message(j_common_ptr info, int level) {
    if (level >= 0)
        return;
    if (info->err->msg_code == JWRN_JPEG_EOF)
        on_error(info);
    JpegErrors& errors = errors_of(info);
    if (!errors.damaged)
        info->err->format_message(info, errors.message.data());
    errors.damaged = true;
}

void on_progress(j_common_ptr info) {
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxScans)
        ERREXIT(info, JERR_BAD_PROGRESSION);
}

// A decompressor that releases itself. Each step runs C code only under its setjmp, so that no
// destructor is jumped over; false means that `errors.message` says why.
class JpegReader {
public:
    JpegReader() {
        info_.err = jpeg_std_error(&errors_.base);
        errors_.base.error_exit = on_error;
        errors_.base.emit_message = on_message;
        monitor_.progress_monitor = on_progress;
    }
    ~JpegReader() { jpeg_destroy_decompress(&info_); }
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;

    bool read_header(Bytes bytes) {
        if (setjmp(errors_.jump))
            return false;
        jpeg_create_decompress(&info_);
        info_.progress = &monitor_;
        jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
        jpeg_save_markers(&info_, kExifMarker, kWholeMarker);
        jpeg_save_markers(&info_, kProfileMarker, kWholeMarker);
        jpeg_read_header(&info_, TRUE);
        return true;
    }

    // The caller frees `data`
    void read_profile(unsigned char*& data, unsigned& size) {
        if (setjmp(errors_.jump) || !jpeg_read_icc_profile(&info_, &data, &size))
            size = 0;
    }

    bool read_pixels(J_COLOR_SPACE color_space, unsigned char* pixels, std::size_t row_bytes) {
        if (setjmp(errors_.jump))
            return false;
        info_.out_color_space = color_space;
        jpeg_start_decompress(&info_);
        while (info_.output_scanline < info_.output_height) {
            JSAMPROW row = pixels + row_bytes * info_.output_scanline;
            jpeg_read_scanlines(&info_, &row, 1);
        }
        jpeg_finish_decompress(&info_);
        return true;
    }

    const jpeg_decompress_struct& info() const { return info_; }
    bool damaged() const { return errors_.damaged; }
    std::string message() const { return errors_.message.data(); }

private:
    jpeg_decompress_struct info_{};
    JpegErrors errors_{};
    jpeg_progress_mgr monitor_{};
};

Bytes marker_bytes(const jpeg_marker_struct& marker) {
    return std::as_bytes(std::span(marker.data, marker.data_length));
}

void read_markers(const JpegReader& reader, Picture& picture) {
    constexpr std::string_view kExif("Exif\0\0", 6);
    for (const jpeg_marker_struct* marker = reader.info().marker_list; marker;
         marker = marker->next) {
        const Bytes bytes = marker_bytes(*marker);
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (marker->marker == kExifMarker && text.starts_with(kExif) && picture.exif.empty())
            picture.exif.assign(bytes.begin() + kExif.size(), bytes.end());
    }
}

void read_profile(JpegReader& reader, Picture& picture) {
    unsigned char* data = nullptr;
    unsigned size = 0;
    reader.read_profile(data, size);
    const Bytes bytes = std::as_bytes(std::span(data, size));
    picture.profile.assign(bytes.begin(), bytes.end());
    std::free(data);
}

ColorModel model_of(const jpeg_decompress_struct& info) {
    switch (info.jpeg_color_space) {
        case JCS_GRAYSCALE:
            return ColorModel::Grey;
        case JCS_CMYK:
        case JCS_YCCK:
            return ColorModel::Cmyk;
        default:
            return ColorModel::Rgb;
    }
}

void read_pixels(JpegReader& reader, Picture& picture) {
    constexpr std::array<J_COLOR_SPACE, 3> kSpaces = {JCS_GRAYSCALE, JCS_RGB, JCS_CMYK};
    constexpr std::array<int, 3> kTypes = {CV_8UC1, CV_8UC3, CV_8UC4};
    const auto model = static_cast<std::size_t>(picture.model);
    picture.samples.create(picture.size, kTypes[model]);
    if (!reader.read_pixels(kSpaces[model], picture.samples.data, picture.samples.step[0]))
        throw Malformed("it is a JPEG file that is cut off or damaged (" + reader.message() + ")");
    if (reader.damaged())
        picture.warnings.push_back("parts of the JPEG data are damaged (" + reader.message() + ")");

    // Adobe's programs store how much is not covered by ink
    if (picture.model == ColorModel::Cmyk && reader.info().saw_Adobe_marker)
        cv::bitwise_not(picture.samples, picture.samples);
}

}  // namespace

Picture decode_jpeg(Bytes bytes, Extent extent) {
    JpegReader reader;
    if (!reader.read_header(bytes))
        throw Malformed("it is a JPEG file that is cut off or damaged (" + reader.message() + ")");
    const jpeg_decompress_struct& info = reader.info();
    check_size(info.image_width, info.image_height);

    Picture picture{.format = "JPEG"};
    picture.size = {static_cast<int>(info.image_width), static_cast<int>(info.image_height)};
    picture.channel_count = info.num_components;
    picture.bit_depth = info.data_precision;
    picture.model = model_of(info);
    read_markers(reader, picture);
    read_profile(reader, picture);
    if (extent == Extent::Pixels)
        read_pixels(reader, picture);
    return picture;
}

}  // namespace unflat
