// SPDX-License-Identifier: MIT
#include "unflat/io.h"

#include "embedded_files.h"
#include "io/picture.h"

#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

constexpr double kNear = 0.8, kFar = 6.5;

// Depth whose answer is known: it grows to the right, and a box stands in front, off the centre
cv::Mat_<double> known_depth(cv::Size size = {48, 32}) {
    cv::Mat_<double> z(size);
    for (int y = 0; y < z.rows; ++y)
        for (int x = 0; x < z.cols; ++x)
            z(y, x) =
                x < z.cols / 3 && y >= z.rows / 2 ? 1.0 : 2 + 4.0 * x / z.cols + 0.5 * y / z.rows;
    return z;
}

double range_linear(double z) {
    return (z - kNear) / (kFar - kNear);
}
double range_inverse(double z) {
    return (1 / kNear - 1 / z) / (1 / kNear - 1 / kFar);
}

const std::string kRange = "GDepth:Near=\"0.8\" GDepth:Far=\"6.5\" ";

std::string gdepth_data(const ByteVector& picture) {
    return "GDepth:Data=\"" + base64(picture) + "\"";
}

// Reads a photo whose depth cannot be used: one warning, that holds `word`
void expect_ignored(const ByteVector& bytes, const std::string& word) {
    Listener listener;
    const Photo photo = read(bytes, &listener);
    EXPECT_FALSE(photo.depth) << word;
    EXPECT_FALSE(photo.rgb.empty());
    ASSERT_EQ(listener.warnings.size(), 1U) << word;
    EXPECT_NE(listener.warnings[0].find(word), std::string::npos) << listener.warnings[0];
    EXPECT_NE(listener.warnings[0].find("ignored"), std::string::npos) << listener.warnings[0];
}

// ---- GDepth

TEST(GDepth, RangesAreReadWithinTheirStep) {
    const cv::Mat_<double> z = known_depth();
    const Photo inverse =
        read(gdepth_jpeg(kRange + "GDepth:Format=\"RangeInverse\"",
                         gdepth_data(encode_png(coded<std::uint8_t>(z, range_inverse)))));
    ASSERT_TRUE(inverse.depth);
    EXPECT_EQ(inverse.depth->map.kind, DepthKind::Depth);
    EXPECT_FALSE(inverse.depth->is_metric);
    expect_depth(inverse.depth->map.values, z, range_inverse, 1.0 / 255);

    const Photo linear =
        read(gdepth_jpeg(kRange + "GDepth:Format=\"RangeLinear\"",
                         gdepth_data(encode_png(coded<std::uint16_t>(z, range_linear)))));
    ASSERT_TRUE(linear.depth);
    expect_depth(linear.depth->map.values, z, range_linear, 1.0 / 65535);
}

TEST(GDepth, DepthMayBeJpeg) {
    const cv::Mat_<double> z = known_depth();
    cv::Mat_<cv::Vec3b> grey;
    cv::cvtColor(coded<std::uint8_t>(z, range_inverse), grey, cv::COLOR_GRAY2RGB);
    const Photo photo = read(
        gdepth_jpeg(kRange + "GDepth:Mime=\"image/jpeg\"", gdepth_data(encode_jpeg(grey, 100))));
    ASSERT_TRUE(photo.depth);
    expect_depth(photo.depth->map.values, z, range_inverse, 8.0 / 255);
}

TEST(GDepth, UnitsMakeMetres) {
    const cv::Mat_<double> z = known_depth();
    const std::string data = gdepth_data(encode_png(coded<std::uint16_t>(z, range_inverse)));
    const Photo millimetres =
        read(gdepth_jpeg("GDepth:Near=\"800\" GDepth:Far=\"6500\" GDepth:Units=\"mm\"", data));
    ASSERT_TRUE(millimetres.depth);
    EXPECT_TRUE(millimetres.depth->is_metric);
    expect_depth(millimetres.depth->map.values, z, range_inverse, 1.1 / 65535);
    EXPECT_TRUE(read(gdepth_jpeg(kRange + "GDepth:Units=\"m\"", data)).depth->is_metric);
}

