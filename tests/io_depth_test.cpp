// SPDX-License-Identifier: MIT
#include "unflat/io.h"

#include "io/jpeg.h"
#include "io/png.h"
#include "io_files.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <ImfChannelList.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfOutputFile.h>
#include <ImfTiledOutputFile.h>
#include <half.h>
#include <tiffio.h>

namespace unflat {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

DepthMap decode(const ByteVector& bytes, const ReadDepthOptions& options = {}) {
    return decode_depth(bytes, "d", options);
}

DepthMap decode(const std::string& bytes, const ReadDepthOptions& options = {}) {
    return decode_depth(std::as_bytes(std::span(bytes)), "d", options);
}

// Compares with NaN equal to NaN
void expect_equal(const cv::Mat_<float>& a, const cv::Mat_<float>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (int y = 0; y < a.rows; ++y)
        for (int x = 0; x < a.cols; ++x)
            EXPECT_TRUE(a(y, x) == b(y, x) || (std::isnan(a(y, x)) && std::isnan(b(y, x))))
                << a(y, x) << " is not " << b(y, x) << " at " << x << ", " << y;
}

template <typename Number>
cv::Mat_<float> as_floats(const cv::Mat_<Number>& numbers) {
    cv::Mat_<float> floats;
    numbers.convertTo(floats, CV_32F);
    return floats;
}

template <typename Number>
std::string raw(const std::vector<Number>& numbers, bool big_endian = false) {
    std::string bytes(numbers.size() * sizeof(Number), '\0');
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    if (big_endian)
        for (std::size_t i = 0; i < bytes.size(); i += sizeof(Number))
            std::reverse(&bytes[i], &bytes[i] + sizeof(Number));
    return bytes;
}

std::string npy(const std::string& type, bool fortran, const std::string& shape,
                const std::string& data, char version = 1) {
    std::string header = "{'descr': '" + type +
                         "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (" +
                         shape + "), }\n";
    std::string bytes = std::string("\x93NUMPY") + version + '\0';
    bytes += static_cast<char>(header.size());
    bytes += std::string(version == 1 ? 1 : 3, '\0');
    return bytes + header + data;
}

// The map that most tests store: 3 wide, 2 high
const cv::Mat_<float> kMap = (cv::Mat_<float>(2, 3) << 1, 2, 3, 4, 5, 6);

TEST(ReadDepth, NpyTypesOrdersAndShapes) {
    const std::vector<double> rows = {1, 2, 3, 4, 5, 6}, columns = {1, 4, 2, 5, 3, 6};
    const std::vector<float> floats(rows.begin(), rows.end());
    const std::vector<std::uint8_t> bytes(rows.begin(), rows.end());
    const std::vector<std::uint16_t> shorts(rows.begin(), rows.end());
    const std::vector<std::int64_t> longs(rows.begin(), rows.end());
    const std::vector<std::uint16_t> halves = {0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600};
    expect_equal(decode(npy("<f4", false, "2, 3", raw(floats))).values, kMap);
    expect_equal(decode(npy(">f4", false, "2, 3", raw(floats, true))).values, kMap);
    expect_equal(decode(npy("<f8", true, "2, 3", raw(columns))).values, kMap);
    expect_equal(decode(npy("|u1", false, "2, 3, 1", raw(bytes))).values, kMap);
    expect_equal(decode(npy("<u2", false, "1, 2, 3", raw(shorts), 2)).values, kMap);
    expect_equal(decode(npy(">i8", false, "2, 3", raw(longs, true), 3)).values, kMap);
    expect_equal(decode(npy("<f2", false, "2, 3", raw(halves))).values, kMap);
}

TEST(ReadDepth, NpyThatDoesNotFitIsRefused) {
    const std::string data(24, '\0');
    const auto expect_found = [](const std::string& bytes, const std::string& found) {
        expect_error(ErrorKind::Unreadable, {"'d'", found, "PFM, NPY and EXR"},
                     [&] { decode(bytes); });
    };
    expect_found(npy("<f4", false, "2, 4", data), "data end early");
    expect_found(npy("<f4", false, "6", data), "shape is (6)");
    expect_found(npy("<f4", false, "2, 3, 2", data), "shape is (2, 3, 2)");
    expect_found(npy("<c8", false, "2, 3", data), "'<c8'");
    expect_found(npy("<f4", false, "0, 3", data), "no pixels");
    expect_found(npy("<f4", false, "9999999999999999999, 3", data), "shape");
    expect_found(npy("<f4", false, "2, 3", data, 9), "version is 9");
}

TEST(ReadDepth, PfmIsStoredBottomUpInEitherByteOrder) {
    const std::vector<float> bottom_up = {4, 5, 6, 1, 2, 3};
    expect_equal(decode("Pf\n3 2\n-1.0\n" + raw(bottom_up)).values, kMap);
    expect_equal(decode("Pf\n3 2\n1.0\n" + raw(bottom_up, true)).values, kMap);
    const std::vector<float> colour = {4, 4, 4, 5, 5, 5, 6, 6, 6, 1, 1, 1, 2, 2, 2, 3, 3, 3};
    expect_equal(decode("PF\n3 2\n-1.0\n" + raw(colour)).values, kMap);
    EXPECT_THROW(decode("Pf\n3 2\n-1.0\n" + raw(std::vector<float>{1, 2, 3})), Error);
    EXPECT_THROW(decode("Pf\n3 2\n0\n" + raw(bottom_up)), Error);
    EXPECT_THROW(decode("Pf\n3 x\n"), Error);
}

TEST(ReadDepth, PgmHasOneOrTwoBytesOrDecimals) {
    expect_equal(decode("P5 3 2 255\n" + raw(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6})).values,
                 kMap);
    expect_equal(decode("P5\n# far away\n3 2\n65535\n" +
                        raw(std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6}, true))
                     .values,
                 kMap);
    expect_equal(decode("P2 3 2 9\n1 2 3\n4 5 6\n").values, kMap);
    EXPECT_THROW(decode("P2 3 2 9\n1 2 3\n4 5 10\n"), Error);
    EXPECT_THROW(decode("P5 3 2 255\nabc"), Error);
}

