// SPDX-License-Identifier: MIT
#include "unflat/io.h"
#include "unflat/ldi.h"

#include "io_files.h"
#include "scenes.h"

#include <cstring>

namespace unflat {
namespace {

// A photo of two planes, one hidden pixel linked to nothing and one beyond the border
Ldi two_planes() {
    const cv::Size size(6, 4);
    DisparityMap disparity = plane(size, 0.5F);
    put_box(disparity, {2, 1, 2, 2}, 2.0F);
    Ldi ldi = lift(waves(size), disparity, {.size = size, .threshold = 0.25F});
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            for (const Direction direction : {Direction::Right, Direction::Down}) {
                const std::int32_t a = y * size.width + x;
                const std::int32_t b = ldi.pixels[static_cast<std::size_t>(a)].link(direction);
                if (b >= 0 && ldi.pixels[static_cast<std::size_t>(a)].disparity !=
                                  ldi.pixels[static_cast<std::size_t>(b)].disparity)
                    cut(ldi, a, direction);
            }
    enlarge_canvas(ldi, {-1, -2, 9, 8});
    add_pixel(ldi, {.x = 2, .y = 1, .disparity = 0.5F, .rgb = {1, 2, 3}, .round = 1});
    const std::int32_t beyond =
        add_pixel(ldi, {.x = -1, .y = 0, .disparity = 0.5F, .rgb = {4, 5, 6}, .round = 2});
    link(ldi, beyond, Direction::Right, 0);
    return ldi;
}

ByteVector written(const Ldi& ldi) {
    const TemporaryFolder folder;
    write_ldi(ldi, folder / "l.ldi");
    return read_bytes(folder / "l.ldi");
}

template <typename Number>
ByteVector with(ByteVector bytes, std::size_t at, Number number) {
    std::memcpy(bytes.data() + at, &number, sizeof(Number));
    return bytes;
}

TEST(LdiFile, RoundTripKeepsEverything) {
    const Ldi ldi = two_planes();
    ASSERT_EQ(find_violation(ldi), "");
    const Ldi copy = decode_ldi(written(ldi), "l");
    EXPECT_EQ(copy.camera.size, ldi.camera.size);
    EXPECT_EQ(copy.camera.focal, ldi.camera.focal);
    EXPECT_EQ(copy.canvas, ldi.canvas);
    EXPECT_EQ(copy.range, ldi.range);
    EXPECT_EQ(copy.threshold, ldi.threshold);
    EXPECT_EQ(copy.true_scale, ldi.true_scale);
    EXPECT_EQ(copy.fronts, ldi.fronts);
    ASSERT_EQ(copy.pixels.size(), ldi.pixels.size());
    for (std::size_t i = 0; i < ldi.pixels.size(); ++i) {
        const LdiPixel& a = ldi.pixels[i];
        const LdiPixel& b = copy.pixels[i];
        EXPECT_TRUE(a.x == b.x && a.y == b.y && a.disparity == b.disparity && a.rgb == b.rgb &&
                    a.round == b.round && a.links == b.links && a.behind == b.behind);
    }
    EXPECT_EQ(written(copy), written(ldi));
}

TEST(LdiFile, HasTheDocumentedSize) {
    EXPECT_EQ(written(two_planes()).size(), 64U + 36U * 26U);
}

TEST(LdiFile, ExampleOfTheDocumentIsRead) {
    const std::string hex =
        "894c44490d0a1a0a0100000000000000"
        "01000000010000000000803f0000003f"
        "0000003f000000000000000001000000"
        "01000000000040400ad7233d01000000"
        "00000000000000000000803fff000000"
        "ffffffffffffffffffffffffffffffff"
        "ffffffff";
    ByteVector bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    const Ldi ldi = decode_ldi(bytes, "l");
    ASSERT_EQ(ldi.pixels.size(), 1U);
    EXPECT_EQ(ldi.pixels[0].rgb, cv::Vec3b(255, 0, 0));
    EXPECT_EQ(ldi.camera.cx, 0.5F);
    EXPECT_EQ(ldi.threshold, 0.04F);
    EXPECT_EQ(written(ldi), bytes);
}

TEST(LdiFile, EveryTruncationIsAnError) {
    const ByteVector bytes = written(two_planes());
    for (std::size_t size = 0; size < bytes.size(); size += 13)
        expect_error(ErrorKind::Unreadable, {"cannot read 'l.ldi'", "version 1"},
                     [&] { decode_ldi(std::span(bytes).first(size), "l.ldi"); });
}

TEST(LdiFile, WhatCannotBeIsRefused) {
    const ByteVector bytes = written(two_planes());
    const auto expect_found = [](const ByteVector& changed, const std::string& found) {
        expect_error(ErrorKind::Unreadable, {"'l'", found}, [&] { decode_ldi(changed, "l"); });
    };
    constexpr std::size_t kVersion = 8, kFlags = 12, kWidth = 16, kFocal = 24, kCanvasWidth = 44,
                          kCount = 60, kPixels = 64;
    expect_found(with(bytes, 0, 'x'), "not a layered depth image");
    expect_found(with(bytes, kVersion, 2), "version is 2");
    expect_found(with(bytes, kFlags, 4), "flags");
    expect_found(with(bytes, kWidth, -6), "no pixels");
    expect_found(with(bytes, kWidth, 30000), "canvas");
    expect_found(with(bytes, kFocal, 0.0F), "camera");
    expect_found(with(bytes, kCanvasWidth, 0x7FFFFFFF), "canvas");
    expect_found(with(bytes, kCount, 0xFFFFFFFFU), "pixels");
    expect_found(with(bytes, kPixels + 8, -1.0F), "disparity");
    expect_found(with(bytes, kPixels + 16, 99999), "does not exist");
    expect_found(with(bytes, kPixels + 16, 5), "not its neighbour");
    expect_found(with(bytes, kPixels + 32, 99999), "does not exist");
    expect_found(with(bytes, kPixels + 32, 0), "column");
}

KeyedPath decode(const std::string& text) {
    return decode_path(std::as_bytes(std::span(text)), "p.json");
}

TEST(PathFile, HoldsKeysInOrder) {
    const KeyedPath path = decode(R"({"fps": 25, "loop": true, "focus": [10.5, 20], "keys": [
        {"t": 0, "position": [0, 0, 0], "rotation": [0, 0, 0], "fov": 50},
        {"t": 1.5, "position": [0.1, -0.2, 0.3], "rotation": [1, 2, 3]}]})");
    EXPECT_FLOAT_EQ(path.fps, 25);
    EXPECT_TRUE(path.loop);
    EXPECT_EQ(path.focus, cv::Point2f(10.5F, 20));
    ASSERT_EQ(path.keys.size(), 2U);
    EXPECT_FLOAT_EQ(path.keys[0].fov.value_or(0), 50);
    EXPECT_FALSE(path.keys[1].fov);
    EXPECT_FLOAT_EQ(path.keys[1].t, 1.5F);
    EXPECT_EQ(path.keys[1].pose.position, cv::Vec3f(0.1F, -0.2F, 0.3F));
    EXPECT_FLOAT_EQ(path.keys[1].pose.yaw, 1);
    EXPECT_FLOAT_EQ(path.keys[1].pose.pitch, 2);
    EXPECT_FLOAT_EQ(path.keys[1].pose.roll, 3);
}

