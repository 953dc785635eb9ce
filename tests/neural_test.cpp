// SPDX-License-Identifier: MIT
#include "unflat/neural.h"

#include "unflat/error.h"
#include "unflat/io.h"

#include "neural/channels.h"
#include "neural/tiles.h"
#include "neural_patches.h"
#include "scenes.h"

#include <cmath>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <opencv2/core/utility.hpp>

namespace unflat {
namespace {

const std::filesystem::path kNetworks = UNFLAT_TEST_NETWORKS;

std::unique_ptr<Inpainter> inpainter(std::initializer_list<const char*> names) {
    std::vector<Network> networks;
    for (const char* name : names)
        networks.push_back(read_network(kNetworks / "good" / name));
    return make_network_inpainter(networks);
}

// A slope with a hole in it, larger than a tile of 48 pixels
InpaintPatch slope() {
    InpaintPatch patch = context_patch({150, 110});
    for (int x = 0; x < patch.role.cols; ++x)
        patch.disparity.col(x).setTo(1 + 0.004F * static_cast<float>(x));
    hide(patch, {30, 20, 90, 70});
    cut_steps(patch);
    return patch;
}

template <typename Check>
void for_hidden(const InpaintPatch& patch, const Check& check) {
    for (int y = 0; y < patch.role.rows; ++y)
        for (int x = 0; x < patch.role.cols; ++x)
            if (patch.role_at(x, y) == Role::Synthesis)
                check(x, y);
}

void expect_same(const Synthesis& a, const Synthesis& b, const InpaintPatch& patch) {
    for_hidden(patch, [&](int x, int y) {
        ASSERT_EQ(a.rgb(y, x), b.rgb(y, x)) << x << ' ' << y;
        ASSERT_EQ(a.disparity(y, x), b.disparity(y, x)) << x << ' ' << y;
    });
}

// ---- What networks are told

float channel(const std::string& name, const InpaintPatch& patch, int x, int y) {
    const std::vector<std::string> names{name};
    const auto channels = find_channels("test", names);
    const Facts facts = measure(patch, {}, needs_of(channels));
    std::vector<float> plane(static_cast<std::size_t>(patch.role.total()));
    write_channels(channels, facts, cv::Rect({}, patch.role.size()), plane);
    return plane[static_cast<std::size_t>(y * patch.role.cols + x)];
}

TEST(Channels, TellWhatTheTableSays) {
    // Columns 0..3 at disparity 2, columns 4..7 at 1, of which row 3 on is hidden; column 8 outside
    InpaintPatch patch = context_patch({9, 6}, 1);
    patch.disparity.colRange(0, 4).setTo(2);
    hide(patch, {0, 3, 8, 3});
    leave_out(patch, {8, 0, 1, 6});
    cut_steps(patch);
    patch.rgb(1, 5) = {255, 51, 0};

    EXPECT_FLOAT_EQ(channel("red", patch, 5, 1), 1);
    EXPECT_FLOAT_EQ(channel("green", patch, 5, 1), 0.2F);
    EXPECT_EQ(channel("red", patch, 5, 4), 0);
    EXPECT_EQ(channel("context", patch, 5, 1), 1);
    EXPECT_EQ(channel("context", patch, 5, 4), 0);
    EXPECT_EQ(channel("synthesis", patch, 5, 1), 0);
    EXPECT_EQ(channel("synthesis", patch, 5, 4), 1);
    for (const int y : {1, 4}) {
        EXPECT_EQ(channel("edge", patch, 3, y), 1) << "the near side";
        EXPECT_EQ(channel("edge", patch, 4, y), 0);
        EXPECT_EQ(channel("edge_horizontal", patch, 3, y), 1);
        EXPECT_EQ(channel("edge_horizontal", patch, 7, y), 0) << "no edge to what is outside";
        EXPECT_EQ(channel("edge_vertical", patch, 3, y), 0);
    }
    EXPECT_FLOAT_EQ(channel("disparity_over_max", patch, 5, 1), 0.5F);
    EXPECT_EQ(channel("disparity_over_max", patch, 5, 4), 0);
    EXPECT_NEAR(channel("log_depth_zero_mean", patch, 5, 1), std::log(2.0F) / 2, 1e-6F);
    EXPECT_NEAR(channel("log_depth_zero_mean", patch, 2, 1), -std::log(2.0F) / 2, 1e-6F);
    EXPECT_NEAR(channel("disparity_local", patch, 5, 1), -1, 1e-6F);
    EXPECT_EQ(channel("disparity_local", patch, 5, 4), 0);
    EXPECT_NEAR(channel("diffused_disparity", patch, 5, 4), -1, 1e-3F);
    EXPECT_NEAR(channel("diffused_disparity", patch, 2, 4), 1, 1e-3F);
    EXPECT_FLOAT_EQ(channel("distance", patch, 5, 3), 1 / 32.0F);
    EXPECT_FLOAT_EQ(channel("distance", patch, 5, 5), 3 / 32.0F);
    EXPECT_EQ(channel("distance", patch, 5, 1), 0);
    for (const char* name : {"red", "context", "synthesis", "edge", "disparity_local", "distance"})
        EXPECT_EQ(channel(name, patch, 8, 2), 0) << name << " outside";
}

TEST(Channels, WhatIsFlatStaysSmallInItsOwnUnit) {
    InpaintPatch patch = context_patch({20, 20}, 1);
    patch.disparity(3, 3) = 1 + kThreshold;
    hide(patch, {10, 10, 5, 5});
    cut_steps(patch);
    EXPECT_NEAR(channel("disparity_local", patch, 3, 3), 1 / 3.0F, 0.01F);
}

TEST(Channels, GapsOfTheRegionsAreClosedOnRequest) {
    InpaintPatch patch = context_patch({30, 30});
    hide(patch, {10, 10, 10, 10});
    leave_out(patch, {14, 14, 3, 3});
    EXPECT_EQ(measure(patch, {}, {}).mask(15, 15), 0);
    EXPECT_NE(measure(patch, {.mask_closing = 7}, {}).mask(15, 15), 0);
    EXPECT_EQ(measure(patch, {.mask_closing = 7}, {}).mask(5, 5), 0) << "context is no gap";
}

// ---- Tiles

TEST(Tiles, OneForASmallPatch) {
    const std::vector<Tile> tiles =
        lay_tiles(cv::Mat_<std::uint8_t>(60, 64, std::uint8_t{1}), 64, 16);
    ASSERT_EQ(tiles.size(), 1U);
    EXPECT_EQ(tiles[0].part, cv::Rect(0, 0, 64, 60));
}

TEST(Tiles, AnswerForAllThatIsAskedWithContextAround) {
    constexpr int kMost = 64, kOverlap = 16;
    cv::Mat_<std::uint8_t> wanted(200, 333, std::uint8_t{0});
    wanted(cv::Rect(7, 9, 300, 12)).setTo(1);
    wanted(cv::Rect(250, 100, 40, 90)).setTo(1);
    const std::vector<Tile> tiles = lay_tiles(wanted, kMost, kOverlap);
    const cv::Rect all({}, wanted.size());
    int area = 0;
    for (const Tile& tile : tiles) {
        EXPECT_LE(tile.part.width, kMost);
        EXPECT_LE(tile.part.height, kMost);
        EXPECT_EQ(tile.part & all, tile.part);
        area += tile.part.area();
    }
    EXPECT_LT(area, wanted.size().area()) << "what nobody asked for is left out";
    for (int y = 0; y < wanted.rows; ++y)
        for (int x = 0; x < wanted.cols; ++x) {
            if (!wanted(y, x))
                continue;
            float sum = 0;
            for (const Tile& tile : tiles) {
                const float weight = weight_of(tile, wanted.size(), kOverlap, {x, y});
                if (weight <= 0)
                    continue;
                sum += weight;
                const cv::Point around(kOverlap / 2, kOverlap / 2), p(x, y);
                const cv::Rect seen = cv::Rect(p - around, p + around) & all;
                EXPECT_EQ(seen & tile.part, seen) << x << ' ' << y;
            }
            EXPECT_GT(sum, 0.99F) << x << ' ' << y;
        }
}

TEST(Tiles, NoneWhereNothingIsAsked) {
    EXPECT_TRUE(lay_tiles(cv::Mat_<std::uint8_t>(500, 500, std::uint8_t{0}), 64, 16).empty());
}

TEST(Tiles, ChangeNothingForANetworkThatLooksLessFarThanTheyOverlap) {
    const InpaintPatch patch = slope();
    const Synthesis whole = inpainter({"color-noise-4096"})->inpaint(patch);
    for (const char* name : {"color-noise-48", "color-noise-64"}) {
        const Synthesis tiled = inpainter({name})->inpaint(patch);
        for_hidden(patch, [&](int x, int y) {
            for (int c = 0; c < 3; ++c)
                ASSERT_NEAR(tiled.rgb(y, x)[c], whole.rgb(y, x)[c], 1) << x << ' ' << y;
        });
    }
}

// ---- Networks of which the answer is known

TEST(NetworkInpainter, PassesColoursThrough) {
    const InpaintPatch patch = slope();
    const cv::Mat_<cv::Vec3f> expected = diffuse_color(patch);
    for (const char* name : {"color-diffused", "color-over-diffused"}) {
        const Synthesis result = inpainter({name})->inpaint(patch);
        for_hidden(patch, [&](int x, int y) {
            for (int c = 0; c < 3; ++c)
                ASSERT_NEAR(static_cast<float>(result.rgb(y, x)[c]), expected(y, x)[c], 0.51F)
                    << name << ' ' << x << ' ' << y;
        });
    }
}

TEST(NetworkInpainter, BlendsDiffusionAndExemplars) {
    const InpaintPatch patch = slope();
    const cv::Mat_<cv::Vec3f> diffused = diffuse_color(patch);
    const Synthesis copied = make_exemplar_inpainter()->inpaint(patch);
    const Synthesis over = inpainter({"color-over-exemplar"})->inpaint(patch);
    const Synthesis blend = inpainter({"color-blend"})->inpaint(patch);
    for_hidden(patch, [&](int x, int y) {
        for (int c = 0; c < 3; ++c) {
            const auto exemplar = static_cast<float>(copied.rgb(y, x)[c]);
            ASSERT_EQ(over.rgb(y, x)[c], copied.rgb(y, x)[c]);
            ASSERT_NEAR(static_cast<float>(blend.rgb(y, x)[c]),
                        0.75F * diffused(y, x)[c] + 0.25F * exemplar, 0.51F);
        }
    });
}

TEST(NetworkInpainter, WithoutAColourNetworkThereAreExemplars) {
    const InpaintPatch patch = slope();
    const Synthesis expected = make_exemplar_inpainter()->inpaint(patch);
    expect_same(inpainter({"depth-diffused"})->inpaint(patch), expected, patch);
}

TEST(NetworkInpainter, WithoutADepthNetworkDepthIsDiffused) {
    const InpaintPatch patch = slope();
    const cv::Mat_<float> expected = diffuse_disparity(patch);
    const Synthesis result = inpainter({"color-purple"})->inpaint(patch);
    for_hidden(patch, [&](int x, int y) {
        ASSERT_EQ(result.disparity(y, x), expected(y, x));
        ASSERT_EQ(result.rgb(y, x), cv::Vec3b(153, 0, 204));
    });
}

TEST(NetworkInpainter, DepthLeavesTheContextGentlyAndKeepsItsBounds) {
    InpaintPatch patch = slope();
    patch.max_disparity(cv::Rect(30, 20, 90, 5)).setTo(1.2F);
    const cv::Mat_<float> diffused = diffuse_disparity(patch);
    const Synthesis result = inpainter({"depth-nearer"})->inpaint(patch);
    const float most = 1 + 0.004F * 149 + kThreshold;
    for_hidden(patch, [&](int x, int y) {
        const int distance = std::min({x - 29, 120 - x, y - 19, 90 - y});
        const float free = diffused(y, x) + kThreshold / 2 * static_cast<float>(distance);
        ASSERT_NEAR(result.disparity(y, x), std::min({free, most, patch.max_disparity(y, x)}),
                    1e-5F)
            << x << ' ' << y;
    });
}

TEST(NetworkInpainter, LogDepthIsCentredOnTheContext) {
    InpaintPatch patch = context_patch({40, 40}, 1);
    patch.disparity.colRange(0, 20).setTo(4);
    hide(patch, {0, 20, 40, 20});
    cut_steps(patch);
    const Synthesis result = inpainter({"depth-mean"})->inpaint(patch);
    for_hidden(patch, [&](int x, int y) { ASSERT_NEAR(result.disparity(y, x), 2, 1e-5F); });
}

TEST(NetworkInpainter, PatchWithoutContextKeepsItsGuess) {
    InpaintPatch patch = context_patch({20, 20}, 1.5F);
    hide(patch, {0, 0, 20, 20});
    cut_steps(patch);
    const Synthesis result = inpainter({"depth-diffused", "color-noise-48"})->inpaint(patch);
    for_hidden(patch, [&](int x, int y) { ASSERT_EQ(result.disparity(y, x), 1.5F); });
}

// ---- The same result, however the work is cut

std::vector<InpaintPatch> many_patches() {
    std::vector<InpaintPatch> patches{slope()};
    for (int i = 0; i < 24; ++i) {
        InpaintPatch patch = context_patch({20 + i % 3 * 4, 24 + i % 2 * 4}, 1);
        hide(patch, {4 + i % 5, 6, 10, 10});
        cut_steps(patch);
        patch.origin = {1000 + 100 * i, 0};
        patch.seed = static_cast<std::uint32_t>(i);
        patches.push_back(patch);
    }
    return patches;
}

TEST(NetworkInpainter, BatchesChangeNothing) {
    const auto networks = inpainter({"depth-diffused", "color-noise-48"});
    const std::vector<InpaintPatch> patches = many_patches();
    const std::vector<Synthesis> together = networks->inpaint_all(patches, [](double) {});
    for (std::size_t i = 0; i < patches.size(); ++i)
        expect_same(together[i], networks->inpaint(patches[i]), patches[i]);
}

TEST(NetworkInpainter, ThreadCountChangesNothing) {
    const std::vector<InpaintPatch> patches = many_patches();
    std::vector<std::vector<Synthesis>> results;
    const int threads = cv::getNumThreads();
    for (const int count : {1, 2, 7}) {
        cv::setNumThreads(count);
        results.push_back(inpainter({"edge-same", "depth-diffused", "color-noise-64"})
                              ->inpaint_all(patches, [](double) {}));
    }
    cv::setNumThreads(threads);
    for (const auto& result : results)
        for (std::size_t i = 0; i < patches.size(); ++i)
            expect_same(result[i], results[0][i], patches[i]);
}

TEST(NetworkInpainter, StopsWhenItsCallerThrows) {
    const auto networks = inpainter({"color-noise-48"});
    const std::vector<InpaintPatch> patches = many_patches();
    EXPECT_THROW(
        networks->inpaint_all(patches, [](double) { throw Error(ErrorKind::Cancelled, "stop"); }),
        Error);
}

// ---- The whole stage

// A wall ends at column 80, sky behind it; a bar lies across
Ldi fill_t_junction(const Inpainter& inpainter) {
    const cv::Size size(160, 120);
    DisparityMap disparity = plane(size, 0.2F);
    put_box(disparity, {0, 0, 80, 120}, 0.9F);
    put_box(disparity, {0, 50, 160, 16}, 2.5F);
    const Photo photo = waves(size);
    const DepthEdges edges = find_depth_edges(disparity, {.min_length = 1});
    InpaintOptions options;
    for (const float x : {-10.0F, 10.0F})
        options.views.push_back(
            {.pose = {.position = {x / photo.camera.focal, 0, 0}}, .camera = photo.camera});
    return inpaint(lift(photo, disparity, edges), edges, inpainter, options);
}

TEST(NetworkInpainter, EdgesThatANetworkConfirmsRunOnUnderAnOccluder) {
    for (const auto& names : {std::vector{"edge-same"}, {"edge-cuts"}, {"edge-none"}}) {
        const Ldi ldi = fill_t_junction(*inpainter({names[0]}));
        EXPECT_EQ(find_violation(ldi), "");
        for (int y = 52; y < 64; ++y) {
            const auto second = [&](int x) {
                const auto front = static_cast<std::size_t>(ldi.front(x, y));
                return ldi.pixels[static_cast<std::size_t>(ldi.pixels[front].behind)].disparity;
            };
            EXPECT_NEAR(second(78), 0.9F, 0.02F) << names[0] << ' ' << y;
            EXPECT_NEAR(second(81), 0.2F, 0.02F) << names[0] << ' ' << y;
        }
    }
}

// ---- Broken ones

TEST(Networks, BrokenOnesAreRefusedByName) {
    for (const char* name : {"cut-short", "two-channels", "one-output", "fixed-size", "odd-channel",
                             "odd-output", "empty"}) {
        const Network network = read_network(kNetworks / "broken" / name);
        try {
            check_network(network);
            ADD_FAILURE() << name << " was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Unreadable) << name;
            EXPECT_NE(std::string(error.what()).find("'" + std::string(name) + "'"),
                      std::string::npos)
                << error.what();
            EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        }
    }
}

TEST(Networks, TwoForOneTaskAreRefused) {
    EXPECT_THROW(inpainter({"color-purple", "color-diffused"}), Error);
}

}  // namespace
}  // namespace unflat