TEST(GDepth, RaysAreProjectedOntoTheAxis) {
    const cv::Mat_<double> plane(32, 48, 2.0);
    cv::Mat_<double> rays = plane.clone();
    for (int y = 0; y < rays.rows; ++y)
        for (int x = 0; x < rays.cols; ++x)
            rays(y, x) *= std::hypot(1.0, (x + 0.5 - 24) / 48, (y + 0.5 - 16) / 48);
    for (const std::string name : {"OpticRay", "OpticalRay"}) {
        const Photo photo = read(gdepth_jpeg(
            kRange + "GDepth:Format=\"RangeLinear\" GDepth:MeasureType=\"" + name + "\"",
            gdepth_data(encode_png(coded<std::uint16_t>(rays, range_linear)))));
        ASSERT_TRUE(photo.depth);
        expect_depth(photo.depth->map.values, plane, range_linear, 1.0 / 65535);
    }
}

TEST(GDepth, ConfidenceOfNothingIsInvalid) {
    const cv::Mat_<double> z = known_depth();
    cv::Mat_<std::uint8_t> confidence(32, 48, std::uint8_t{255});
    confidence(10, 20) = 0;
    confidence(11, 21) = 60;
    const std::string data = gdepth_data(encode_png(coded<std::uint8_t>(z, range_inverse)));
    const auto with_confidence = [&](const cv::Mat& mask) {
        return gdepth_jpeg(kRange,
                           data + " GDepth:Confidence=\"" + base64(encode_png(mask)) + "\"");
    };
    const cv::Mat_<float> values = read(with_confidence(confidence)).depth->map.values;
    EXPECT_TRUE(std::isnan(values(10, 20)));
    EXPECT_EQ(cv::countNonZero(values == values), 48 * 32 - 1);

    Listener listener;
    confidence.setTo(0);
    const Photo unsure = read(with_confidence(confidence), &listener);
    EXPECT_FALSE(std::isnan(unsure.depth->map.values(10, 20)));
    EXPECT_EQ(listener.warnings.size(), 1U);
}

TEST(GDepth, OrientationTurnsThePhotoAndItsDepth) {
    const cv::Mat_<double> z = known_depth();
    const std::string data = gdepth_data(encode_png(coded<std::uint8_t>(z, range_inverse)));
    for (const int orientation : {2, 3, 6, 8}) {
        const Photo photo =
            read(gdepth_jpeg(kRange, data, with_segments(plain_jpeg(), exif_segment(orientation))));
        ASSERT_TRUE(photo.depth);
        EXPECT_EQ(photo.rgb.cols > photo.rgb.rows, orientation < 5);
        expect_depth(photo.depth->map.values, cv::Mat_<double>(turn_upright(z, orientation)),
                     range_inverse, 1.0 / 255);
    }
}

TEST(GDepth, TheSharpOriginalIsThePhoto) {
    const std::string data =
        gdepth_data(encode_png(coded<std::uint8_t>(known_depth(), range_inverse)));
    const Photo sharp{.rgb = waves({192, 128}).rgb};
    const auto original = [](const cv::Mat_<cv::Vec3b>& rgb) {
        return " GImage:Mime=\"image/jpeg\" GImage:Data=\"" + base64(encode_jpeg(rgb, 100)) + "\"";
    };
    const Photo photo = read(gdepth_jpeg(kRange, data + original(sharp.rgb)));
    ASSERT_EQ(photo.rgb.size(), cv::Size(192, 128));
    EXPECT_LT(cv::norm(photo.rgb, sharp.rgb, cv::NORM_L1) / (3 * 192 * 128), 2);
    EXPECT_EQ(photo.depth->map.values.size(), cv::Size(48, 32));

    Listener listener;
    const Photo other =
        read(gdepth_jpeg(kRange, data + original(waves({100, 100}).rgb)), &listener);
    EXPECT_EQ(other.rgb.size(), cv::Size(96, 64));
    EXPECT_TRUE(other.depth);
    ASSERT_EQ(listener.warnings.size(), 1U);
    EXPECT_NE(listener.warnings[0].find("original"), std::string::npos);
}

TEST(GDepth, AnOriginalWithoutDepthIsAnotherEye) {
    const Photo photo = read(gdepth_jpeg("GImage:Mime=\"image/jpeg\"",
                                         "GImage:Data=\"" + base64(plain_jpeg({192, 128})) + "\""));
    EXPECT_EQ(photo.rgb.size(), cv::Size(96, 64));
}

