// SPDX-License-Identifier: MIT
// Depth of Apple's cameras, depth images of HEIC and AVIF, and real portraits.
#include "unflat/io.h"

#include "embedded_files.h"

#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

constexpr double kNear = 0.8, kFar = 6.5;

// ---- Apple

constexpr double kLeast = 0.25, kMost = 1.5;  // disparity [1/m]

std::string apple_packet(const std::string& type, const std::string& accuracy = "relative") {
    return xmp_packet(
        "",
        "<apdi:AuxiliaryImageType>" + type +
            "</apdi:AuxiliaryImageType><apdi:IntMinValue>0</apdi:IntMinValue>"
            "<apdi:IntMaxValue>255</apdi:IntMaxValue><apdi:FloatMinValue>0.25</apdi:FloatMinValue>"
            "<apdi:FloatMaxValue>1.5</apdi:FloatMaxValue><depthData:Accuracy>" +
            accuracy +
            "</depthData:Accuracy><depthData:IntrinsicMatrix><rdf:Seq><rdf:li>90</rdf:li>"
            "<rdf:li>0</rdf:li><rdf:li>0</rdf:li><rdf:li>0</rdf:li><rdf:li>90</rdf:li><rdf:li>0"
            "</rdf:li><rdf:li>60</rdf:li><rdf:li>20</rdf:li><rdf:li>1</rdf:li></rdf:Seq>"
            "</depthData:IntrinsicMatrix>"
            "<depthData:IntrinsicMatrixReferenceWidth>96</depthData:IntrinsicMatrixReferenceWidth>"
            "<depthData:IntrinsicMatrixReferenceHeight>64</"
            "depthData:IntrinsicMatrixReferenceHeight>");
}

double disparity_share(double disparity) {
    return (disparity - kLeast) / (kMost - kLeast);
}

// A photo, a gain map and a depth map, one behind the other, with or without an index of them
ByteVector apple_jpeg(const ByteVector& depth, bool has_index) {
    const ByteVector gain_map = plain_jpeg({24, 16});
    const auto whole = [&](std::size_t second, std::size_t third) {
        using namespace std::string_literals;
        const auto entry = [](std::size_t size, std::size_t offset) {
            return big_endian(0, 4) + big_endian(size, 4) + big_endian(offset, 4) +
                   big_endian(0, 4);
        };
        const std::string block =
            "MM\0*\0\0\0\x08\0\x01\xB0\x02\0\x07\0\0\0\x30\0\0\0\x1A\0\0\0\0"s + entry(0, 0) +
            entry(gain_map.size(), second) + entry(depth.size(), third);
        return with_segments(plain_jpeg(),
                             has_index ? jpeg_segment(0xE2, "MPF\0"s + block) : std::string());
    };
    // Offsets count from the block behind "MPF": 2 + 4 + 4 bytes into the file
    constexpr std::size_t kOrigin = 10;
    const std::size_t second = whole(0, 0).size() - kOrigin;
    const ByteVector primary = whole(second, second + gain_map.size());
    return as_bytes(as_string(primary) + as_string(gain_map) + as_string(depth));
}

TEST(Apple, JpegDepthIsFoundAmongItsPictures) {
    cv::Mat_<double> disparity(32, 48);
    for (int y = 0; y < 32; ++y)
        for (int x = 0; x < 48; ++x)
            disparity(y, x) = kLeast + (kMost - kLeast) * (x + y) / 80;
    cv::Mat_<cv::Vec3b> grey;
    cv::cvtColor(coded<std::uint8_t>(disparity, disparity_share), grey, cv::COLOR_GRAY2RGB);
    for (const bool has_index : {true, false}) {
        const ByteVector depth = with_segments(encode_jpeg(grey, 100),
                                               xmp_segment(apple_packet("disparity", "absolute")));
        const Photo photo = read(apple_jpeg(depth, has_index));
        ASSERT_TRUE(photo.depth);
        EXPECT_EQ(photo.depth->map.kind, DepthKind::InverseDepth);
        EXPECT_TRUE(photo.depth->is_metric);
        expect_depth(photo.depth->map.values, disparity, disparity_share, 6.0 / 255);
        EXPECT_FLOAT_EQ(photo.camera.focal, 90);
        EXPECT_FLOAT_EQ(photo.camera.cx, 60);
        EXPECT_FLOAT_EQ(photo.camera.cy, 20);
    }
    const ByteVector whole = plain_jpeg();
    const ByteVector broken = with_segments(ByteVector(whole.begin(), whole.end() - 900),
                                            xmp_segment(apple_packet("disparity")));
    EXPECT_EQ(read(apple_jpeg(broken, true)).rgb.size(), cv::Size(96, 64));
}