TEST(ReadDepth, PngAndTiffKeepTheNumbersStored) {
    const cv::Mat_<std::uint16_t> wide = (cv::Mat_<std::uint16_t>(2, 3) << 1, 300, 65535, 0, 5, 6);
    expect_equal(decode(encode_png(wide)).values, as_floats(wide));
    const cv::Mat_<std::uint8_t> narrow = (cv::Mat_<std::uint8_t>(1, 3) << 0, 7, 255);
    expect_equal(decode(encode_png(narrow)).values, as_floats(narrow));

    const cv::Mat_<float> floats = decode(corpus("depth/float.tif")).values;
    const cv::Mat_<float> shorts = decode(corpus("depth/wide.tif")).values;
    ASSERT_EQ(floats.size(), cv::Size(12, 8));
    for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 12; ++x) {
            EXPECT_EQ(floats(y, x), static_cast<float>(x * y));
            EXPECT_EQ(shorts(y, x), static_cast<float>(x * y * 700));
        }
}

TEST(ReadDepth, TiffMayBeTiledAndCompressed) {
    const TemporaryFolder folder;
    const std::string file = folder / "tiled.tif";
    TIFF* tiff = TIFFOpen(file.c_str(), "w");
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 20);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 18);
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
    for (std::uint32_t top = 0; top < 18; top += 16)
        for (std::uint32_t left = 0; left < 20; left += 16) {
            std::vector<std::uint16_t> tile;
            for (std::uint32_t i = 0; i < 256; ++i)
                tile.push_back(static_cast<std::uint16_t>(100 * (top + i / 16) + left + i % 16));
            TIFFWriteTile(tiff, tile.data(), left, top, 0, 0);
        }
    TIFFClose(tiff);
    const cv::Mat_<float> values = read_depth(file).values;
    ASSERT_EQ(values.size(), cv::Size(20, 18));
    for (int y = 0; y < 18; ++y)
        for (int x = 0; x < 20; ++x)
            EXPECT_EQ(values(y, x), static_cast<float>(100 * y + x));
}

TEST(ReadDepth, ExrMayHoldHalvesUnderAnotherNameWithAShiftedWindow) {
    const TemporaryFolder folder;
    const std::string file = folder / "half.exr";
    std::vector<Imath::half> halves;
    for (const float value : kMap)
        halves.emplace_back(value);
    Imf::Header header(Imath::Box2i({0, 0}, {99, 99}), Imath::Box2i({10, 20}, {12, 21}));
    header.channels().insert("Y", Imf::Channel(Imf::HALF));
    header.channels().insert("confidence", Imf::Channel(Imf::HALF));
    {
        Imf::OutputFile output(file.c_str(), header);
        Imf::FrameBuffer buffer;
        buffer.insert("Y", Imf::Slice::Make(Imf::HALF, halves.data(), Imath::V2i(10, 20), 3, 2));
        output.setFrameBuffer(buffer);
        output.writePixels(2);
    }
    expect_equal(read_depth(file).values, kMap);
}

