// SPDX-License-Identifier: MIT
// move_tinted_rims.
#include "unflat/depth.h"
#include "unflat/error.h"

#include "scenes.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>
#include <opencv2/core/utility.hpp>

namespace unflat {
namespace {

const cv::Size kSize(300, 240);
const cv::Point2f kCentre(150, 120);
constexpr float kRadius = 70;

/// Share of a pixel that a disc covers, from 8 x 8 points.
float coverage(int x, int y, float radius) {
    int inside = 0;
    for (int i = 0; i < 64; ++i) {
        const float u = static_cast<float>(x) + (static_cast<float>(i % 8) + 0.5F) / 8;
        const float v = static_cast<float>(y) + (static_cast<float>(i / 8) + 0.5F) / 8;
        inside += std::hypot(u - kCentre.x, v - kCentre.y) < radius ? 1 : 0;
    }
    return static_cast<float>(inside) / 64;
}

/// An anti-aliased disc before a background, both with noise of the given strength.
Photo disc_photo(float noise) {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> deviation(-noise, noise);
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(kSize), .camera = default_camera(kSize)};
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x) {
            const float share = coverage(x, y, kRadius);
            const cv::Vec3f color =
                cv::Vec3f(200, 80, 40) * share + cv::Vec3f(60, 110, 150) * (1 - share);
            for (int c = 0; c < 3; ++c)
                photo.rgb(y, x)[c] = cv::saturate_cast<std::uint8_t>(color[c] + deviation(random));
        }
    return photo;
}

DisparityMap moved(const Photo& photo, const DisparityMap& map, const RimOptions& options = {}) {
    return move_tinted_rims(photo, map, find_depth_edges(map), options);
}

int difference_count(const DisparityMap& a, const DisparityMap& b) {
    return cv::countNonZero(a.values != b.values);
}

// At this size 10 pixels at 1024 are 3, so that a rim of 3 pixels lies within the width
constexpr RimOptions kWide{.width = 17};

TEST(MoveTintedRims, SilhouetteOfAShrunkDiscIsRecovered) {
    for (const float noise : {0.0F, 12.0F}) {
        const Photo photo = disc_photo(noise);
        const DisparityMap shrunk = disc(kSize, 1, 2, kCentre, kRadius - 3);
        const DisparityMap result = moved(photo, shrunk, kWide);
        int wrong = 0;
        for (int y = 0; y < kSize.height; ++y)
            for (int x = 0; x < kSize.width; ++x) {
                const float share = coverage(x, y, kRadius);
                if (share == 1 || share == 0)
                    wrong += (result.values(y, x) == 2) != (share == 1) ? 1 : 0;
            }
        EXPECT_LE(wrong, 16) << "noise " << noise;  // of a rim of about 1300 pixels
        EXPECT_EQ(find_depth_edges(result).edges.size(), 1U);
    }
}

TEST(MoveTintedRims, NoHaloStaysBehind) {
    const Photo photo = disc_photo(0);
    for (const float error : {0.0F, 1.0F, 2.0F, 3.0F}) {
        const DisparityMap result =
            moved(photo, disc(kSize, 1, 2, kCentre, kRadius - error), kWide);
        int tinted = 0;
        for (int y = 0; y < kSize.height; ++y)
            for (int x = 0; x < kSize.width; ++x)
                tinted += result.values(y, x) == 1 && coverage(x, y, kRadius) > 0.25F ? 1 : 0;
        EXPECT_LE(tinted, 10) << "depth too small by " << error;
    }
}

TEST(MoveTintedRims, ExactDepthMovesOnlyMixedPixels) {
    const DisparityMap exact = disc(kSize, 1, 2, kCentre, kRadius);
    const DisparityMap result = moved(disc_photo(0), exact, kWide);
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x) {
            if (result.values(y, x) != exact.values(y, x)) {
                EXPECT_GT(coverage(x, y, kRadius), 0);
            }
        }
}

TEST(MoveTintedRims, CleanTextureStays) {
    std::mt19937 random(3);
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(kSize), .camera = default_camera(kSize)};
    for (cv::Vec3b& color : photo.rgb)
        for (int c = 0; c < 3; ++c)
            color[c] = static_cast<std::uint8_t>(random() % 256);
    const DisparityMap map = disc(kSize, 1, 2, kCentre, kRadius);
    EXPECT_EQ(difference_count(moved(photo, map, kWide), map), 0);
}

