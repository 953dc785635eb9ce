// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "io/libav.h"
#include "io/yuv.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include <opencv2/core/utility.hpp>

namespace unflat {

namespace {

/// Preset of the encoder, and what of it is made cheaper: on circles of 960 x 960 pixels these took
/// 0.6 of the preset's time for 1.13 times the bytes at the same SSIM to 0.0004; superfast took
/// 0.65 for 1.5 times the bytes.
constexpr const char* kPreset = "veryfast";
constexpr const char* kCheaper = "subme=1:me=dia:partitions=i4x4,i8x8";

/// Fixed, because the bytes depend on it.
constexpr int kEncoderThreads = 2;

/// Seconds between frames that a player can jump to.
constexpr float kKeyFrameSeconds = 2;

std::string describe(const LibAv& av, int error) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av.av_strerror(error, text.data(), text.size());
    return text.data();
}

/// Frames per second as a fraction of thousandths.
AVRational rate_of(float fps) {
    constexpr int kParts = 1000;
    const int numerator = static_cast<int>(std::lround(static_cast<double>(fps) * kParts));
    const int divisor = std::gcd(numerator, kParts);
    return {numerator / divisor, kParts / divisor};
}

/// Key and value options of a library call, freed at the end.
class Options {
public:
    explicit Options(const LibAv& av) : av_(av) {}
    ~Options() { av_.av_dict_free(&dictionary_); }
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;
    void set(const char* key, const std::string& value) {
        av_.av_dict_set(&dictionary_, key, value.c_str(), 0);
    }
    AVDictionary** get() { return &dictionary_; }

private:
    const LibAv& av_;
    AVDictionary* dictionary_ = nullptr;
};

}  // namespace

struct VideoWriter::Impl {
    Impl(const std::filesystem::path& file, cv::Size frame_size, float fps,
         const VideoOptions& options);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void add(const cv::Mat_<cv::Vec3b>& rgb);
    void finish();

private:
    void open_encoder(float fps, const VideoOptions& options);
    void open_file();
    void make_picture();
    void encode(const AVFrame* picture);
    void write_packets();
    void close();
    void check(int result, const char* action) const;

    const LibAv& av_;
    std::string name_;
    cv::Size frame_size_;  ///< of the frames given
    cv::Size size_;        ///< of the video: even
    OutputFile output_;
    YuvConverter converter_;
    AVCodecContext* encoder_ = nullptr;
    AVFormatContext* container_ = nullptr;
    AVStream* stream_ = nullptr;
    AVFrame* picture_ = nullptr;
    AVPacket* packet_ = nullptr;
    std::int64_t frame_count_ = 0;
    bool is_finished_ = false;
};

VideoWriter::Impl::Impl(const std::filesystem::path& file, cv::Size frame_size, float fps,
                        const VideoOptions& options)
    : av_(libav()),
      name_(file.string()),
      frame_size_(frame_size),
      size_(frame_size.width / 2 * 2, frame_size.height / 2 * 2),
      output_(file) {
    try {
        open_encoder(fps, options);
        open_file();
        make_picture();
    } catch (...) {
        close();
        throw;
    }
}

VideoWriter::Impl::~Impl() {
    close();
}

/// Turns a failed call of a library into an error; what fails after the encoder was opened is the
/// file.
void VideoWriter::Impl::check(int result, const char* action) const {
    if (result < 0)
        throw Error(ErrorKind::Unwritable,
                    "cannot write '" + name_ + "': " + action + ": " + describe(av_, result));
}

void VideoWriter::Impl::open_encoder(float fps, const VideoOptions& options) {
    const AVCodec* codec = av_.avcodec_find_encoder_by_name("libx264");
    if (!codec)
        throw Error(ErrorKind::Unsupported,
                    "cannot write '" + name_ + "': this machine's libavcodec has no libx264");
    encoder_ = av_.avcodec_alloc_context3(codec);
    encoder_->width = size_.width;
    encoder_->height = size_.height;
    encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder_->framerate = rate_of(fps);
    encoder_->time_base = {encoder_->framerate.den, encoder_->framerate.num};
    encoder_->gop_size = std::max(1, static_cast<int>(std::lround(fps * kKeyFrameSeconds)));
    encoder_->thread_count = kEncoderThreads;

    // What YuvConverter makes
    encoder_->color_range = AVCOL_RANGE_MPEG;
    encoder_->color_primaries = AVCOL_PRI_BT709;
    encoder_->color_trc = AVCOL_TRC_BT709;
    encoder_->colorspace = AVCOL_SPC_BT709;
    encoder_->chroma_sample_location = AVCHROMA_LOC_LEFT;

    // In an .mp4 the stream's headers stand once, in front
    encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    Options settings(av_);
    settings.set("preset", kPreset);
    settings.set("crf", std::to_string(options.crf));
    // x264's AVX-512 routine for propagating costs (mb-tree, core 164) depends on what happens to
    // lie in memory: the same frames gave other bytes on every run
    const bool has_avx512 = cv::checkHardwareSupport(CV_CPU_AVX_512F);
    settings.set("x264-params", std::string(kCheaper) + (has_avx512 ? ":asm=avx2" : ""));
    const int result = av_.avcodec_open2(encoder_, codec, settings.get());
    if (result < 0)
        throw Error(ErrorKind::Unsupported, "cannot write '" + name_ + "': the encoder refuses " +
                                                std::to_string(size_.width) + " x " +
                                                std::to_string(size_.height) +
                                                " pixels: " + describe(av_, result));
}

