// SPDX-License-Identifier: MIT
#include "unflat/asset.h"
#include "unflat/error.h"
#include "unflat/io.h"
#include "unflat/render.h"
#include "unflat/scene.h"

#include "io/file.h"
#include "scenes.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include <gtest/gtest.h>
#include <unistd.h>

namespace unflat {
namespace {

namespace fs = std::filesystem;

constexpr float kRadius = 70;
const cv::Size kSize(320, 240);
const cv::Point2f kCentre(160, 120);
const cv::Vec3f kForeground(225, 60, 50);

// Waves that are nowhere like the disc
cv::Vec3f background_at(float x, float y) {
    return {60 + 40 * std::sin(0.11F * x + 0.03F * y), 130 + 90 * std::sin(0.13F * x),
            130 + 90 * std::cos(0.12F * x - 0.02F * y)};
}

// A disc of one colour before waves, as a camera sees it: its rim is a mixture, 2 pixels wide
cv::Mat_<cv::Vec3b> soft_disc_photo() {
    cv::Mat_<cv::Vec3b> photo(kSize);
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x) {
            const float u = static_cast<float>(x) + 0.5F, v = static_cast<float>(y) + 0.5F;
            const float inside = kRadius - std::hypot(u - kCentre.x, v - kCentre.y);
            const float alpha = std::clamp(inside / 2 + 0.5F, 0.F, 1.F);
            photo(y, x) = alpha * kForeground + (1 - alpha) * background_at(u, v);
        }
    return photo;
}

const Scene& soft_disc() {
    static const Scene scene = [] {
        const cv::Mat_<float> disparity = disc(kSize, 1, 2.5F, kCentre, kRadius + 1).values;
        SceneOptions options;
        options.fill = Fill::Diffusion;
        options.motion.frame_count = 24;
        return build_scene({.rgb = soft_disc_photo(), .camera = default_camera(kSize)},
                           {.values = disparity, .kind = DepthKind::InverseDepth}, options);
    }();
    return scene;
}

AssetOptions options_with(bool soft) {
    return {.size = 90'000, .soft_edges = soft, .triangle_counts = {2000}};
}

const Asset& asset_with(bool soft) {
    const auto make = [](bool is_soft) {
        std::vector<View> views;
        for (const CameraPath& path : soft_disc().paths)
            views.insert(views.end(), path.views.begin(), path.views.end());
        return make_asset(soft_disc().mesh, views, *jpeg_texture_codec(), options_with(is_soft));
    };
    static const Asset soft_asset = make(true), hard_asset = make(false);
    return soft ? soft_asset : hard_asset;
}

float distance_to_segment(const cv::Vec3f& p, const cv::Vec3f& a, const cv::Vec3f& b) {
    const float t = std::clamp((p - a).dot(b - a) / std::max(1.F, (b - a).dot(b - a)), 0.F, 1.F);
    return static_cast<float>(cv::norm(p - a - t * (b - a)));
}

// How far pixels near the silhouette are from what the disc over the background there can give,
// from a camera that was moved sideways, where the photo shows that background [levels]
std::vector<float> halo(const Asset& asset, float shift) {
    const float focal = asset.mesh.camera.focal;
    const View view{.pose = {.position = {shift, 0, 0}}, .camera = asset.mesh.camera};
    const Frame frame = Renderer(asset.mesh).render(view);
    std::vector<float> distances;
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x) {
            const float u = static_cast<float>(x) + 0.5F, v = static_cast<float>(y) + 0.5F;
            const float from_disc =
                std::hypot(u + 2.5F * focal * shift - kCentre.x, v - kCentre.y) - kRadius;
            const float source = u + focal * shift;  // of the background, whose disparity is 1
            const float was_from_disc = std::hypot(source - kCentre.x, v - kCentre.y) - kRadius;
            constexpr float kNear = 4, kClear = 8;
            if (std::abs(from_disc) > kNear || was_from_disc < kClear || source < 0 ||
                source > static_cast<float>(kSize.width))
                continue;
            distances.push_back(distance_to_segment(cv::Vec3f(frame.rgb(y, x)), kForeground,
                                                    background_at(source, v)));
        }
    std::sort(distances.begin(), distances.end());
    return distances;
}

double psnr_near_silhouette(const Asset& asset) {
    const Frame frame = Renderer(asset.mesh).render({.camera = asset.mesh.camera});
    const cv::Mat_<cv::Vec3b> photo = soft_disc_photo();
    double sum = 0;
    int count = 0;
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x)
            if (std::abs(std::hypot(static_cast<float>(x) + 0.5F - kCentre.x,
                                    static_cast<float>(y) + 0.5F - kCentre.y) -
                         kRadius) < 5) {
                const cv::Vec3f error = cv::Vec3f(frame.rgb(y, x)) - cv::Vec3f(photo(y, x));
                sum += static_cast<double>(error.dot(error));
                count += 3;
            }
    return 10 * std::log10(255. * 255 * count / sum);
}

TEST(SoftEdges, AreThereWhereTheRimIsAMixture) {
    EXPECT_GT(asset_with(true).mesh.blended_triangles, 40U);
    EXPECT_EQ(asset_with(true).mesh.opacity.size(), asset_with(true).mesh.positions.size());
}

TEST(SoftEdges, AreNotThereWhenTheyAreNotWanted) {
    EXPECT_EQ(asset_with(false).mesh.blended_triangles, 0U);
    EXPECT_TRUE(asset_with(false).mesh.opacity.empty());
}