TEST(GDepth, ARangeThatDoesNotHoldLeavesTheOrder) {
    const std::string data =
        gdepth_data(encode_png(coded<std::uint8_t>(known_depth(), range_inverse)));
    for (const std::string range :
         {"GDepth:Near=\"5\" GDepth:Far=\"2\"", "GDepth:Near=\"0\" GDepth:Far=\"2\"",
          "GDepth:Near=\"x\" GDepth:Far=\"nan\"", "GDepth:Format=\"RangeInverse\""}) {
        const Photo photo = read(gdepth_jpeg(range, data));
        ASSERT_TRUE(photo.depth) << range;
        EXPECT_EQ(photo.depth->map.kind, DepthKind::Disparity);
        EXPECT_GT(photo.depth->map.values(31, 0), photo.depth->map.values(0, 47)) << "near is near";
    }
}

TEST(GDepth, TheCallerMayReadTheNumbersOtherwise) {
    const cv::Mat_<double> z = known_depth();
    // Light's cameras: says RangeInverse, but bright is near
    const ByteVector jpeg = gdepth_jpeg(kRange + "GDepth:Format=\"RangeInverse\"",
                                        gdepth_data(encode_png(coded<std::uint8_t>(
                                            z, [](double d) { return 1 - range_inverse(d); }))));
    const Photo photo = decode_photo(jpeg, "p", {.depth = {.code = DepthCode::UniformInverse}});
    expect_depth(photo.depth->map.values, z, range_inverse, 1.0 / 255);
    const Photo relative = decode_photo(jpeg, "p", {.depth = {.kind = DepthKind::Disparity}});
    EXPECT_EQ(relative.depth->map.kind, DepthKind::Disparity);
    EXPECT_FALSE(decode_photo(jpeg, "p", {.embedded_depth = false}).depth);
}

// ---- Extended XMP

TEST(ExtendedXmp, OnlyTheOneThatIsNamedCounts) {
    const cv::Mat_<double> z = known_depth({480, 320});
    const std::string data = gdepth_data(encode_png(coded<std::uint16_t>(z, range_linear)));
    ASSERT_GT(data.size(), 80000U) << "in several pieces";
    const ByteVector jpeg = gdepth_jpeg(kRange + "GDepth:Format=\"RangeLinear\"", data);
    const ByteVector more = with_segments(
        jpeg, extension_segments(xmp_packet("GDepth:Data=\"AAAA\""), std::string(32, 'F')));
    expect_depth(read(more).depth->map.values, z, range_linear, 1.0 / 65535);
}

TEST(ExtendedXmp, WrongLengthsAreToldAndIgnored) {
    const std::string packet = xmp_packet(gdepth_data(ByteVector(300, std::byte{7})));
    const std::string main =
        xmp_segment(xmp_packet(kRange + "xmpNote:HasExtendedXMP=\"" + kGuid + "\""));
    const auto jpeg = [&](const std::string& extension) {
        return with_segments(plain_jpeg(), main + extension);
    };
    const auto expect_told = [&](const std::string& extension, const std::string& word) {
        Listener listener;
        const Photo photo = read(jpeg(extension), &listener);
        EXPECT_FALSE(photo.depth);
        ASSERT_GE(listener.warnings.size(), 1U) << word;
        EXPECT_NE(listener.warnings[0].find(word), std::string::npos) << listener.warnings[0];
    };
    expect_told(extension_segment(packet, 0, 0x80000000U), "of 2147483648 bytes");
    expect_told(extension_segment(packet, 0, packet.size() - 1), "extended XMP has");
    expect_told(extension_segment(packet, 1, packet.size() + 1), "gaps or overlaps");
    expect_told(extension_segment(packet, 0, 2 * packet.size()) +
                    extension_segment(packet, packet.size() - 1, 2 * packet.size()),
                "gaps or overlaps");
    expect_told("", "is missing");
    expect_told(extension_segment(packet, 0, packet.size(), std::string(32, 'E')), "names");
    const std::string half = packet.substr(0, packet.size() / 2);
    expect_told(extension_segment(half, 0, half.size()), "cannot be read");
}

TEST(Xmp, BrokenPacketsAreToldAndIgnored) {
    const auto jpeg = [](const std::string& packet) {
        return with_segments(plain_jpeg(), xmp_segment(packet));
    };
    const std::string packet = xmp_packet(kRange);
    expect_ignored(jpeg(packet.substr(0, packet.size() - 9)), "XMP");
    expect_ignored(jpeg("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"), "DOCTYPE");
    std::string deep;
    for (int i = 0; i < 1000; ++i)
        deep += "<Device:a>";
    expect_ignored(jpeg(xmp_packet("", deep)), "nested");
    std::string many;
    for (int i = 0; i < 3000; ++i)
        many += "<Item:a>1</Item:a>";
    expect_ignored(jpeg(xmp_packet("", many)), "too many");
}