const std::string kGainMap =
    full_box("auxC", std::string("urn:com:apple:photo:2020:aux:hdrgainmap\0", 40));

TEST(Apple, HeicDepthIsFoundBesideOtherImages) {
    const ByteVector heic = heif_file({ramp_item("hvc1"),
                                       ramp_item("hvc1", {kGainMap}),
                                       ramp_item("hvc1", {depth_property()}),
                                       {"mime", apple_packet("disparity")}},
                                      {{"auxl", 2, 1}, {"auxl", 3, 1}, {"cdsc", 4, 3}});
    const Photo photo = read(heic);
    ASSERT_TRUE(photo.depth);
    EXPECT_EQ(photo.depth->map.kind, DepthKind::InverseDepth);
    EXPECT_FALSE(photo.depth->is_metric) << "of relative accuracy";
    for (int x = 0; x < 64; ++x)
        EXPECT_NEAR(photo.depth->map.values(30, x), kLeast + (kMost - kLeast) * 4 * x / 255, 1e-6);
    EXPECT_FALSE(
        read(heif_file({ramp_item("hvc1"), ramp_item("hvc1", {kGainMap})}, {{"auxl", 2, 1}}))
            .depth);
}

TEST(Heif, WhatTurnsThePhotoTurnsItsDepth) {
    const std::string quarter = box("irot", "\x01");  // anticlockwise
    for (const bool repeated : {false, true}) {
        SCOPED_TRACE(repeated);
        const std::vector<std::string> own =
            repeated ? std::vector{depth_property(), quarter} : std::vector{depth_property()};
        const Photo photo = read(
            heif_file({ramp_item("av01", {quarter}), ramp_item("av01", own)}, {{"auxl", 2, 1}}));
        ASSERT_TRUE(photo.depth);
        // What was on the right is on top, in the picture and in its depth
        EXPECT_GT(photo.rgb(1, 30)[0], photo.rgb(62, 30)[0] + 100);
        EXPECT_EQ(photo.depth->map.values(0, 30), 252);
        EXPECT_EQ(photo.depth->map.values(63, 30), 0);
    }
}

TEST(Heif, RepresentationsSayWhatNumbersMean) {
    const auto depth_of = [](const std::string& property) {
        const Photo photo =
            read(heif_file({ramp_item("av01"), ramp_item("av01", {property})}, {{"auxl", 2, 1}}));
        EXPECT_TRUE(photo.depth);
        return photo.depth->map;
    };
    const DepthMap inverse = depth_of(depth_property(depth_representation(0, kNear, kFar)));
    const DepthMap disparity = depth_of(depth_property(depth_representation(1, kNear, kFar)));
    const DepthMap linear = depth_of(depth_property(depth_representation(2, kNear, kFar)));
    EXPECT_EQ(inverse.kind, DepthKind::Depth);
    for (int x = 0; x < 64; ++x) {
        const double share = 4.0 * x / 255;
        EXPECT_NEAR(1 / inverse.values(9, x), share / kNear + (1 - share) / kFar, 1e-5);
        EXPECT_NEAR(disparity.values(9, x), inverse.values(9, x), 1e-5);
        EXPECT_NEAR(linear.values(9, x), kNear + share * (kFar - kNear), 1e-5);
    }
    for (const std::string& property :
         {depth_property(), depth_property(depth_representation(1, 0, 0)),
          depth_property(depth_representation(3, kNear, kFar))}) {
        const DepthMap relative = depth_of(property);
        EXPECT_EQ(relative.kind, DepthKind::Disparity);
        EXPECT_EQ(relative.values(9, 10), 40);
    }
    EXPECT_LT(depth_of(depth_property(depth_representation(2, 0, 0))).values(9, 10), 0)
        << "dark is near";
}

