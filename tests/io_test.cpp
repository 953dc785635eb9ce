// SPDX-License-Identifier: MIT
#include "unflat/io.h"

#include "io/jpeg.h"
#include "io/png.h"
#include "io_files.h"
#include "scenes.h"

#include <array>
#include <cmath>

#include <lcms2.h>

namespace unflat {
namespace {

const std::vector<std::string> kAcceptedPhotos = {"JPEG, PNG, WebP, TIFF, HEIC and AVIF"};

// The pattern of the small photos in the corpus, 12 x 8
cv::Vec3b pattern(int x, int y) {
    return {static_cast<std::uint8_t>(20 * x), static_cast<std::uint8_t>(30 * y),
            static_cast<std::uint8_t>(12 * (x + y))};
}

double mean_difference(const cv::Mat_<cv::Vec3b>& a, const cv::Mat_<cv::Vec3b>& b) {
    EXPECT_EQ(a.size(), b.size());
    return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(3 * a.total());
}

cv::Mat_<cv::Vec3b> pattern_picture() {
    cv::Mat_<cv::Vec3b> rgb(8, 12);
    for (int y = 0; y < rgb.rows; ++y)
        for (int x = 0; x < rgb.cols; ++x)
            rgb(y, x) = pattern(x, y);
    return rgb;
}

Photo decode(const ByteVector& bytes, Progress* progress = nullptr) {
    return decode_photo(bytes, "p", {}, progress);
}

struct ExifEntry {
    std::uint16_t tag;
    std::uint16_t value;
};

// A big-endian TIFF block: the orientation, and entries of the photo's own directory
ByteVector exif_block(std::uint16_t orientation, const std::vector<ExifEntry>& entries) {
    ByteVector bytes;
    const auto put = [&](std::uint32_t number, int count) {
        for (int i = count - 1; i >= 0; --i)
            bytes.push_back(static_cast<std::byte>(number >> (8 * i)));
    };
    const auto put_short = [&](std::uint16_t tag, std::uint16_t value) {
        put(tag, 2), put(3, 2), put(1, 4), put(value, 2), put(0, 2);
    };
    put(0x4D4D, 2), put(42, 2), put(8, 4);
    put(2, 2), put_short(0x112, orientation);
    put(0x8769, 2), put(4, 2), put(1, 4), put(38, 4), put(0, 4);
    put(static_cast<std::uint32_t>(entries.size()), 2);
    for (const ExifEntry& entry : entries)
        put_short(entry.tag, entry.value);
    put(0, 4);
    return bytes;
}

// Puts a segment behind the first marker of a JPEG
ByteVector with_segment(const ByteVector& jpeg, std::uint8_t marker, const std::string& name,
                        const ByteVector& content) {
    const std::size_t length = 2 + name.size() + content.size();
    ByteVector result(jpeg.begin(), jpeg.begin() + 2);
    result.push_back(std::byte{0xFF});
    result.push_back(std::byte{marker});
    result.push_back(static_cast<std::byte>(length >> 8));
    result.push_back(static_cast<std::byte>(length & 0xFF));
    for (const char c : name)
        result.push_back(static_cast<std::byte>(c));
    result.insert(result.end(), content.begin(), content.end());
    result.insert(result.end(), jpeg.begin() + 2, jpeg.end());
    return result;
}

ByteVector with_exif(const ByteVector& jpeg, const ByteVector& block) {
    return with_segment(jpeg, 0xE1, std::string("Exif\0\0", 6), block);
}

ByteVector with_profile(const ByteVector& jpeg, const ByteVector& profile) {
    return with_segment(jpeg, 0xE2, std::string("ICC_PROFILE\0\1\1", 14), profile);
}

// Adobe RGB (1998): its own primaries, gamma 2.2
ByteVector adobe_rgb_profile() {
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}};
    cmsToneCurve* gamma = cmsBuildGamma(nullptr, 563.0 / 256);
    cmsToneCurve* gammas[3] = {gamma, gamma, gamma};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, gammas);
    cmsUInt32Number size = 0;
    cmsSaveProfileToMem(profile, nullptr, &size);
    ByteVector bytes(size);
    cmsSaveProfileToMem(profile, bytes.data(), &size);
    cmsCloseProfile(profile);
    cmsFreeToneCurve(gamma);
    return bytes;
}

