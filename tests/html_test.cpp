// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace unflat {
namespace {

// What stands between two texts
std::string between(const std::string& text, std::string_view first, std::string_view last) {
    const std::size_t begin = text.find(first);
    if (begin == std::string::npos)
        return "'" + std::string(first) + "' is not there";
    const std::size_t start = begin + first.size();
    return text.substr(start, text.find(last, start) - start);
}

std::vector<std::byte> bytes_of(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

constexpr const char* kScene = R"(<script type="model/gltf-binary;base64">)";

class Html : public ::testing::Test {
protected:
    void SetUp() override {
        if (!has_viewer())
            GTEST_SKIP() << "this build has no viewer";
    }
};

TEST_F(Html, CarriesTheSceneInBase64) {
    // RFC 4648, section 10
    for (const auto& [plain, coded] : std::vector<std::pair<std::string, std::string>>{
             {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}})
        EXPECT_EQ(between(encode_html(bytes_of(plain)), kScene, "</script>"), coded);
    const std::vector<std::byte> high{std::byte{0xFF}, std::byte{0xEF}, std::byte{0xBE}};
    EXPECT_EQ(between(encode_html(high), kScene, "</script>"), "/+++");
}

TEST_F(Html, TakesNoTitleForMarkup) {
    const std::string page = encode_html({}, {.title = R"(<script>"a" & {{scene}})", .poster = {}});
    EXPECT_EQ(between(page, "<title>", "</title>"), "&lt;script&gt;&quot;a&quot; &amp; {{scene}}");
    EXPECT_EQ(between(page, "<unflat-photo alt=\"", "\""),
              "&lt;script&gt;&quot;a&quot; &amp; {{scene}}");
}

TEST_F(Html, LeavesNoPlaceOpenAndNamesNoOtherFile) {
    const std::string page = encode_html(bytes_of("scene"), {.title = "a", .poster = {}});
    EXPECT_EQ(page.find("{{"), std::string::npos);
    EXPECT_EQ(page.find("src=\"http"), std::string::npos);
    EXPECT_EQ(page.find("href=\"http"), std::string::npos);
    EXPECT_EQ(page.find("<img"), std::string::npos) << "there is no poster";
}

TEST_F(Html, PosterIsTheReducedPhoto) {
    const cv::Mat_<cv::Vec3b> photo(800, 1280, cv::Vec3b(200, 100, 50));
    const std::string page = encode_html({}, {.title = "a", .poster = photo});
    const std::string poster = between(page, "src=\"data:image/jpeg;base64,", "\"");
    EXPECT_EQ(poster.substr(0, 4), "/9j/") << "a JPEG begins with FF D8 FF";
    EXPECT_LT(poster.size(), 20000U) << "one colour at 640 pixels is small";
}

TEST_F(Html, ReadsScenesAndPages) {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / "unflat-html-test";
    std::filesystem::create_directories(folder);
    const auto write = [&](const char* name, std::string_view text) {
        std::ofstream(folder / name, std::ios::binary) << text;
        return folder / name;
    };
    EXPECT_EQ(read_html(write("a.html", "<p>")), "<p>");
    EXPECT_EQ(read_html(write("a.txt", "<p>")), std::nullopt);
    // A scene is known by its content
    const auto page = read_html(write("a scene.bin", "glTF and more"));
    ASSERT_TRUE(page);
    EXPECT_EQ(between(*page, "<title>", "</title>"), "a scene");
    EXPECT_EQ(between(*page, kScene, "</script>"), "Z2xURiBhbmQgbW9yZQ==");
    EXPECT_THROW(read_html(folder / "none.glb"), Error);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace unflat
