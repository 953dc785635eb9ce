// SPDX-License-Identifier: MIT
#include "io/texture_codec.h"

#include "unflat/error.h"
#include "unflat/io.h"

#include "io/jpeg.h"

#include <memory>

#include <webp/encode.h>

namespace unflat {

namespace {

cv::Mat_<cv::Vec3b> decode_or_explain(Bytes bytes) {
    try {
        return decode_texture(bytes);
    } catch (const Malformed& reason) {
        throw Error(ErrorKind::Unreadable,
                    std::string("a texture cannot be read: ") + reason.what());
    }
}

class JpegCodec final : public TextureCodec {
public:
    std::vector<std::byte> encode(const cv::Mat_<cv::Vec3b>& rgb, int quality,
                                  bool full_chroma) const override {
        return encode_jpeg(rgb, quality,
                           full_chroma ? JpegUse::Texture : JpegUse::TextureHalfChroma);
    }
    cv::Mat_<cv::Vec3b> decode(Bytes bytes) const override { return decode_or_explain(bytes); }
};

// What WebP writes into
class Sink {
public:
    Sink() { WebPMemoryWriterInit(&writer_); }
    ~Sink() { WebPMemoryWriterClear(&writer_); }
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    WebPMemoryWriter* writer() { return &writer_; }
    std::vector<std::byte> bytes() const {
        const Bytes written = std::as_bytes(std::span(writer_.mem, writer_.size));
        return {written.begin(), written.end()};
    }

private:
    WebPMemoryWriter writer_{};
};

class WebPCodec final : public TextureCodec {
public:
    // Chroma of a lossy WebP is always half as fine: full chroma is the best that can be had of
    // that, samples chosen for what they are interpolated to
    std::vector<std::byte> encode(const cv::Mat_<cv::Vec3b>& rgb, int quality,
                                  bool full_chroma) const override {
        WebPConfig config;
        WebPPicture picture;
        bool complete =
            WebPConfigPreset(&config, WEBP_PRESET_PHOTO, static_cast<float>(quality)) != 0 &&
            WebPPictureInit(&picture) != 0;
        require(complete, "this libwebp is older than its header");
        config.use_sharp_yuv = full_chroma ? 1 : 0;
        picture.width = rgb.cols;
        picture.height = rgb.rows;
        const std::unique_ptr<WebPPicture, decltype(&WebPPictureFree)> owner(&picture,
                                                                             &WebPPictureFree);
        Sink sink;
        picture.writer = &WebPMemoryWrite;
        picture.custom_ptr = sink.writer();
        complete = WebPPictureImportRGB(&picture, rgb.ptr<std::uint8_t>(),
                                        static_cast<int>(rgb.step[0])) != 0 &&
                   WebPEncode(&config, &picture) != 0;
        require(complete, "a WebP texture must have sides of 1 to 16383 pixels");
        return sink.bytes();
    }
    cv::Mat_<cv::Vec3b> decode(Bytes bytes) const override { return decode_or_explain(bytes); }
};

}  // namespace

bool is_webp(Bytes texture) {
    return recognise(texture) == Format::WebP;
}

cv::Mat_<cv::Vec3b> decode_texture(Bytes bytes) {
    const cv::Mat samples =
        (is_webp(bytes) ? decode_webp(bytes, Extent::Pixels) : decode_jpeg(bytes, Extent::Pixels))
            .samples;
    if (samples.type() != CV_8UC3)
        throw Malformed("its texture has not three colours");
    return samples;
}

std::unique_ptr<TextureCodec> jpeg_texture_codec() {
    return std::make_unique<JpegCodec>();
}

std::unique_ptr<TextureCodec> webp_texture_codec() {
    return std::make_unique<WebPCodec>();
}

}  // namespace unflat
