// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/jpeg.h"
#include "io/picture.h"

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

class JpegCodec final : public TextureCodec {
public:
    std::vector<std::byte> encode(const cv::Mat_<cv::Vec3b>& rgb, int quality,
                                  bool full_chroma) const override {
        return encode_jpeg(rgb, quality,
                           full_chroma ? JpegUse::Texture : JpegUse::TextureHalfChroma);
    }
    cv::Mat_<cv::Vec3b> decode(std::span<const std::byte> bytes) const override {
        cv::Mat samples;
        try {
            samples = decode_jpeg(bytes, Extent::Pixels).samples;
        } catch (const Malformed& reason) {
            throw Error(ErrorKind::Unreadable, std::string("a texture is not a JPEG that can be "
                                                           "read: ") +
                                                   reason.what());
        }
        if (samples.type() != CV_8UC3)
            throw Error(ErrorKind::Unreadable, "a texture is a JPEG without three colours");
        return samples;
    }
};

}  // namespace

std::unique_ptr<TextureCodec> jpeg_texture_codec() {
    return std::make_unique<JpegCodec>();
}

}  // namespace unflat
