// SPDX-License-Identifier: MIT
#include "unflat/io.h"

#include "embedded_files.h"
#include "io/picture.h"

#include <limits>

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

template <typename Code>
cv::Mat_<Code> coded(const cv::Mat_<double>& values, const std::function<double(double)>& share) {
    cv::Mat_<Code> codes(values.size());
    std::transform(values.begin(), values.end(), codes.begin(), [&](double value) {
        return static_cast<Code>(std::lround(share(value) * std::numeric_limits<Code>::max()));
    });
    return codes;
}

double range_linear(double z) {
    return (z - kNear) / (kFar - kNear);
}
double range_inverse(double z) {
    return (1 / kNear - 1 / z) / (1 / kNear - 1 / kFar);
}

// Every value is known to half a step of its code, in the quantity that is coded evenly
void expect_depth(const cv::Mat_<float>& found, const cv::Mat_<double>& expected,
                  const std::function<double(double)>& share, double step) {
    ASSERT_EQ(found.size(), expected.size());
    double worst = 0;
    for (int y = 0; y < found.rows; ++y)
        for (int x = 0; x < found.cols; ++x)
            worst = std::max(
                worst, std::abs(share(static_cast<double>(found(y, x))) - share(expected(y, x))));
    EXPECT_LE(worst, 0.51 * step);
}

const std::string kRange = "GDepth:Near=\"0.8\" GDepth:Far=\"6.5\" ";

std::string gdepth_data(const ByteVector& picture) {
    return "GDepth:Data=\"" + base64(picture) + "\"";
}

Photo read(const ByteVector& bytes, Progress* progress = nullptr) {
    return decode_photo(bytes, "p.jpg", {}, progress);
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
