// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "io/jpeg.h"
#include "io/png.h"

namespace unflat {

void write_picture(const cv::Mat_<cv::Vec3b>& rgb, const std::filesystem::path& file,
                   int jpeg_quality) {
    const std::string extension = lower_extension(file);
    if (extension == ".png")
        write_bytes(file, encode_png(rgb));
    else if (extension == ".jpg" || extension == ".jpeg")
        write_bytes(file, encode_jpeg(rgb, jpeg_quality));
    else
        throw Error(ErrorKind::Unsupported, "cannot write '" + file.string() +
                                                "': pictures are written as .png or .jpg, by the "
                                                "ending of the file's name");
}

}  // namespace unflat