TEST(GDepth, WhatCannotBeReadIsToldAndIgnored) {
    const ByteVector png = encode_png(coded<std::uint8_t>(known_depth(), range_inverse));
    const std::string good = base64(png);
    const auto with_data = [&](const std::string& data) {
        return gdepth_jpeg(kRange, "GDepth:Data=\"" + data + "\"");
    };
    expect_ignored(with_data(good.substr(0, 40) + "*" + good.substr(40)), "base64");
    expect_ignored(with_data(good.substr(0, good.size() / 2)), "its depth cannot be read");
    expect_ignored(with_data(base64(as_bytes("no picture at all"))), "neither JPEG nor PNG");
    expect_ignored(with_data(base64(encode_png(waves({48, 32}).rgb))), "colour");
    expect_ignored(with_data(base64(encode_png(cv::Mat_<std::uint8_t>(48, 32, std::uint8_t{9})))),
                   "another shape");
    expect_ignored(gdepth_jpeg(kRange + "GDepth:Format=\"RangeLog\"", gdepth_data(png)),
                   "RangeLog");
    expect_ignored(with_segments(plain_jpeg(), xmp_segment(xmp_packet(kRange))), "no data");
    // A picture of 30000 x 30000 by its header alone
    ByteVector huge = png;
    for (const std::size_t at : {18U, 22U})
        huge[at] = std::byte{0x75}, huge[at + 1] = std::byte{0x30};
    expect_ignored(with_data(base64(huge)), "its depth cannot be read");
}

TEST(GDepth, PicturesInsidePicturesEnd) {
    ByteVector jpeg = plain_jpeg();
    for (int i = 0; i < 4; ++i)
        jpeg = gdepth_jpeg(kRange + "GDepth:Mime=\"image/jpeg\"",
                           gdepth_data(jpeg) + " GImage:Data=\"" + base64(jpeg) + "\"");
    EXPECT_EQ(read(jpeg).rgb.size(), cv::Size(96, 64));
}

// ---- Dynamic Depth

std::string item(const std::string& mime, std::size_t length, const std::string& uri,
                 std::size_t padding = 0) {
    return "<rdf:li rdf:parseType=\"Resource\"><Container:Item Item:Mime=\"" + mime +
           "\" Item:Length=\"" + std::to_string(length) + "\" Item:Padding=\"" +
           std::to_string(padding) + "\" Item:DataURI=\"" + uri + "\"/></rdf:li>";
}

std::string dynamic_depth(const std::string& items, const std::string& depth_map) {
    return xmp_packet(
        "",
        "<Device:Container><Container:Directory><rdf:Seq>" + items +
            "</rdf:Seq></Container:Directory></Device:Container>"
            "<Device:Cameras><rdf:Seq><rdf:li><Device:Camera><rdf:Description>"
            "<Camera:DepthMap><rdf:Description DepthMap:Near=\"0.8\" DepthMap:Far=\"6.5\" "
            "DepthMap:Format=\"RangeInverse\" DepthMap:Units=\"Meters\" " +
            depth_map +
            "/></Camera:DepthMap>"
            "<Camera:ImagingModel><rdf:Description ImagingModel:FocalLengthX=\"80\" "
            "ImagingModel:FocalLengthY=\"80\" ImagingModel:PrincipalPointX=\"0.25\" "
            "ImagingModel:ImageWidth=\"96\" ImagingModel:ImageHeight=\"64\"/></Camera:ImagingModel>"
            "</rdf:Description></Device:Camera></rdf:li></rdf:Seq></Device:Cameras>");
}

struct DynamicDepthFile {
    cv::Mat_<double> z = known_depth();
    ByteVector gain_map = encode_png(cv::Mat_<std::uint8_t>(8, 12, std::uint8_t{99}));
    ByteVector depth = encode_png(coded<std::uint8_t>(z, range_inverse));
    ByteVector confidence = encode_png(cv::Mat_<std::uint8_t>(32, 48, std::uint8_t{200}));
    std::size_t padding = 5;