TEST(MoveTintedRims, TexturedBackgroundBehindAPlainDiscStays) {
    std::mt19937 random(3);
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(kSize), .camera = default_camera(kSize)};
    const DisparityMap map = disc(kSize, 1, 2, kCentre, kRadius);
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x) {
            const auto texture = static_cast<std::uint8_t>(80 + random() % 60);
            photo.rgb(y, x) = map.values(y, x) == 2 ? cv::Vec3b(220, 40, 40)
                                                    : cv::Vec3b(texture, texture, texture);
        }
    EXPECT_LE(difference_count(moved(photo, map, kWide), map), 4);
}

TEST(MoveTintedRims, SameColorsOnBothSidesMoveNothing) {
    const Photo photo{.rgb = cv::Mat_<cv::Vec3b>(kSize, cv::Vec3b(90, 90, 90)),
                      .camera = default_camera(kSize)};
    const DisparityMap map = disc(kSize, 1, 2, kCentre, kRadius);
    EXPECT_EQ(difference_count(moved(photo, map), map), 0);
}

TEST(MoveTintedRims, NothingMovesFartherThanTheWidth) {
    // The disc of the photo is 20 pixels larger than that of the map
    const Photo photo = disc_photo(0);
    const DisparityMap map = disc(kSize, 1, 2, kCentre, kRadius - 20);
    const DisparityMap result = moved(photo, map, kWide);
    const float width = kWide.width * 300 / 1024;
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x) {
            if (std::hypot(static_cast<float>(x) + 0.5F - kCentre.x,
                           static_cast<float>(y) + 0.5F - kCentre.y) >
                kRadius - 20 + width + 1.5F) {
                EXPECT_EQ(result.values(y, x), 1);
            }
        }
}

TEST(MoveTintedRims, ThirdSurfaceIsNotEaten) {
    // Beyond two pixels of background lies another near thing of the foreground's colour
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(kSize, cv::Vec3b(60, 110, 150)),
                .camera = default_camera(kSize)};
    DisparityMap map = plane(kSize, 1);
    put_box(map, {100, 50, 50, 100}, 2);
    put_box(map, {152, 50, 50, 100}, 1.5F);
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x)
            if (map.values(y, x) > 1)
                photo.rgb(y, x) = {200, 80, 40};
    const DisparityMap result = moved(photo, map, kWide);
    EXPECT_EQ(cv::countNonZero(result.values == 1.5F), 5000);
}

TEST(MoveTintedRims, InputIsNotChangedAndColorsAreNotAsked) {
    const DisparityMap map = disc(kSize, 1, 2, kCentre, kRadius - 3);
    const cv::Mat_<float> before = map.values.clone();
    const DisparityMap result = moved(disc_photo(0), map, kWide);
    EXPECT_EQ(cv::norm(before, map.values, cv::NORM_INF), 0);
    EXPECT_EQ(result.range, map.range);
    for (const float value : result.values)
        EXPECT_TRUE(value == 1 || value == 2);
}

TEST(MoveTintedRims, BadInputIsAnError) {
    const DisparityMap map = disc(kSize, 1, 2, kCentre, kRadius);
    const DepthEdges edges = find_depth_edges(map);
    EXPECT_THROW(move_tinted_rims(waves({20, 20}), map, edges), Error);
    EXPECT_THROW(move_tinted_rims(waves(kSize), map, edges, {.width = -1}), Error);
    EXPECT_THROW(move_tinted_rims(waves(kSize), map, edges, {.min_tint = 0}), Error);
}

TEST(MoveTintedRims, ThreadCountChangesNothing) {
    const Photo photo = disc_photo(9);
    const DisparityMap map = disc(kSize, 1, 2, kCentre, kRadius - 3);
    const int before = cv::getNumThreads();
    std::vector<DisparityMap> results;
    for (const int threads : {1, 2, 7}) {
        cv::setNumThreads(threads);
        results.push_back(moved(photo, map, kWide));
    }
    cv::setNumThreads(before);
    EXPECT_EQ(difference_count(results[0], results[1]), 0);
    EXPECT_EQ(difference_count(results[0], results[2]), 0);
}

}  // namespace
}  // namespace unflat