void VideoWriter::Impl::open_file() {
    // The prefix keeps a colon in the name from being read as a protocol
    const std::string url = "file:" + output_.partial().string();
    check(av_.avformat_alloc_output_context2(&container_, nullptr, "mp4", url.c_str()), "opening");
    container_->flags |= AVFMT_FLAG_BITEXACT;
    stream_ = av_.avformat_new_stream(container_, nullptr);
    if (!stream_)
        check(AVERROR(ENOMEM), "opening");
    stream_->time_base = encoder_->time_base;
    stream_->avg_frame_rate = encoder_->framerate;
    check(av_.avcodec_parameters_from_context(stream_->codecpar, encoder_), "opening");
    check(av_.avio_open(&container_->pb, url.c_str(), AVIO_FLAG_WRITE), "opening");
    Options settings(av_);
    settings.set("movflags", "+faststart");
    check(av_.avformat_write_header(container_, settings.get()), "writing");
}

void VideoWriter::Impl::make_picture() {
    picture_ = av_.av_frame_alloc();
    packet_ = av_.av_packet_alloc();
    if (!picture_ || !packet_)
        check(AVERROR(ENOMEM), "opening");
    picture_->format = encoder_->pix_fmt;
    picture_->width = size_.width;
    picture_->height = size_.height;
    picture_->color_range = encoder_->color_range;
    picture_->color_primaries = encoder_->color_primaries;
    picture_->color_trc = encoder_->color_trc;
    picture_->colorspace = encoder_->colorspace;
    picture_->chroma_location = encoder_->chroma_sample_location;
    check(av_.av_frame_get_buffer(picture_, 0), "opening");
}

void VideoWriter::Impl::add(const cv::Mat_<cv::Vec3b>& rgb) {
    require(!is_finished_, "VideoWriter: the video is finished");
    require(rgb.size() == frame_size_, "VideoWriter: a frame has another size than the video");
    check(av_.av_frame_make_writable(picture_), "encoding");
    YuvPlanes planes;
    for (std::size_t i = 0; i < 3; ++i) {
        planes.data[i] = picture_->data[i];
        planes.strides[i] = picture_->linesize[i];
    }
    converter_.convert(rgb(cv::Rect({}, size_)), planes);
    picture_->pts = frame_count_++;
    encode(picture_);
}

void VideoWriter::Impl::encode(const AVFrame* picture) {
    check(av_.avcodec_send_frame(encoder_, picture), "encoding");
    write_packets();
}

void VideoWriter::Impl::write_packets() {
    for (;;) {
        const int result = av_.avcodec_receive_packet(encoder_, packet_);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return;
        check(result, "encoding");
        packet_->duration = 1;
        av_.av_packet_rescale_ts(packet_, encoder_->time_base, stream_->time_base);
        packet_->stream_index = stream_->index;
        check(av_.av_interleaved_write_frame(container_, packet_), "writing");
        check(container_->pb->error, "writing");
    }
}

void VideoWriter::Impl::finish() {
    require(!is_finished_, "VideoWriter: the video is finished");
    require(frame_count_ > 0, "VideoWriter: a video needs a frame");
    is_finished_ = true;
    encode(nullptr);
    check(av_.av_write_trailer(container_), "writing");
    check(container_->pb->error, "writing");
    check(av_.avio_closep(&container_->pb), "writing");
    output_.commit();
    close();
}

void VideoWriter::Impl::close() {
    av_.av_packet_free(&packet_);
    av_.av_frame_free(&picture_);
    av_.avcodec_free_context(&encoder_);
    if (container_)
        av_.avio_closep(&container_->pb);
    av_.avformat_free_context(container_);
    container_ = nullptr;
}

VideoWriter::VideoWriter(const std::filesystem::path& file, cv::Size size, float fps,
                         const VideoOptions& options) {
    constexpr float kMaxFps = 1000;
    constexpr int kMaxCrf = 51;
    if (size.width < 2 || size.height < 2)
        throw Error(ErrorKind::InvalidInput,
                    "'" + file.string() + "' would have " + std::to_string(size.width) + "x" +
                        std::to_string(size.height) + " pixels, and a video needs 2x2 or more");
    require(fps >= 0.001F && fps <= kMaxFps,
            "VideoWriter: the frames per second must lie in [0.001, 1000]");
    require(options.crf >= 0 && options.crf <= kMaxCrf, "VideoWriter: crf must lie in [0, 51]");
    impl_ = std::make_unique<Impl>(file, size, fps, options);
}

VideoWriter::~VideoWriter() = default;
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;

void VideoWriter::add(const cv::Mat_<cv::Vec3b>& rgb) {
    impl_->add(rgb);
}

void VideoWriter::finish() {
    impl_->finish();
}

}  // namespace unflat