TEST(ReadDepth, ExrMayBeTiled) {
    const TemporaryFolder folder;
    const std::string file = folder / "tiled.exr";
    Imf::Header header(3, 2);
    header.channels().insert("depth", Imf::Channel(Imf::FLOAT));
    header.setTileDescription(Imf::TileDescription(16, 16));
    {
        Imf::TiledOutputFile output(file.c_str(), header);
        Imf::FrameBuffer buffer;
        buffer.insert("depth", Imf::Slice::Make(Imf::FLOAT, kMap.data, Imath::V2i(0, 0), 3, 2));
        output.setFrameBuffer(buffer);
        output.writeTile(0, 0);
    }
    expect_equal(read_depth(file).values, kMap);
}

TEST(ReadDepth, ColourIsAcceptedIfItsChannelsNearlyAgree) {
    cv::Mat_<cv::Vec3b> rgb(1, 2, cv::Vec3b(100, 104, 108));
    EXPECT_EQ(decode(encode_png(rgb)).values(0, 1), 104);
    rgb(0, 1) = {100, 104, 109};
    expect_error(ErrorKind::Unreadable, {"'d'", "colour", "(1, 0)"},
                 [&] { decode(encode_png(rgb)); });
    cv::Mat_<cv::Vec3w> wide(1, 1, cv::Vec3w(1000, 1000, 1000 + 8 * 257));
    EXPECT_NO_THROW(decode(encode_png(wide)));
    wide(0, 0)[2]++;
    EXPECT_THROW(decode(encode_png(wide)), Error);
    EXPECT_NO_THROW(decode(corpus("depth/equal.jpg")));
    EXPECT_THROW(decode(encode_jpeg(cv::Mat_<cv::Vec3b>(16, 16, cv::Vec3b(200, 10, 10)), 95)),
                 Error);
}

TEST(ReadDepth, InvalidIsTheNumberStoredInTheFile) {
    const cv::Mat_<std::uint16_t> stored = (cv::Mat_<std::uint16_t>(1, 3) << 0, 1, 65535);
    const ByteVector png = encode_png(stored);
    expect_equal(decode(png).values, as_floats(stored));
    expect_equal(decode(png, {.invalid = 65535}).values, (cv::Mat_<float>(1, 3) << 0, 1, kNan));
    expect_equal(decode(png, {.kind = DepthKind::Depth}).values,
                 (cv::Mat_<float>(1, 3) << kNan, 1, 65535));

    const float infinity = std::numeric_limits<float>::infinity();
    const std::string floats =
        npy("<f4", false, "1, 5", raw<float>({-9999.9F, infinity, kNan, -1, 2}));
    expect_equal(decode(floats, {.invalid = -9999.9}).values,
                 (cv::Mat_<float>(1, 5) << kNan, kNan, kNan, -1, 2));
    expect_equal(decode(floats, {.kind = DepthKind::InverseDepth}).values,
                 (cv::Mat_<float>(1, 5) << kNan, kNan, kNan, kNan, 2));
}

TEST(ReadDepth, NumbersWithoutAFiniteInverseAreNoDepth) {
    const std::string doubles = npy("<f8", false, "1, 3", raw<double>({1e-300, 1e-40, 1e300}));
    expect_equal(decode(doubles, {.kind = DepthKind::Depth}).values,
                 (cv::Mat_<float>(1, 3) << kNan, kNan, kNan));
}

// Reads 16-bit numbers as a convention
cv::Mat_<float> decode_as(DepthCode code, const std::vector<std::uint16_t>& stored) {
    const cv::Mat_<std::uint16_t> row(1, static_cast<int>(stored.size()),
                                      const_cast<std::uint16_t*>(stored.data()));
    const DepthMap depth = decode(encode_png(row), {.code = code});
    EXPECT_EQ(depth.kind, DepthKind::Depth);
    return depth.values;
}

