// SPDX-License-Identifier: MIT
#include "unflat/asset.h"

#include "unflat/error.h"
#include "unflat/io.h"
#include "unflat/render.h"
#include "unflat/scene.h"

#include "asset/asset_texture.h"
#include "asset/decimate.h"
#include "asset/fit_surface.h"
#include "asset/plan_error.h"
#include "io/file.h"
#include "scenes.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>
#include <unistd.h>

namespace unflat {
namespace {

namespace fs = std::filesystem;

// A disc before a plane that rises towards the camera, with what it hides
const Scene& disc_scene() {
    static const Scene scene = [] {
        const cv::Size size(320, 240);
        cv::Mat_<float> disparity = disc(size, 1, 2.5F, {160, 120}, 70).values;
        for (int y = 0; y < size.height; ++y)
            for (int x = 0; x < size.width; ++x)
                if (disparity(y, x) < 2)
                    disparity(y, x) += 0.5F * static_cast<float>(y) / 240 +
                                       0.1F * std::sin(0.05F * static_cast<float>(x));
        SceneOptions options;
        options.fill = Fill::Diffusion;
        options.motion.frame_count = 24;
        return build_scene(waves(size), {.values = disparity, .kind = DepthKind::InverseDepth},
                           options);
    }();
    return scene;
}

std::vector<View> views_of(const Scene& scene) {
    std::vector<View> views;
    for (const CameraPath& path : scene.paths)
        views.insert(views.end(), path.views.begin(), path.views.end());
    return views;
}

AssetOptions few_bytes() {
    return {.size = 60'000, .triangle_counts = {2000, 1500, 1000, 700, 500}};
}

Asset disc_asset(const AssetOptions& options = few_bytes(),
                 const TextureCodec& codec = *jpeg_texture_codec()) {
    return make_asset(disc_scene().mesh, views_of(disc_scene()), codec, options);
}

double psnr(const cv::Mat_<cv::Vec3b>& a, const cv::Mat_<cv::Vec3b>& b) {
    const double error = cv::norm(a, b, cv::NORM_L2SQR) / (3 * static_cast<double>(a.total()));
    return 10 * std::log10(255. * 255 / std::max(error, 1e-6));
}

class AssetFiles : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("unflat-asset-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path folder_;
};

TEST(Asset, LooksLikeTheSceneFromEveryView) {
    const Asset asset = disc_asset();
    const Renderer whole(disc_scene().mesh), small(asset.mesh);
    EXPECT_LT(asset.mesh.triangles.size(), disc_scene().mesh.triangles.size());
    for (const CameraPath& path : disc_scene().paths)
        for (std::size_t i = 0; i < path.views.size(); i += 6) {
            const Frame frame = small.render(path.views[i]);
            EXPECT_GT(psnr(frame.rgb, whole.render(path.views[i]).rgb), 34) << path.name << i;
            EXPECT_EQ(frame.empty_pixels, 0) << path.name << i;
        }
}

TEST(Asset, KeepsThePhotoFromItsOwnCamera) {
    const Asset asset = disc_asset();
    const Frame frame = Renderer(asset.mesh).render({.camera = asset.mesh.camera});
    EXPECT_GT(psnr(frame.rgb, disc_scene().photo.rgb), 36);
}

TEST(Asset, StaysWithinItsBound) {
    AssetOptions options = few_bytes();
    options.triangle_counts = {1500};
    EXPECT_LE(disc_asset(options).choice.error_bound, options.error);
}

TEST(Asset, IsTheSameTwice) {
    const Asset a = disc_asset(), b = disc_asset();
    EXPECT_EQ(a.texture, b.texture);
    EXPECT_EQ(a.mesh.positions, b.mesh.positions);
    EXPECT_EQ(a.mesh.triangles, b.mesh.triangles);
    EXPECT_EQ(a.safe_range.max, b.safe_range.max);
}

TEST(Asset, ChartsStandOnWholeBlocksOfAnAtlasOfPowersOfTwo) {
    const Asset asset = disc_asset();
    for (const int side : {asset.mesh.atlas.cols, asset.mesh.atlas.rows})
        EXPECT_EQ(side & (side - 1), 0);
    EXPECT_EQ(asset.mesh.photo_in_atlas, cv::Rect(0, 0, 320, 240));
}

TEST(Asset, SafeRangeReachesAsFarAsWhatWasFilled) {
    const SafeRange range = disc_asset().safe_range;
    for (int k = 0; k < 3; ++k) {
        EXPECT_LT(range.min[k], 0);
        EXPECT_GT(range.max[k], 0);
    }
    // Two thirds of where the paths go sideways: nothing there is unfilled
    float sideways = 0;
    for (const View& view : views_of(disc_scene()))
        sideways = std::max(sideways, view.pose.position[0]);
    EXPECT_GT(range.max[0], 0.66F * sideways);
}

TEST(Asset, HasAFaceOfTwoChartsOnceWhenBothAreThePhotos) {
    const Surface square = {.points = {{0, 0, 1}, {0, 9, 1}, {9, 9, 1}, {9, 0, 1}},
                            .faces = {{{0, 1, 2}, 0}, {{0, 2, 3}, 0}, {{2, 0, 1}, 1}}};
    const std::vector<float> ones(square.faces.size(), 1.F);
    Decimator decimator({.surface = square,
                         .picture_worth = ones,
                         .border_worth = ones,
                         .seen = ones,
                         .front = cv::Mat_<float>(10, 10, 1.F)},
                        Parallax({}, {}));
    EXPECT_EQ(decimator.surface().faces.size(), 3U);
    decimator.merge_into_photo({0, 1});
    EXPECT_EQ(decimator.surface().faces.size(), 2U);
}

// What is left where the last point between two faces has gone
TEST(Asset, HasTwoFacesOfTheSamePointsOnce) {
    const Surface square = {.points = {{0, 0, 1}, {0, 9, 1}, {9, 9, 1}, {9, 0, 1}},
                            .faces = {{{0, 1, 2}, 0}, {{0, 2, 3}, 0}, {{2, 0, 1}, 0}}};
    const std::vector<float> ones(square.faces.size(), 1.F);
    const Decimator decimator({.surface = square,
                               .picture_worth = ones,
                               .border_worth = ones,
                               .seen = ones,
                               .front = cv::Mat_<float>(10, 10, 1.F)},
                              Parallax({}, {}));
    EXPECT_EQ(decimator.surface().faces.size(), 2U);
}

// A ridge along x = 5, told of by points beside it only
TEST(Asset, PointsMoveToWhereAllThatWasRemovedIsMetBest) {
    Surface ridge = {.points = {{0, 0, 1}, {0, 10, 1}, {10, 10, 1}, {10, 0, 1}},
                     .faces = {{{0, 1, 2}, 0}, {{0, 2, 3}, 0}}};
    std::vector<FitSample> samples;
    for (const auto& [x, y] : {std::pair(1, 5), std::pair(5, 9), std::pair(3, 7)})
        samples.push_back({.face = 0,
                           .place = {static_cast<float>(x), static_cast<float>(y), 1.1F},
                           .tolerance = 0.2F});
    Surface fitted = ridge;
    fit_disparity(fitted, samples, {1, 1, 1, 1});
    const auto at = [](const Surface& s, float x, float y) {
        const Surface::Point &a = s.points[0], &b = s.points[1], &c = s.points[2];
        const float area = doubled_area(a, b, c);
        const Surface::Point p{x, y, 0};
        return (doubled_area(p, b, c) * a.disparity + doubled_area(a, p, c) * b.disparity +
                doubled_area(a, b, p) * c.disparity) /
               area;
    };
    for (const FitSample& sample : samples)
        EXPECT_NEAR(at(fitted, sample.place.x, sample.place.y), 1.1F, 0.01F);
    EXPECT_EQ(fitted.points[3].disparity, 1);  // no sample tells of it
    // What must stay behind does not come nearer
    fitted = ridge;
    fit_disparity(fitted, samples, {0, 0, 0, 0});
    for (const Surface::Point& point : fitted.points)
        EXPECT_EQ(point.disparity, 1);
}

TEST(Asset, NoFittedPointTakesASampleOutOfItsTolerance) {
    const Surface flat = {.points = {{0, 0, 1}, {0, 10, 1}, {10, 10, 1}},
                          .faces = {{{0, 1, 2}, 0}}};
    // Many that pull away, and one that may not move
    std::vector<FitSample> samples{
        {.face = 0, .place = {3, 6, 1}, .weight = 0.1F, .tolerance = 0.001F}};
    for (int i = 0; i < 8; ++i)
        samples.push_back({.face = 0, .place = {3, 6, 1.2F}, .tolerance = 1});
    Surface fitted = flat;
    fit_disparity(fitted, samples, {1, 1, 1});
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(fitted.points[i].disparity, flat.points[i].disparity);
}

TEST(Asset, WhatAPlanLosesIsNothingIfItIsTheSurface) {
    const cv::Size size(64, 64);
    Camera camera = default_camera(size);
    AssetCharts charts{.charts = {{.box = cv::Rect({}, size)}}};
    const std::vector<ChartPicture> pictures{{.rgb = waves(size).rgb}};
    const Surface surface = {.points = {{0, 0, 1}, {0, 64, 1}, {64, 64, 2}, {64, 0, 2}},
                             .faces = {{{0, 1, 2}, 0}, {{0, 2, 3}, 0}}};
    const std::vector<View> views{{.camera = camera},
                                  {.pose = {.position = {0.05F, 0, 0}}, .camera = camera}};
    const PlanErrors errors(surface, camera, charts, pictures, views);
    EXPECT_EQ(errors.of(surface), 0);
    Surface tilted = surface, steeper = surface;
    tilted.points[2].disparity = 2.2F;
    steeper.points[2].disparity = 2.6F;
    EXPECT_GT(errors.of(tilted), 0);
    EXPECT_GT(errors.of(steeper), errors.of(tilted));
    Surface half = surface;
    half.faces.pop_back();
    EXPECT_GT(errors.of(half), errors.of(steeper));
}

// A codec whose sizes are known: a byte per step of quality
class KnownSizes final : public TextureCodec {
public:
    std::vector<std::byte> encode(const cv::Mat_<cv::Vec3b>&, int quality, bool) const override {
        return std::vector<std::byte>(static_cast<std::size_t>(quality));
    }
    cv::Mat_<cv::Vec3b> decode(std::span<const std::byte>) const override { return {}; }
};

TEST(Asset, ATextureGetsTheBestQualityThatFits) {
    const KnownSizes codec;
    for (const int guess : {1, 30, 60, 95})
        for (const int bytes : {10, 31, 60, 94, 95, 1000}) {
            TextureEncoder encoder(cv::Mat_<cv::Vec3b>(16, 16), codec, true);
            const int quality = encoder.within(bytes, guess).quality;
            EXPECT_LE(quality, std::min(bytes, 95)) << guess;
            EXPECT_GE(quality, 0.97 * std::min(bytes, 95) - 1) << guess << " " << bytes;
        }
    TextureEncoder encoder(cv::Mat_<cv::Vec3b>(16, 16), codec, true);
    EXPECT_EQ(encoder.within(3, 50).quality, 10);  // nothing fits: the least
}

// As leaves are: more pieces than the bytes allow triangles
TEST(Asset, FitsWhereThereAreMorePiecesThanBytesForThem) {
    const cv::Size size(240, 180);
    cv::Mat_<float> disparity(size, 1.F);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            if ((x / 6 + y / 6) % 2 == 0)
                disparity(y, x) = 1.5F + 0.1F * static_cast<float>((x / 6 * 7 + y / 6 * 3) % 10);
    SceneOptions options;
    options.fill = Fill::Diffusion;
    options.motion.frame_count = 8;
    options.edges.min_length = 1;
    const Scene scene =
        build_scene(waves(size), {.values = disparity, .kind = DepthKind::InverseDepth}, options);
    ASSERT_GT(scene.mesh.triangles.size(), 8000U);
    for (const bool quantize : {true, false}) {
        const Asset asset = make_asset(scene.mesh, views_of(scene), *jpeg_texture_codec(),
                                       {.size = 60'000,
                                        .quantize = quantize,
                                        .triangle_counts = {4000, 3000, 2000, 1500, 1000}});
        EXPECT_LT(asset.mesh.triangles.size(), 3000U);
    }
}

TEST(Asset, RefusesASizeThatNothingFitsInto) {
    EXPECT_THROW(disc_asset({.size = 6'000}), Error);
}

TEST_F(AssetFiles, AreAtMostAsLargeAsAllowed) {
    for (const bool quantize : {true, false}) {
        AssetOptions options = few_bytes();
        options.quantize = quantize;
        const fs::path file = folder_ / "a.glb";
        write_asset(disc_asset(options), file, {});
        EXPECT_LE(fs::file_size(file), 60'000U);
        EXPECT_GT(fs::file_size(file), 10'000U);
    }
}

TEST_F(AssetFiles, AreReadBackAsTheyWere) {
    const AssetNotes notes{.version = "1.2.3",
                           .title = "a \"photo\"",
                           .true_scale = true,
                           .focus_depth = 0.75F,
                           .fill = "patch",
                           .networks = {"one", "two"},
                           .options = {{"seed", "7"}}};
    for (const bool compress : {false, true})
        for (const bool quantize : {true, false}) {
            AssetOptions options = few_bytes();
            options.quantize = quantize;
            const Asset asset = disc_asset(options);
            const fs::path file = folder_ / "a.glb";
            write_asset(asset, file, notes, {.compress = compress});
            const StoredAsset read = read_asset(file);
            ASSERT_EQ(read.asset.mesh.positions.size(), asset.mesh.positions.size());
            for (std::size_t i = 0; i < asset.mesh.positions.size(); ++i) {
                EXPECT_LT(cv::norm(read.asset.mesh.positions[i] - asset.mesh.positions[i]), 1e-5);
                EXPECT_LT(cv::norm(read.asset.mesh.uvs[i] - asset.mesh.uvs[i]), 1e-5);
            }
            EXPECT_EQ(cv::norm(read.asset.mesh.atlas, asset.mesh.atlas), 0);
            EXPECT_EQ(read.asset.texture, asset.texture);
            EXPECT_LT(cv::norm(read.asset.safe_range.min - asset.safe_range.min), 1e-6);
            EXPECT_EQ(read.asset.mesh.camera.focal, asset.mesh.camera.focal);
            EXPECT_EQ(read.notes.title, notes.title);
            EXPECT_EQ(read.notes.networks, notes.networks);
            EXPECT_EQ(read.notes.options, notes.options);
            EXPECT_EQ(read.notes.focus_depth, notes.focus_depth);
            EXPECT_TRUE(read.notes.true_scale);
            // Compression may turn a triangle, not more
            for (std::size_t i = 0; i < asset.mesh.triangles.size(); ++i) {
                auto a = asset.mesh.triangles[i], b = read.asset.mesh.triangles[i];
                std::sort(a.begin(), a.end());
                std::sort(b.begin(), b.end());
                ASSERT_EQ(a, b);
            }
        }
}

TEST_F(AssetFiles, OfOthersOrCutShortAreRefused) {
    write_mesh(disc_scene().mesh, folder_ / "plain.glb");
    EXPECT_THROW(read_asset(folder_ / "plain.glb"), Error);
    for (const bool compress : {false, true}) {
        write_asset(disc_asset(), folder_ / "a.glb", {}, {.compress = compress});
        const std::vector<std::byte> bytes = read_bytes(folder_ / "a.glb");
        for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 3)
            EXPECT_THROW(decode_asset(std::span(bytes).first(size), "short"), Error) << size;
        // Lengths that lie
        for (std::size_t i = 0; i < 600; ++i) {
            std::vector<std::byte> damaged = bytes;
            damaged[12 + i * 7 % 2200] = std::byte{'9'};
            try {
                decode_asset(damaged, "damaged");
            } catch (const Error& error) {
                EXPECT_EQ(error.kind(), ErrorKind::Unreadable);
            }
        }
    }
}

TEST_F(AssetFiles, HaveAWebPWhereItIsAskedFor) {
    const Asset asset = disc_asset(few_bytes(), *webp_texture_codec());
    EXPECT_EQ(std::memcmp(asset.texture.data(), "RIFF", 4), 0);
    write_asset(asset, folder_ / "a.glb", {});
    EXPECT_LE(fs::file_size(folder_ / "a.glb"), 60'000U);
    const StoredAsset read = read_asset(folder_ / "a.glb");
    EXPECT_EQ(read.asset.texture, asset.texture);
    EXPECT_EQ(cv::norm(read.asset.mesh.atlas, asset.mesh.atlas), 0);
    for (const char* name : {"a.usdz", "a.ply", "a.obj"}) {
        EXPECT_THROW(write_asset(asset, folder_ / name, {}), Error) << name;
        EXPECT_FALSE(fs::exists(folder_ / name));
    }
}

TEST(TextureCodecs, GiveBackWhatTheyWereGiven) {
    const cv::Mat_<cv::Vec3b> picture = disc_scene().photo.rgb;
    for (const auto& codec : {jpeg_texture_codec(), webp_texture_codec()})
        for (const bool full_chroma : {false, true}) {
            const auto coarse = codec->encode(picture, 30, full_chroma);
            const auto fine = codec->encode(picture, 90, full_chroma);
            EXPECT_LT(coarse.size(), fine.size());
            EXPECT_GT(psnr(codec->decode(fine), picture), 34);
            EXPECT_GT(psnr(codec->decode(fine), picture), psnr(codec->decode(coarse), picture));
            EXPECT_THROW(codec->decode(std::span(fine).first(fine.size() / 8)), Error);
            EXPECT_THROW(codec->decode({}), Error);
        }
}

// The validator knows no compression: what it sees then is what was unpacked
TEST_F(AssetFiles, PassTheValidator) {
    const fs::path validator = fs::path(UNFLAT_GLTF_CHECK);
    if (!fs::exists(validator / "node_modules") || std::system("node --version >/dev/null") != 0)
        GTEST_SKIP() << "gltf-validator is not installed: npm ci in tests/gltf";
    AssetOptions floats = few_bytes();
    floats.quantize = false;
    write_asset(disc_asset(), folder_ / "quantized.glb", {.title = "disc"});
    write_asset(disc_asset(floats), folder_ / "floats.glb", {.title = "disc"});
    write_asset(disc_asset(few_bytes(), *webp_texture_codec()), folder_ / "webp.glb", {});
    write_asset(disc_asset(), folder_ / "packed.glb", {.title = "disc"}, {.compress = true});
    const StoredAsset unpacked = read_asset(folder_ / "packed.glb");
    write_asset(unpacked.asset, folder_ / "unpacked.glb", unpacked.notes);
    const std::string validate = "node '" + (validator / "validate.mjs").string() + "' ";
    for (const char* name : {"quantized.glb", "floats.glb", "unpacked.glb", "webp.glb"})
        EXPECT_EQ(std::system((validate + "'" + (folder_ / name).string() + "'").c_str()), 0)
            << name;
    EXPECT_EQ(std::system(
                  (validate + "--compressed '" + (folder_ / "packed.glb").string() + "'").c_str()),
              0);
    EXPECT_LT(fs::file_size(folder_ / "packed.glb"), fs::file_size(folder_ / "quantized.glb"));
}

TEST_F(AssetFiles, AsUsdzAreZipsOfAlignedFiles) {
    const Asset asset = disc_asset();
    write_asset(asset, folder_ / "a.usdz", {});
    const std::string check = "python3 '" + std::string(UNFLAT_USDZ_CHECK) + "' '" +
                              (folder_ / "a.usdz").string() + "' " +
                              std::to_string(asset.mesh.positions.size()) + " " +
                              std::to_string(asset.mesh.triangles.size());
    EXPECT_EQ(std::system(check.c_str()), 0);
}

}  // namespace
}  // namespace unflat