TEST(ReadPhoto, EveryFormatGivesTheSamePicture) {
    const cv::Mat_<cv::Vec3b> expected = pattern_picture();
    struct Case {
        const char* file;
        double tolerance;
    };
    for (const Case& c :
         {Case{"photo/rgb.png", 0}, Case{"photo/rgb.tif", 0}, Case{"photo/lzw.tif", 0},
          Case{"photo/palette.png", 8}, Case{"photo/palette.tif", 30},
          Case{"photo/progressive.jpg", 15}, Case{"photo/jpeg.tif", 15},
          Case{"photo/lossy.webp", 15}, Case{"photo/cmyk.tif", 2}, Case{"photo/cmyk.jpg", 8}}) {
        SCOPED_TRACE(c.file);
        const Photo photo = read_photo(corpus_file(c.file));
        EXPECT_EQ(photo.camera.size, expected.size());
        EXPECT_LE(mean_difference(photo.rgb, expected), c.tolerance);
        EXPECT_FLOAT_EQ(photo.camera.focal, 12);
        EXPECT_FALSE(photo.focal_known);
    }
}

TEST(ReadPhoto, GreyBecomesThreeEqualChannels) {
    const Photo photo = read_photo(corpus_file("photo/grey.jpg"));
    for (const cv::Vec3b& color : photo.rgb)
        EXPECT_TRUE(color[0] == color[1] && color[1] == color[2]);
}

TEST(ReadPhoto, EveryOrientationIsTurnedUpright) {
    // What EXIF calls row 0 and column 0, for orientations 1 to 8
    const cv::Mat_<cv::Vec3b> upright = waves({32, 16}).rgb;
    for (std::uint16_t orientation = 1; orientation <= 8; ++orientation) {
        SCOPED_TRACE(orientation);
        const bool transposed = orientation >= 5;
        cv::Mat_<cv::Vec3b> stored(transposed ? cv::Size(16, 32) : cv::Size(32, 16));
        for (int y = 0; y < stored.rows; ++y)
            for (int x = 0; x < stored.cols; ++x) {
                const int w = upright.cols - 1, h = upright.rows - 1;
                const std::array<cv::Point, 8> places = {{{x, y},
                                                          {w - x, y},
                                                          {w - x, h - y},
                                                          {x, h - y},
                                                          {y, x},
                                                          {w - y, x},
                                                          {w - y, h - x},
                                                          {y, h - x}}};
                stored(y, x) = upright(places[static_cast<std::size_t>(orientation - 1)]);
            }
        const Photo photo =
            decode(with_exif(encode_jpeg(stored, 100), exif_block(orientation, {})));
        EXPECT_LT(mean_difference(photo.rgb, upright), 2);
    }
}

TEST(ReadPhoto, FocalLengthComesFromTheOptionThenExif) {
    const ByteVector jpeg = encode_jpeg(waves({640, 480}).rgb, 90);
    const ByteVector film = with_exif(jpeg, exif_block(6, {{0xA405, 28}}));
    const Photo photo = decode(film);
    EXPECT_EQ(photo.camera.size, cv::Size(480, 640));
    EXPECT_TRUE(photo.focal_known);
    EXPECT_NEAR(photo.camera.focal, 28 * 800 / std::hypot(36.0, 24.0), 0.01);

    const Photo given = decode_photo(film, "p", {.focal = 700.0F});
    EXPECT_FLOAT_EQ(given.camera.focal, 700);
    EXPECT_FALSE(decode(with_exif(jpeg, exif_block(1, {{0xA405, 0}}))).focal_known);
}