TEST(ReadDepth, SensorsNumbersBecomeMetres) {
    expect_equal(decode_as(DepthCode::Millimetres, {0, 1, 1500, 65535}),
                 (cv::Mat_<float>(1, 4) << kNan, 0.001F, 1.5F, 65.535F));
    expect_equal(decode_as(DepthCode::Tum, {0, 5000, 7500}),
                 (cv::Mat_<float>(1, 3) << kNan, 1, 1.5F));
    expect_equal(decode_as(DepthCode::Kitti, {0, 256, 384}),
                 (cv::Mat_<float>(1, 3) << kNan, 1, 1.5F));
    // 1.5 m is 1500 = 0x5DC, rotated to the left by 3
    expect_equal(decode_as(DepthCode::Sun3d, {0, 1500 << 3}),
                 (cv::Mat_<float>(1, 2) << kNan, 1.5F));
    expect_equal(decode_as(DepthCode::Sun3d, {0x0001}), (cv::Mat_<float>(1, 1) << 8.192F));
    // Sure, not at all sure, 1/7 sure
    expect_equal(decode_as(DepthCode::Depth16, {1500, 1 << 13 | 1500, 2 << 13 | 1500, 0}),
                 (cv::Mat_<float>(1, 4) << 1.5F, kNan, 1.5F, kNan));
}

TEST(ReadDepth, RawKinectIsReadInEitherByteOrder) {
    const std::vector<std::uint16_t> raw_numbers = {741, 1000, 2047, 0};
    const cv::Mat_<float> values = decode_as(DepthCode::Kinect, raw_numbers);
    EXPECT_NEAR(values(0, 0), 351.3 / (1092.5 - 741), 1e-6);
    EXPECT_NEAR(values(0, 1), 351.3 / (1092.5 - 1000), 1e-6);
    EXPECT_TRUE(std::isnan(values(0, 2)) && std::isnan(values(0, 3)));
    std::vector<std::uint16_t> swapped;
    for (const std::uint16_t v : raw_numbers)
        swapped.push_back(static_cast<std::uint16_t>(v >> 8 | v << 8));
    expect_equal(decode_as(DepthCode::Kinect, swapped), values);
}

TEST(ReadDepth, RangesNeedTheirEnds) {
    const ByteVector png = encode_png((cv::Mat_<std::uint8_t>(1, 3) << 0, 51, 255));
    const auto read = [&](DepthCode code) {
        return decode(png, {.code = code, .range = DepthRange{0.5, 2}}).values;
    };
    const auto expect_ends = [&](DepthCode code, float first, float middle, float last) {
        const cv::Mat_<float> values = read(code);
        EXPECT_FLOAT_EQ(values(0, 0), first);
        EXPECT_FLOAT_EQ(values(0, 1), middle);
        EXPECT_FLOAT_EQ(values(0, 2), last);
    };
    expect_ends(DepthCode::RangeLinear, 0.5F, 0.8F, 2);
    expect_ends(DepthCode::RangeInverse, 0.5F, 1 / 1.7F, 2);
    expect_ends(DepthCode::UniformInverse, 2, 1 / 0.8F, 0.5F);
    expect_error(ErrorKind::Unreadable, {"near and far ends are not known"},
                 [&] { decode(png, {.code = DepthCode::RangeInverse}); });
    expect_error(ErrorKind::InvalidInput, {"0 < near < far"}, [&] {
        decode(png, {.code = DepthCode::RangeLinear, .range = DepthRange{2, 1}});
    });
    const float infinity = std::numeric_limits<float>::infinity();
    EXPECT_TRUE(
        std::isnan(decode(png, {.code = DepthCode::RangeInverse, .range = DepthRange{1, infinity}})
                       .values(0, 2)));
}

TEST(ReadDepth, TransparentPixelsAreInvalid) {
    cv::Mat_<cv::Vec4b> rgba(1, 2, cv::Vec4b(9, 9, 9, 255));
    rgba(0, 1)[3] = 0;
    expect_equal(decode(encode_png(rgba)).values, (cv::Mat_<float>(1, 2) << 9, kNan));
}

TEST(ReadDepth, TheKindIsTheOneGivenElseRelativeDisparity) {
    const std::string map = npy("<f4", false, "1, 1", raw<float>({2}));
    EXPECT_EQ(decode(map).kind, DepthKind::Disparity);
    EXPECT_EQ(decode(map, {.kind = DepthKind::Depth}).kind, DepthKind::Depth);
}

