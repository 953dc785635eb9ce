// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "io/yuv.h"
#include "scenes.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace unflat {
namespace {

namespace fs = std::filesystem;

/// An empty folder that vanishes at the end of a test.
class Video : public testing::Test {
protected:
    Video() : folder_(fs::temp_directory_path() / ("unflat_video_" + std::to_string(getpid()))) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    ~Video() override { fs::remove_all(folder_); }

    fs::path file(const std::string& name = "a.mp4") const { return folder_ / name; }
    bool folder_is_empty() const { return fs::is_empty(folder_); }

    fs::path folder_;
};

/// A moving picture.
cv::Mat_<cv::Vec3b> picture(cv::Size size, int i) {
    const cv::Mat_<cv::Vec3b> wide = waves({size.width + 40, size.height}).rgb;
    return wide(cv::Rect({i % 40, 0}, size)).clone();
}

void write_video(const fs::path& file, cv::Size size, int frame_count, float fps = 40,
                 const VideoOptions& options = {}) {
    VideoWriter writer(file, size, fps, options);
    for (int i = 0; i < frame_count; ++i)
        writer.add(picture(size, i));
    writer.finish();
}

std::string content(const fs::path& file) {
    const std::vector<std::byte> bytes = read_bytes(file);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Standard output of a program; nothing if it is not there or fails.
std::string run(const std::string& command) {
    std::FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
    if (!pipe)
        return {};
    std::string output;
    std::array<char, 4096> block{};
    while (const std::size_t count = std::fread(block.data(), 1, block.size(), pipe))
        output.append(block.data(), count);
    return ::pclose(pipe) == 0 ? output : std::string();
}

/// Fields that ffprobe reads from the video stream, one per line as key=value.
std::string probe(const fs::path& file) {
    return run(
        "ffprobe -v error -count_frames -select_streams v:0 -show_entries "
        "stream=codec_name,pix_fmt,width,height,nb_read_frames,r_frame_rate,color_range,"
        "color_space,color_transfer,color_primaries,chroma_location -of default=nw=1 '" +
        file.string() + "'");
}

bool has_ffmpeg() {
    return !run("ffprobe -version").empty() && !run("ffmpeg -version").empty();
}

TEST_F(Video, IsWhatPlayersExpect) {
    write_video(file(), {64, 48}, 10);
    const std::string bytes = content(file());
    EXPECT_EQ(bytes.substr(4, 4), "ftyp");
    ASSERT_NE(bytes.find("moov"), std::string::npos);
    EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
    EXPECT_EQ(bytes.find("Lavf"), std::string::npos);
    if (!has_ffmpeg())
        GTEST_SKIP() << "ffprobe is not installed";
    const std::string fields = probe(file());
    for (const std::string_view field :
         {"codec_name=h264", "pix_fmt=yuv420p", "width=64", "height=48", "nb_read_frames=10",
          "r_frame_rate=40/1", "color_range=tv", "color_space=bt709", "color_transfer=bt709",
          "color_primaries=bt709", "chroma_location=left"})
        EXPECT_NE(fields.find(field), std::string::npos) << field << " is not in\n" << fields;
}

TEST_F(Video, ShowsTheFrames) {
    if (!has_ffmpeg())
        GTEST_SKIP() << "ffmpeg is not installed";
    const cv::Size size(64, 48);
    write_video(file(), size, 10, 40, {.crf = 1});
    const std::string frames = run("ffmpeg -v error -i '" + file().string() +
                                   "' -vf scale=in_color_matrix=bt709:in_range=tv:flags="
                                   "accurate_rnd+full_chroma_int -f rawvideo -pix_fmt rgb24 -");
    const std::size_t frame_bytes = static_cast<std::size_t>(size.area()) * 3;
    ASSERT_EQ(frames.size(), 10 * frame_bytes);
    for (std::size_t i = 0; i < 10; ++i) {
        const cv::Mat_<cv::Vec3b> expected = picture(size, static_cast<int>(i));
        const std::string frame = frames.substr(i * frame_bytes, frame_bytes);
        double sum = 0;
        for (std::size_t k = 0; k < frame_bytes; ++k)
            sum += std::abs(static_cast<std::uint8_t>(frame[k]) - expected.data[k]);
        EXPECT_LT(sum / static_cast<double>(frame_bytes), 2.5) << "frame " << i;
    }
}

TEST_F(Video, HasTheSameBytesOnEveryRun) {
    write_video(file("first.mp4"), {320, 240}, 30);
    const std::string first = content(file("first.mp4"));
    std::vector<std::string> ballast;
    for (int i = 0; i < 5; ++i) {
        // Whatever lies in memory must not matter
        ballast.emplace_back(static_cast<std::size_t>(100'000 + 12'345 * i), '\x5A');
        write_video(file("again.mp4"), {320, 240}, 30);
        EXPECT_TRUE(content(file("again.mp4")) == first) << "run " << i;
    }
}

TEST_F(Video, OddSidesLoseTheirLastLine) {
    write_video(file(), {65, 47}, 2);
    EXPECT_TRUE(fs::exists(file()));
    if (!has_ffmpeg())
        GTEST_SKIP() << "ffprobe is not installed";
    EXPECT_NE(probe(file()).find("width=64"), std::string::npos);
    EXPECT_NE(probe(file()).find("height=46"), std::string::npos);
}

TEST_F(Video, AnySizeAndRate) {
    write_video(file("small.mp4"), {2, 2}, 3);
    write_video(file("tall.mp4"), {2, 3000}, 3, 29.97F);
    write_video(file("one frame.mp4"), {32, 32}, 1, 0.5F);
    write_video(file("a:b'c.mp4"), {32, 32}, 2, 1000);
    EXPECT_GT(fs::file_size(file("small.mp4")), 0U);
    EXPECT_GT(fs::file_size(file("tall.mp4")), 0U);
    EXPECT_GT(fs::file_size(file("one frame.mp4")), 0U);
    EXPECT_GT(fs::file_size(file("a:b'c.mp4")), 0U);
}

TEST_F(Video, QualityIsAnOption) {
    write_video(file("fine.mp4"), {128, 96}, 10, 40, {.crf = 5});
    write_video(file("coarse.mp4"), {128, 96}, 10, 40, {.crf = 40});
    EXPECT_GT(fs::file_size(file("fine.mp4")), 2 * fs::file_size(file("coarse.mp4")));
}

TEST_F(Video, AppearsWhenFinishedOrNotAtAll) {
    {
        VideoWriter writer(file(), {64, 48}, 40);
        writer.add(picture({64, 48}, 0));
        EXPECT_FALSE(fs::exists(file()));
    }
    EXPECT_TRUE(folder_is_empty());
    {
        // Moving hands the file over
        VideoWriter first(file(), {64, 48}, 40);
        VideoWriter second = std::move(first);
        second.add(picture({64, 48}, 0));
        second.finish();
    }
    EXPECT_TRUE(fs::exists(file()));
}

TEST_F(Video, NamesWhatCannotBeWritten) {
    try {
        VideoWriter(folder_ / "missing" / "a.mp4", {64, 48}, 40);
        FAIL() << "was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unwritable);
        EXPECT_NE(std::string(error.what()).find("a.mp4"), std::string::npos);
    }
}

TEST_F(Video, FullDiskLeavesNothingBehind) {
    // A limit on the size of files stands in for a full disk
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old_limit{};
    ::getrlimit(RLIMIT_FSIZE, &old_limit);
    rlimit limit = old_limit;
    limit.rlim_cur = 100'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
        VideoWriter writer(file(), {320, 240}, 40, {.crf = 0});
        cv::Mat_<cv::Vec3b> noise(240, 320);
        for (int i = 0; i < 60; ++i) {
            cv::randu(noise, 0, 256);
            writer.add(noise);
        }
        writer.finish();
        ADD_FAILURE() << "was written";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unwritable);
        EXPECT_NE(std::string(error.what()).find("a.mp4"), std::string::npos);
    }
    ::setrlimit(RLIMIT_FSIZE, &old_limit);
    EXPECT_TRUE(folder_is_empty());
}