TEST(ReadPhoto, ProfilesAreConvertedToSrgb) {
    cv::Mat_<cv::Vec3b> patch(64, 64, cv::Vec3b(100, 150, 100));
    const ByteVector jpeg = encode_jpeg(patch, 100);
    const cv::Vec3b color = decode(with_profile(jpeg, adobe_rgb_profile())).rgb(32, 32);
    // Adobe RGB (100, 150, 100) in sRGB, by the two standards' formulas
    EXPECT_NEAR(color[0], 66, 2);
    EXPECT_NEAR(color[1], 151, 2);
    EXPECT_NEAR(color[2], 97, 2);
}

TEST(ReadPhoto, BrokenProfileIsAWarning) {
    const ByteVector jpeg = encode_jpeg(pattern_picture(), 100);
    Listener listener;
    const Photo photo = decode(with_profile(jpeg, ByteVector(200, std::byte{7})), &listener);
    EXPECT_EQ(mean_difference(photo.rgb, decode(jpeg).rgb), 0);
    ASSERT_EQ(listener.warnings.size(), 1U);
    EXPECT_NE(listener.warnings[0].find("profile"), std::string::npos);
}

TEST(ReadPhoto, BrokenExifIsNoError) {
    const ByteVector jpeg = encode_jpeg(pattern_picture(), 100);
    const Photo photo = decode(with_exif(jpeg, ByteVector(40, std::byte{0x55})));
    EXPECT_EQ(photo.rgb.size(), cv::Size(12, 8));
}

TEST(ReadPhoto, SixteenBitsAreRoundedToEight) {
    cv::Mat_<cv::Vec3w> wide(1, 4);
    wide << cv::Vec3w(0, 65535, 257), cv::Vec3w(128, 129, 385), cv::Vec3w(386, 32768, 65406),
        cv::Vec3w(65407, 1, 2);
    const Photo photo = decode(encode_png(wide));
    EXPECT_EQ(photo.rgb(0, 0), cv::Vec3b(0, 255, 1));
    EXPECT_EQ(photo.rgb(0, 1), cv::Vec3b(0, 1, 1));
    EXPECT_EQ(photo.rgb(0, 2), cv::Vec3b(2, 128, 254));
    EXPECT_EQ(photo.rgb(0, 3), cv::Vec3b(255, 0, 0));
}

TEST(ReadPhoto, TransparentPixelsKeepTheirColourWithOneWarning) {
    cv::Mat_<cv::Vec4b> rgba(2, 2, cv::Vec4b(10, 200, 30, 0));
    rgba(1, 1) = {1, 2, 3, 255};
    Listener listener;
    const Photo photo = decode(encode_png(rgba), &listener);
    EXPECT_EQ(photo.rgb(0, 0), cv::Vec3b(10, 200, 30));
    EXPECT_EQ(photo.rgb(1, 1), cv::Vec3b(1, 2, 3));
    EXPECT_EQ(listener.warnings.size(), 1U);

    cv::Mat_<cv::Vec4b> opaque(2, 2, cv::Vec4b(10, 200, 30, 255));
    decode(encode_png(opaque), &listener);
    EXPECT_EQ(listener.warnings.size(), 1U);
}

TEST(ReadPhoto, HeicIsTurnedOnceAndAvifIsRead) {
    // Stored turned by the format itself; EXIF says orientation 6 as well
    const Photo heic = read_photo(corpus_file("photo/turned.heic"));
    ASSERT_EQ(heic.rgb.size(), cv::Size(48, 64));
    EXPECT_NEAR(heic.rgb(40, 10)[0], 4 * 40, 12);
    EXPECT_NEAR(heic.rgb(40, 10)[1], 5 * (47 - 10), 12);
    const Photo avif = read_photo(corpus_file("photo/plain.avif"));
    ASSERT_EQ(avif.rgb.size(), cv::Size(64, 48));
    EXPECT_NEAR(avif.rgb(10, 40)[0], 4 * 40, 12);
    EXPECT_NEAR(avif.rgb(10, 40)[1], 5 * 10, 12);
}