TEST(ReadDepth, OnlyInvalidPixelsAreNoErrorOfTheReader) {
    const DepthMap depth = decode(npy("<f4", false, "1, 2", raw<float>({kNan, kNan})));
    EXPECT_TRUE(std::isnan(depth.values(0, 0)) && std::isnan(depth.values(0, 1)));
}

TEST(ReadDepth, OtherFilesAreNamed) {
    expect_error(ErrorKind::Unreadable, {"'d'", "it is text", "accepted are PNG"},
                 [] { decode(std::string("hello")); });
    expect_error(ErrorKind::Unreadable, {"it is empty"}, [] { decode(std::string()); });
    EXPECT_THROW(decode(corpus("photo/cmyk.jpg")), Error);
}

class RealSensors : public testing::Test {
protected:
    void SetUp() override {
        if (!data_folder())
            GTEST_SKIP() << "UNFLAT_DATA is not set";
    }
    // Median depth [m] of a sample
    static float median(const std::string& name, DepthCode code) {
        const DepthMap depth = read_depth(*data_folder() / "rgbd/samples" / name, {.code = code});
        std::vector<float> values;
        std::copy_if(depth.values.begin(), depth.values.end(), std::back_inserter(values),
                     [](float v) { return !std::isnan(v); });
        std::nth_element(values.begin(),
                         values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                         values.end());
        return values[values.size() / 2];
    }
};

TEST_F(RealSensors, RoomsAreSomeMetresDeep) {
    for (const float metres : {median("depth/00000.png", DepthCode::Millimetres),
                               median("other_formats/TUM_depth.png", DepthCode::Tum),
                               median("other_formats/SUN_depth.png", DepthCode::Sun3d),
                               median("other_formats/NYU_depth.pgm", DepthCode::Kinect)}) {
        EXPECT_GT(metres, 0.8F);
        EXPECT_LT(metres, 5.0F);
    }
}

TEST(WriteDepth, FloatFormatsAreExact) {
    const TemporaryFolder folder;
    const cv::Mat_<float> map = (cv::Mat_<float>(2, 3) << 0.05F, kNan, 3, 1e-7F, 123456.7F, 1);
    for (const char* name : {"d.pfm", "d.npy", "d.exr"}) {
        SCOPED_TRACE(name);
        write_depth(map, folder / name);
        expect_equal(read_depth(folder / name).values, map);
        const ByteVector first = read_bytes(folder / name);
        write_depth(map, folder / name);
        EXPECT_EQ(read_bytes(folder / name), first);
    }
}

TEST(WriteDepth, PngSpreadsTheRangeOverSixteenBits) {
    const TemporaryFolder folder;
    write_depth((cv::Mat_<float>(1, 4) << 1, 2, 3, kNan), folder / "d.png");
    expect_equal(read_depth(folder / "d.png").values,
                 (cv::Mat_<float>(1, 4) << 1, 32768, 65535, 0));
    write_depth((cv::Mat_<float>(1, 2) << 7, 7), folder / "flat.png");
    expect_equal(read_depth(folder / "flat.png").values, (cv::Mat_<float>(1, 2) << 1, 1));
    expect_error(ErrorKind::Unsupported, {"d.tif", ".pfm, .npy, .exr or .png"},
                 [&] { write_depth(kMap, folder / "d.tif"); });
}

TEST(RealDepth, EveryConventionIsRead) {
    if (!data_folder())
        GTEST_SKIP() << "UNFLAT_DATA is not set";
    const std::filesystem::path data = *data_folder();
    EXPECT_EQ(read_depth(data / "photos/moon/moon.npy").values.size(), cv::Size(640, 640));
    EXPECT_EQ(read_depth(data / "photos/depthy/flowers-depth.jpg").values.size(),
              cv::Size(680, 1200));
    EXPECT_EQ(read_depth(data / "photos/depthy/hut-depth.jpg").values.size(), cv::Size(580, 1024));
    EXPECT_EQ(read_depth(data / "rgbd/samples/other_formats/NYU_depth.pgm").values.size(),
              cv::Size(640, 480));
    EXPECT_EQ(read_depth(data / "rgbd/samples/other_formats/TUM_depth.png").values.size(),
              cv::Size(640, 480));
}

}  // namespace
}  // namespace unflat