// Nothing beyond what a hard edge shows anywhere, and of what it shows wrongly the less
TEST(SoftEdges, LeaveLessOfAHaloAndAddNone) {
    for (const float shift : {-0.018F, 0.018F}) {
        const std::vector<float> soft = halo(asset_with(true), shift);
        const std::vector<float> hard = halo(asset_with(false), shift);
        ASSERT_GT(soft.size(), 200U);
        const auto mean = [](const std::vector<float>& all) {
            return std::accumulate(all.begin(), all.end(), 0.) / static_cast<double>(all.size());
        };
        EXPECT_LT(mean(soft), 0.85 * mean(hard)) << shift;
        EXPECT_LE(soft.back(), hard.back() + 10) << shift;
    }
}

TEST(SoftEdges, LeaveThePhotoAsItIs) {
    const double soft = psnr_near_silhouette(asset_with(true));
    EXPECT_GT(soft, 36);
    EXPECT_GT(soft, psnr_near_silhouette(asset_with(false)) - 2.5);
}

TEST(SoftEdges, AreTheSameTwice) {
    const auto make = [] {
        return make_asset(soft_disc().mesh, {}, *jpeg_texture_codec(), options_with(true));
    };
    const Asset a = make(), b = make();
    EXPECT_EQ(a.texture, b.texture);
    EXPECT_EQ(a.mesh.positions, b.mesh.positions);
    EXPECT_EQ(a.mesh.opacity, b.mesh.opacity);
    EXPECT_EQ(a.mesh.triangles, b.mesh.triangles);
}

// A silhouette that is drawn back keeps every face's orientation, and the strip closes the gap
TEST(SoftEdges, CoverWhatTheOpaquePartGaveUp) {
    const Mesh& mesh = asset_with(true).mesh;
    const auto area_of = [&](const Mesh& of) {
        double area = 0;
        for (const auto& [a, b, c] : of.triangles) {
            const cv::Point2f p = of.camera.project(of.positions[a]);
            const cv::Point2f u = of.camera.project(of.positions[b]) - p;
            const cv::Point2f v = of.camera.project(of.positions[c]) - p;
            EXPECT_LE(u.cross(v), 0.01F);  // counter-clockwise, y down
            area -= static_cast<double>(u.cross(v)) / 2;
        }
        return area;
    };
    const double soft = area_of(mesh), hard = area_of(asset_with(false).mesh);
    const double outline = 2 * CV_PI * static_cast<double>(kRadius);
    EXPECT_NEAR(soft, hard, 1.5 * outline);  // it may begin up to a pixel inside
}

class SoftEdgeFiles : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("unflat-soft-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path folder_;
};

TEST_F(SoftEdgeFiles, AreReadBackAsTheyWere) {
    for (const bool compress : {false, true}) {
        const Asset& asset = asset_with(true);
        write_asset(asset, folder_ / "a.glb", {}, {.compress = compress});
        EXPECT_LE(fs::file_size(folder_ / "a.glb"), 90'000U);
        const Mesh read = read_asset(folder_ / "a.glb").asset.mesh;
        EXPECT_EQ(read.opacity, asset.mesh.opacity);
        EXPECT_EQ(read.blended_triangles, asset.mesh.blended_triangles);
        const View view{.pose = {.position = {0.018F, 0, 0}}, .camera = asset.mesh.camera};
        EXPECT_LE(cv::norm(Renderer(read).render(view).rgb, Renderer(asset.mesh).render(view).rgb,
                           cv::NORM_INF),
                  2);
    }
}

TEST_F(SoftEdgeFiles, CutShortOrDamagedAreRefused) {
    write_asset(asset_with(true), folder_ / "a.glb", {});
    const std::vector<std::byte> bytes = read_bytes(folder_ / "a.glb");
    for (std::size_t i = 0; i < 900; ++i) {
        std::vector<std::byte> damaged = bytes;
        damaged[12 + i * 7 % 3600] = std::byte{'9'};
        try {
            decode_asset(damaged, "damaged");
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Unreadable);
        }
    }
}

TEST_F(SoftEdgeFiles, PassTheValidator) {
    const fs::path validator = fs::path(UNFLAT_GLTF_CHECK);
    if (!fs::exists(validator / "node_modules") || std::system("node --version >/dev/null") != 0)
        GTEST_SKIP() << "gltf-validator is not installed: npm ci in tests/gltf";
    AssetOptions floats = options_with(true);
    floats.quantize = false;
    write_asset(asset_with(true), folder_ / "quantized.glb", {});
    write_asset(make_asset(soft_disc().mesh, {}, *jpeg_texture_codec(), floats),
                folder_ / "floats.glb", {});
    write_asset(asset_with(true), folder_ / "packed.glb", {}, {.compress = true});
    const std::string validate = "node '" + (validator / "validate.mjs").string() + "' ";
    for (const char* name : {"quantized.glb", "floats.glb", "--compressed packed.glb"}) {
        const std::string words = name;
        const std::size_t blank = words.find(' ');
        const std::string option = blank == std::string::npos ? "" : words.substr(0, blank + 1);
        const std::string file = blank == std::string::npos ? words : words.substr(blank + 1);
        EXPECT_EQ(std::system((validate + option + "'" + (folder_ / file).string() + "'").c_str()),
                  0)
            << name;
    }
}

}  // namespace
}  // namespace unflat