TEST(ReadPhoto, ExtremeShapesAreFine) {
    const cv::Mat_<cv::Vec3b> dot(1, 1, cv::Vec3b(1, 2, 3));
    EXPECT_EQ(decode(encode_png(dot)).rgb(0, 0), dot(0, 0));
    const cv::Mat_<cv::Vec3b> pole(5000, 1, cv::Vec3b(1, 2, 3));
    EXPECT_EQ(decode(encode_jpeg(pole, 90)).rgb.size(), cv::Size(1, 5000));
}

TEST(ReadPhoto, EveryTruncationIsAnErrorThatNamesTheFile) {
    for (const char* file :
         {"photo/rgb.png", "photo/exif.jpg", "photo/progressive.jpg", "photo/lossy.webp",
          "photo/turned.heic", "photo/plain.avif", "photo/rgb.tif"}) {
        SCOPED_TRACE(file);
        const ByteVector bytes = corpus(file);
        for (const std::size_t size : {bytes.size() / 4, bytes.size() / 2, bytes.size() - 3}) {
            // A PNG without the last bytes of its end mark is whole
            const ByteVector cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            if (size == bytes.size() - 3 && std::string(file) == "photo/exif.jpg")
                continue;
            expect_error(ErrorKind::Unreadable, {"cannot read 'holiday.jpg'", kAcceptedPhotos[0]},
                         [&] { decode_photo(cut, "holiday.jpg"); });
        }
    }
}

TEST(ReadPhoto, WrongContentIsNamed) {
    const auto expect_found = [](const std::string& content, const std::string& found) {
        expect_error(ErrorKind::Unreadable, {"'x.jpg'", found, kAcceptedPhotos[0]},
                     [&] { decode_photo(std::as_bytes(std::span(content)), "x.jpg"); });
    };
    expect_found("", "it is empty");
    expect_found("Dear diary,\n", "it is text");
    expect_found("GIF89a......", "it is a GIF file");
    expect_found(std::string("\1\2\3\4\5\6", 6), "of no known type");
    expect_found("P6\n1 1\n255\nabc", "it is a PPM file");
    expect_found("Pf\n1 1\n-1\nabcd", "it is a PFM file");
}

TEST(ReadPhoto, MissingFilesAndFoldersAreErrors) {
    const TemporaryFolder folder;
    expect_error(ErrorKind::Unreadable, {"no.jpg"}, [&] { read_photo(folder / "no.jpg"); });
    expect_error(ErrorKind::Unreadable, {"it is a folder"}, [&] { read_photo(folder / ""); });
}

TEST(ReadPhoto, HugeSizesAreRefusedFromTheHeader) {
    // A PNG whose header alone says 30000 x 30000
    ByteVector png = encode_png(cv::Mat_<cv::Vec3b>(1, 1, cv::Vec3b()));
    const std::array<std::uint8_t, 8> size = {0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30};
    for (std::size_t i = 0; i < size.size(); ++i)
        png[16 + i] = static_cast<std::byte>(size[i]);
    EXPECT_THROW(decode(png), Error);
    const std::string pgm = "P5 40000 100 255\n";
    expect_error(ErrorKind::Unreadable, {"40000x100", "200 megapixels"},
                 [&] { decode_depth(std::as_bytes(std::span(pgm)), "p.pgm"); });
}

TEST(ReadPhoto, OptionsAreChecked) {
    expect_error(ErrorKind::InvalidInput, {"focal length"},
                 [] { decode_photo(corpus("photo/rgb.png"), "p", {.focal = -1.0F}); });
}