    ByteVector make(const std::string& depth_map, std::size_t depth_length,
                    int orientation = 1) const {
        const std::string items = item("image/jpeg", 0, "primary", padding) +
                                  item("image/png", gain_map.size(), "android/gainmap") +
                                  item("image/png", depth_length, "android/depthmap") +
                                  item("image/png", confidence.size(), "android/confidence");
        // A thumbnail's end mark stands before the picture's own
        const std::string thumbnail = jpeg_segment(0xE3, as_string(plain_jpeg({16, 16})));
        const ByteVector primary =
            with_segments(plain_jpeg(), exif_segment(orientation) + thumbnail +
                                            xmp_segment(dynamic_depth(items, depth_map)));
        return as_bytes(as_string(primary) + std::string(padding, '\0') + as_string(gain_map) +
                        as_string(depth) + as_string(confidence));
    }
};

TEST(DynamicDepth, OnlyWhatDepthUriNamesIsDepth) {
    const DynamicDepthFile file;
    const Photo photo = read(file.make(
        "DepthMap:DepthURI=\"android/depthmap\" DepthMap:ConfidenceURI=\"android/confidence\"",
        file.depth.size()));
    ASSERT_TRUE(photo.depth);
    EXPECT_TRUE(photo.depth->is_metric);
    expect_depth(photo.depth->map.values, file.z, range_inverse, 1.0 / 255);
    EXPECT_EQ(photo.focal_source, FocalSource::Embedded);
    EXPECT_FLOAT_EQ(photo.camera.focal, 80);
    EXPECT_FLOAT_EQ(photo.camera.cx, 24);
    EXPECT_FLOAT_EQ(photo.camera.cy, 32);
}

TEST(DynamicDepth, AContainerWithoutDepthIsNoDepth) {
    const DynamicDepthFile file;
    Listener listener;
    EXPECT_FALSE(read(file.make("", file.depth.size()), &listener).depth);
    EXPECT_TRUE(listener.warnings.empty());
    const Photo segmentation = read(
        file.make("DepthMap:DepthURI=\"android/depthmap\" DepthMap:ItemSemantic=\"Segmentation\"",
                  file.depth.size()));
    EXPECT_FALSE(segmentation.depth);
}

TEST(DynamicDepth, TheLensIsTurnedWithThePhoto) {
    const DynamicDepthFile file;
    const Photo photo =
        read(file.make("DepthMap:DepthURI=\"android/depthmap\"", file.depth.size(), 6));
    ASSERT_EQ(photo.rgb.size(), cv::Size(64, 96));
    // A quarter from the left becomes a quarter from the top
    EXPECT_FLOAT_EQ(photo.camera.cx, 32);
    EXPECT_FLOAT_EQ(photo.camera.cy, 24);
    EXPECT_FLOAT_EQ(photo.camera.focal, 80);
    expect_depth(photo.depth->map.values, cv::Mat_<double>(turn_upright(file.z, 6)), range_inverse,
                 1.0 / 255);
}

TEST(DynamicDepth, ItemsBeyondTheFileAreToldAndIgnored) {
    const DynamicDepthFile file;
    expect_ignored(file.make("DepthMap:DepthURI=\"android/depthmap\"", 2147483647),
                   "beyond the end");
    expect_ignored(file.make("DepthMap:DepthURI=\"elsewhere\"", file.depth.size()), "not among");
    // An item of no length is where the next one begins: nothing
    expect_ignored(file.make("DepthMap:DepthURI=\"android/depthmap\"", 0), "neither JPEG nor PNG");
}

// ---- What info tells

TEST(ReadInfo, TellsOfDepthInside) {
    const TemporaryFolder folder;
    const std::string file = folder / "p.jpg";
    const cv::Mat_<double> z = known_depth();
    write_bytes(file, gdepth_jpeg(kRange + "GDepth:Units=\"m\"",
                                  gdepth_data(encode_png(coded<std::uint8_t>(z, range_inverse)))));
    const FileInfo info = read_info(file);
    ASSERT_TRUE(info.depth);
    EXPECT_EQ(info.depth->format, "GDepth");
    EXPECT_EQ(info.depth->kind, DepthKind::Depth);
    EXPECT_EQ(info.depth->size, cv::Size(48, 32));
    EXPECT_EQ(info.depth->unit, "m");
    EXPECT_TRUE(info.depth->is_metric);
    EXPECT_DOUBLE_EQ(info.depth->range->near, kNear);
    EXPECT_DOUBLE_EQ(info.depth->range->far, kFar);
    EXPECT_FALSE(info.focal);
    EXPECT_TRUE(info.warnings.empty());
}

}  // namespace
}  // namespace unflat