TEST(PathFile, EverythingButTheTimesHasADefault) {
    const KeyedPath path = decode(R"({"keys": [{"t": 0}]})");
    EXPECT_FLOAT_EQ(path.fps, 40);
    EXPECT_FALSE(path.loop);
    EXPECT_FALSE(path.focus);
    EXPECT_EQ(path.keys[0].pose.position, cv::Vec3f(0, 0, 0));
}

TEST(PathFile, MistakesAreNamed) {
    const auto expect_found = [](const std::string& text, const std::string& found) {
        expect_error(ErrorKind::Unreadable, {"cannot read 'p.json'", found, "accepted is {\"fps\""},
                     [&] { decode(text); });
    };
    expect_found("", "it is empty");
    expect_found("{\"keys\": [", "not JSON from byte");
    expect_found("[]", "not an object");
    expect_found("{}", "no \"keys\"");
    expect_found(R"({"keys": []})", "\"keys\"");
    expect_found(R"({"keys": [{"t": 0}], "speed": 2})", "unknown entry \"speed\"");
    expect_found(R"({"keys": [{"t": 0, "yaw": 2}]})", "key 1 has an unknown entry \"yaw\"");
    expect_found(R"({"keys": [{"position": [0, 0, 0]}]})", "key 1 has no \"t\"");
    expect_found(R"({"keys": [{"t": 1}, {"t": 1}]})", "\"t\" of key 2 is not later");
    expect_found(R"({"keys": [{"t": 0, "position": [0, 0]}]})", "not a list of 3 numbers");
    expect_found(R"({"keys": [{"t": 0, "fov": 180}]})", "\"fov\" of key 1 is 180");
    expect_found(R"({"keys": [{"t": 0, "fov": "wide"}]})", "\"wide\"");
    expect_found(R"({"keys": [{"t": 1e999}]})", "JSON");
    expect_found(R"({"keys": [{"t": 0}], "fps": 0})", "\"fps\" is 0");
    expect_found(R"({"keys": [{"t": 0}], "loop": 1})", "\"loop\" is 1");
    expect_found(std::string(100'000, '['), "not JSON");
    expect_found("{\"fps\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}",
                 "\"fps\" is a list");
}

}  // namespace
}  // namespace unflat