TEST(ReadInfo, TellsWhatAFileHolds) {
    const FileInfo jpeg = read_info(corpus_file("photo/exif.jpg"));
    EXPECT_EQ(jpeg.format, "JPEG");
    EXPECT_EQ(jpeg.stored_size, cv::Size(12, 8));
    EXPECT_EQ(jpeg.orientation, 6);
    EXPECT_EQ(jpeg.channel_count, 3);
    EXPECT_EQ(jpeg.bit_depth, 8);
    EXPECT_FALSE(jpeg.has_profile);
    EXPECT_NEAR(jpeg.focal.value_or(0), 50 * std::hypot(12, 8) / std::hypot(36, 24), 1e-3);
    EXPECT_FALSE(jpeg.depth);
    EXPECT_TRUE(read_info(corpus_file("photo/rgb.png")).has_profile);
    EXPECT_EQ(read_info(corpus_file("photo/cmyk.tif")).channel_count, 4);
    EXPECT_EQ(read_info(corpus_file("photo/turned.heic")).format, "HEIC");
    EXPECT_EQ(read_info(corpus_file("photo/plain.avif")).format, "AVIF");
}

TEST(WritePicture, PngIsExactAndBothAreTheSameEveryTime) {
    const TemporaryFolder folder;
    const cv::Mat_<cv::Vec3b> rgb = waves({37, 21}).rgb;
    write_picture(rgb, folder / "a.png");
    write_picture(rgb, folder / "b.PNG");
    write_picture(rgb, folder / "a.jpg", 95);
    write_picture(rgb, folder / "b.jpeg", 95);
    EXPECT_EQ(mean_difference(read_photo(folder / "a.png").rgb, rgb), 0);
    EXPECT_LT(mean_difference(read_photo(folder / "a.jpg").rgb, rgb), 2);
    EXPECT_EQ(read_bytes(folder / "a.png"), read_bytes(folder / "b.PNG"));
    EXPECT_EQ(read_bytes(folder / "a.jpg"), read_bytes(folder / "b.jpeg"));
}

TEST(WritePicture, PartOfALargerMatrixIsWrittenAlone) {
    const TemporaryFolder folder;
    const cv::Mat_<cv::Vec3b> rgb = waves({37, 21}).rgb;
    const cv::Mat_<cv::Vec3b> part = rgb(cv::Rect(5, 3, 20, 10));
    write_picture(part, folder / "part.png");
    EXPECT_EQ(mean_difference(read_photo(folder / "part.png").rgb, part), 0);
}

TEST(WritePicture, FailuresLeaveNothingBehind) {
    const TemporaryFolder folder;
    const cv::Mat_<cv::Vec3b> rgb = waves({4, 4}).rgb;
    expect_error(ErrorKind::Unsupported, {"a.gif", ".png or .jpg"},
                 [&] { write_picture(rgb, folder / "a.gif"); });
    expect_error(ErrorKind::Unwritable, {"a.png"},
                 [&] { write_picture(rgb, folder / "no folder" / "a.png"); });
    EXPECT_EQ(folder.file_count(), 0U);
}

// ---- Real files

class RealPhotos : public testing::Test {
protected:
    void SetUp() override {
        if (!data_folder())
            GTEST_SKIP() << "UNFLAT_DATA is not set";
        photos_ = *data_folder() / "photos";
    }
    std::filesystem::path photos_;
};

TEST_F(RealPhotos, MoonIsRead) {
    const Photo moon = read_photo(photos_ / "moon/moon.jpg");
    EXPECT_EQ(moon.rgb.size(), cv::Size(2100, 2100));
    EXPECT_FLOAT_EQ(moon.camera.focal, 2100);
}

TEST_F(RealPhotos, PhonesAreReadUprightWithTheirLens) {
    const Photo pug = read_photo(photos_ / "portrait/pug.heic");
    EXPECT_EQ(pug.rgb.size(), cv::Size(4032, 3024));
    EXPECT_TRUE(pug.focal_known);
    const FileInfo info = read_info(photos_ / "portrait/pug.heic");
    EXPECT_TRUE(info.has_profile);
    ASSERT_TRUE(info.depth);
    EXPECT_EQ(info.depth->size, cv::Size(768, 576));
    EXPECT_EQ(read_photo(photos_ / "portrait/spatial_photo.heic").rgb.size(), cv::Size(2560, 2560));
}

}  // namespace
}  // namespace unflat