TEST_F(Video, RefusesWhatIsNoVideo) {
    EXPECT_THROW(VideoWriter(file(), {1, 10}, 40), Error);
    EXPECT_THROW(VideoWriter(file(), {64, 48}, 0), Error);
    EXPECT_THROW(VideoWriter(file(), {64, 48}, 40, {.crf = 52}), Error);
    {
        VideoWriter writer(file(), {64, 48}, 40);
        EXPECT_THROW(writer.add(picture({64, 50}, 0)), Error);
        EXPECT_THROW(writer.finish(), Error);
    }
    EXPECT_TRUE(folder_is_empty());
}

// ---- Colours

struct Yuv {
    std::vector<std::uint8_t> y, cb, cr;
};

Yuv converted(const cv::Mat_<cv::Vec3b>& rgb) {
    const auto area = static_cast<std::size_t>(rgb.total());
    Yuv yuv{.y = std::vector<std::uint8_t>(area),
            .cb = std::vector<std::uint8_t>(area / 4),
            .cr = std::vector<std::uint8_t>(area / 4)};
    YuvConverter().convert(rgb, {.data = {yuv.y.data(), yuv.cb.data(), yuv.cr.data()},
                                 .strides = {rgb.cols, rgb.cols / 2, rgb.cols / 2}});
    return yuv;
}

TEST(Yuv, HasTheValuesOfTheStandard) {
    const auto expect = [](cv::Vec3b colour, int y, int cb, int cr) {
        const Yuv yuv = converted(cv::Mat_<cv::Vec3b>(2, 4, colour));
        EXPECT_EQ(yuv.y[5], y);
        EXPECT_EQ(yuv.cb[1], cb);
        EXPECT_EQ(yuv.cr[1], cr);
    };
    expect({0, 0, 0}, 16, 128, 128);
    expect({255, 255, 255}, 235, 128, 128);
    expect({128, 128, 128}, 126, 128, 128);
    expect({255, 0, 0}, 63, 102, 240);
    expect({0, 255, 0}, 173, 42, 26);
    expect({0, 0, 255}, 32, 240, 118);
}

TEST(Yuv, ChromaStandsAtEverySecondColumn) {
    // A blue column: seen fully by its own sample, by a quarter from each side otherwise
    cv::Mat_<cv::Vec3b> rgb(2, 8, cv::Vec3b(0, 0, 0));
    rgb.col(4).setTo(cv::Vec3b(0, 0, 255));
    std::vector<std::uint8_t> cb = converted(rgb).cb;
    EXPECT_EQ(cb, (std::vector<std::uint8_t>{128, 128, 184, 128}));
    rgb.setTo(cv::Vec3b(0, 0, 0));
    rgb.col(3).setTo(cv::Vec3b(0, 0, 255));
    cb = converted(rgb).cb;
    EXPECT_EQ(cb, (std::vector<std::uint8_t>{128, 156, 156, 128}));
}

}  // namespace
}  // namespace unflat