TEST(Heif, OfAStereoPairTheLeftPictureIsThePhoto) {
    const std::string mirrored = box("imir", "\x01");
    const std::string matrix = full_box(
        "cmin", big_endian(1U << 29, 4) + big_endian(1U << 29, 4) + big_endian(1U << 29, 4),
        30 << 8);
    const auto pair = [&](std::size_t left, std::size_t right) {
        return heif_file({ramp_item("av01", {mirrored}), ramp_item("av01", {matrix})}, {},
                         full_box("ster", big_endian(9, 4) + big_endian(2, 4) +
                                              big_endian(left, 4) + big_endian(right, 4)));
    };
    const Photo first = read(pair(1, 2)), second = read(pair(2, 1));
    EXPECT_TRUE(first.is_stereo_left);
    EXPECT_GT(first.rgb(30, 0)[0], 200) << "the mirrored one";
    EXPECT_FALSE(first.focal_known);
    EXPECT_LT(second.rgb(30, 0)[0], 50);
    EXPECT_FLOAT_EQ(second.camera.focal, 32);
    EXPECT_FALSE(read(heif_file({ramp_item("av01")}, {})).is_stereo_left);
}

TEST(Heif, BrokenDepthIsToldAndIgnored) {
    HeifItem cut = ramp_item("av01", {depth_property()});
    cut.payload.resize(cut.payload.size() / 2);
    Listener listener;
    const Photo photo = read(heif_file({ramp_item("av01"), cut}, {{"auxl", 2, 1}}), &listener);
    EXPECT_FALSE(photo.depth);
    EXPECT_EQ(listener.warnings.size(), 1U);
    EXPECT_EQ(photo.rgb.size(), cv::Size(64, 64));
}

// ---- Real files

class Portraits : public testing::Test {
protected:
    void SetUp() override {
        if (!data_folder())
            GTEST_SKIP() << "UNFLAT_DATA is not set";
        folder_ = *data_folder() / "photos/portrait";
    }
    // Mean disparity of a part of the photo, in shares of its sides
    static double nearness(const Photo& photo, const cv::Rect2d& part) {
        const cv::Mat_<float> values = disparity_from_depth(photo.depth->map).values;
        const cv::Rect pixels(static_cast<int>(part.x * values.cols),
                              static_cast<int>(part.y * values.rows),
                              static_cast<int>(part.width * values.cols),
                              static_cast<int>(part.height * values.rows));
        return cv::mean(values(pixels))[0];
    }
    std::filesystem::path folder_;
};

TEST_F(Portraits, NearIsNear) {
    struct Case {
        const char* file;
        cv::Rect2d near, far;
    };
    for (const Case& c :
         {Case{"lensblur_jules.jpg", {0.3, 0.2, 0.4, 0.2}, {0, 0, 0.1, 0.1}},
          Case{"lensblur_window.jpg", {0.1, 0.7, 0.4, 0.2}, {0.35, 0.35, 0.3, 0.2}},
          Case{"lensblur_table.jpg", {0.4, 0.9, 0.2, 0.1}, {0.4, 0.2, 0.3, 0.1}},
          Case{"lensblur_greek-helmet.jpg", {0.4, 0.3, 0.15, 0.3}, {0, 0, 0.2, 0.2}},
          Case{"pug.heic", {0.4, 0.6, 0.1, 0.2}, {0.5, 0.05, 0.3, 0.2}}}) {
        SCOPED_TRACE(c.file);
        Listener listener;
        const Photo photo = read_photo(folder_ / c.file, {}, &listener);
        ASSERT_TRUE(photo.depth);
        EXPECT_NE(photo.depth->map.kind, DepthKind::Disparity);
        EXPECT_TRUE(listener.warnings.empty());
        EXPECT_GT(nearness(photo, c.near), 1.1 * nearness(photo, c.far));
        EXPECT_FALSE(check_polarity(photo.depth->map).is_doubtful);
    }
}

TEST_F(Portraits, CamerasAreTheFiles) {
    const Photo pug = read_photo(folder_ / "pug.heic");
    EXPECT_EQ(pug.focal_source, FocalSource::Embedded);
    EXPECT_NEAR(pug.camera.focal, 3032.594, 0.01);
    EXPECT_NEAR(pug.camera.cx, 1988.451, 0.01);
    const Photo spatial = read_photo(folder_ / "spatial_photo.heic");
    EXPECT_TRUE(spatial.is_stereo_left);
    EXPECT_FALSE(spatial.depth);
    EXPECT_NEAR(spatial.camera.focal, 1525.44, 0.1);
    const Photo jules = read_photo(folder_ / "lensblur_jules.jpg");
    EXPECT_EQ(jules.focal_source, FocalSource::Assumed);
    EXPECT_EQ(jules.rgb.size(), cv::Size(1536, 2048));
}

}  // namespace
}  // namespace unflat
