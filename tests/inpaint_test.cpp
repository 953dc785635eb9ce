// SPDX-License-Identifier: MIT
#include "unflat/inpaint.h"

#include "unflat/error.h"

#include "inpaint/reach.h"
#include "scenes.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

namespace unflat {
namespace {

const cv::Size kSize(160, 120);

// Cameras shifted sideways and up by so much that a disparity of 1 moves by `pixels`
std::vector<View> shifted_views(const Camera& camera, float pixels) {
    const float t = pixels / camera.focal;
    std::vector<View> views;
    for (const cv::Vec3f& position :
         {cv::Vec3f(t, 0, 0), cv::Vec3f(-t, 0, 0), cv::Vec3f(0, t, 0), cv::Vec3f(0, -t, 0)})
        views.push_back({.pose = {.position = position}, .camera = camera});
    return views;
}

struct Filled {
    DepthEdges edges;
    Ldi before;
    Ldi after;
};

Filled fill_scene(const DisparityMap& disparity, float motion_pixels = 10,
                  InpaintOptions options = {}) {
    const Photo photo = waves(disparity.values.size());
    Filled filled;
    filled.edges = find_depth_edges(disparity, {.min_length = 1});
    filled.before = lift(photo, disparity, filled.edges);
    options.views = shifted_views(photo.camera, motion_pixels);
    filled.after = inpaint(filled.before, filled.edges, *make_diffusion_inpainter(), options);
    return filled;
}

std::vector<float> column(const Ldi& ldi, int x, int y) {
    std::vector<float> disparities;
    for (std::int32_t i = ldi.front(x, y); i != -1;
         i = ldi.pixels[static_cast<std::size_t>(i)].behind)
        disparities.push_back(ldi.pixels[static_cast<std::size_t>(i)].disparity);
    return disparities;
}

TEST(Inpaint, ResultIsAValidLayeredDepthImage) {
    const Filled filled = fill_scene(disc(kSize, 0.5F, 2, {80, 60}, 30));
    EXPECT_EQ(find_violation(filled.after), "");
}

TEST(Inpaint, PhotoIsSacred) {
    const Filled filled = fill_scene(disc(kSize, 0.5F, 2, {80, 60}, 30));
    for (std::size_t i = 0; i < filled.before.pixels.size(); ++i) {
        ASSERT_EQ(filled.after.pixels[i].rgb, filled.before.pixels[i].rgb);
        ASSERT_EQ(filled.after.pixels[i].disparity, filled.before.pixels[i].disparity);
        ASSERT_EQ(filled.after.pixels[i].round, 0);
    }
}

TEST(Inpaint, BackgroundGoesOnUnderADiscAsFarAsTheCameraReaches) {
    // A shift of 10 px per disparity opens 15 px at a step from 2 to 0.5; 40 steps at 1024 px are
    // 6 px here, so the motion decides
    const Filled filled = fill_scene(disc(kSize, 0.5F, 2, {80, 60}, 30));
    for (int x = 51; x < 51 + 15; ++x) {
        const std::vector<float> disparities = column(filled.after, x, 60);
        ASSERT_EQ(disparities.size(), 2U) << "at " << x;
        EXPECT_NEAR(disparities[1], 0.5F, 1e-3);
    }
    EXPECT_EQ(column(filled.after, 80, 60).size(), 1U) << "nobody can see that far";
}

TEST(Inpaint, EveryFarSideIsContinued) {
    const Filled filled = fill_scene(disc(kSize, 0.5F, 2, {80, 60}, 30));
    for (const DepthEdge& edge : filled.edges.edges)
        for (const Crack& crack : edge.cracks)
            EXPECT_NE(filled.after.pixels[static_cast<std::size_t>(crack.far_pixel)].link(
                          opposite(crack.far_from_near)),
                      -1);
}

TEST(Inpaint, FrontsOfOneBackgroundMeetUnderAThinBar) {
    DisparityMap disparity = plane(kSize, 0.5F);
    put_box(disparity, {70, 0, 12, 120}, 2);
    const Filled filled = fill_scene(disparity);
    for (int x = 70; x < 82; ++x)
        ASSERT_EQ(column(filled.after, x, 60).size(), 2U);
    // One sheet: from the left of the bar a walk along links reaches its right
    std::int32_t i = 60 * kSize.width + 69;
    for (int x = 69; x < 82; ++x) {
        i = filled.after.pixels[static_cast<std::size_t>(i)].link(Direction::Right);
        ASSERT_NE(i, -1) << "at " << x;
    }
    EXPECT_EQ(i, 60 * kSize.width + 82);
}

TEST(Inpaint, SlantedFloorGoesOnAsAPlane) {
    DisparityMap disparity = plane(kSize, 0);
    const auto floor = [](int y) { return 0.5F + 0.004F * static_cast<float>(y); };
    for (int y = 0; y < kSize.height; ++y)
        disparity.values.row(y).setTo(floor(y));
    put_box(disparity, {60, 30, 40, 60}, 2);
    const Filled filled = fill_scene(disparity);
    for (const LdiPixel& pixel : filled.after.pixels)
        if (pixel.round > 0 && cv::Rect(60, 30, 40, 60).contains({pixel.x, pixel.y})) {
            EXPECT_NEAR(pixel.disparity, floor(pixel.y), 0.01F) << pixel.x << ' ' << pixel.y;
        }
}

TEST(Inpaint, FourLayersAreFilledDownToTheLast) {
    // Boxes on boxes, each nearer and smaller than the one behind it, with little overhang: under
    // the nearest lie all others
    DisparityMap disparity = plane(kSize, 0.3F);
    put_box(disparity, {40, 20, 80, 80}, 0.9F);
    put_box(disparity, {46, 26, 68, 68}, 1.6F);
    put_box(disparity, {52, 32, 56, 56}, 2.6F);
    const Filled filled = fill_scene(disparity, 14);
    EXPECT_EQ(find_violation(filled.after), "");
    std::size_t deepest = 0;
    for (int y = 32; y < 88; ++y)
        for (int x = 52; x < 108; ++x)
            deepest = std::max(deepest, column(filled.after, x, y).size());
    EXPECT_EQ(deepest, 4U);
}

TEST(Inpaint, AnEdgeThatHardlyOpensIsContinuedThreeTimesAsFarAsTheMotionShows) {
    // A step of 0.1 opens 1 px, with the margin 3; the 40 steps at 1024 px would be 62 here
    DisparityMap disparity = plane(kSize, 0.5F);
    put_box(disparity, {60, 30, 60, 60}, 0.6F);
    const Filled filled = fill_scene(disparity, 10, {.synthesis_steps = 400});
    EXPECT_EQ(column(filled.after, 60 + 8, 60).size(), 2U);
    EXPECT_EQ(column(filled.after, 60 + 9, 60).size(), 1U);
}

TEST(Inpaint, WhatIsVisibleComesBeforeWhatWasSynthesisedBehindIt) {
    // A bright strip hardly nearer than the dark background, and something near before both. From
    // beyond the strip the background is continued under it, as far as where the strip itself is
    // continued under what is near
    const cv::Rect strip(100, 40, 13, 40);
    DisparityMap disparity = plane(kSize, 0.5F);
    put_box(disparity, strip, 0.545F);
    put_box(disparity, {60, 20, 40, 80}, 2);
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(kSize, cv::Vec3b(50, 50, 50)),
                .camera = default_camera(kSize)};
    photo.rgb(strip).setTo(cv::Vec3b(200, 200, 200));
    const DepthEdges edges = find_depth_edges(disparity, {.min_length = 1});
    const Ldi ldi = inpaint(
        lift(photo, disparity, edges), edges, *make_diffusion_inpainter(),
        {.views = shifted_views(photo.camera, 80), .synthesis_steps = 400, .border_limit = 0});

    ASSERT_EQ(column(ldi, 100, 60).size(), 2U) << "the background goes on under the strip";
    const std::int32_t hidden =
        ldi.pixels[static_cast<std::size_t>(ldi.front(100, 60))].link(Direction::Left);
    ASSERT_NE(hidden, -1);
    EXPECT_NEAR(ldi.pixels[static_cast<std::size_t>(hidden)].disparity, 0.545F, 0.01F);
    EXPECT_GT(ldi.pixels[static_cast<std::size_t>(hidden)].rgb[0], 170);
}

TEST(Inpaint, NothingRecedesFromRoundToRound) {
    // A background that falls off steeply, seen between the bars of three grids: what is continued
    // in one round is the context of the next
    DisparityMap disparity = plane(kSize, 0);
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x)
            disparity.values(y, x) = 0.1F + 0.03F * static_cast<float>(std::max(0, 8 - y));
    for (int i = 0; i < 6; ++i) {
        put_box(disparity, {0, 12 + 18 * i, 160, 9}, 0.8F);
        put_box(disparity, {10 + 25 * i, 0, 12, 120}, 1.6F);
        put_box(disparity, {0, 8 + 20 * i, 160, 4}, 2.6F);
    }
    const Filled filled = fill_scene(disparity, 14);
    for (const LdiPixel& pixel : filled.after.pixels)
        ASSERT_GE(pixel.disparity, 0.05F) << "round " << int{pixel.round};
}

TEST(Inpaint, EdgesRunOnStraightUnderAnOccluder) {
    // A wall ends at column 80, sky behind it; a bar lies across. Under the bar the wall must end
    // at column 80 too
    DisparityMap disparity = plane(kSize, 0.2F);
    put_box(disparity, {0, 0, 80, 120}, 0.9F);
    put_box(disparity, {0, 50, 160, 16}, 2.5F);
    const Filled filled = fill_scene(disparity);
    for (int y = 50; y < 66; ++y) {
        EXPECT_NEAR(column(filled.after, 78, y)[1], 0.9F, 0.02F) << y;
        EXPECT_NEAR(column(filled.after, 81, y)[1], 0.2F, 0.02F) << y;
    }
}

TEST(Inpaint, PhotoGoesOnBeyondItsBorderAsFarAsTheMotionShows) {
    const Filled filled = fill_scene(plane(kSize, 1), 10);
    for (int x = -10; x < 0; ++x)
        EXPECT_EQ(column(filled.after, x, 60).size(), 1U) << x;
    for (int y = 120; y < 130; ++y)
        EXPECT_EQ(column(filled.after, 80, y).size(), 1U) << y;
    EXPECT_LE(filled.after.canvas.x, -10);
    EXPECT_GE(filled.after.canvas.x, -17) << "not farther than needed";
}

TEST(Inpaint, BesideWhatIsNearTheFarGoesOnBeyondTheBorderEvenWhereItIsNotSeenItself) {
    // Above row 40 all is far, below near. Of the near, 25 px more come into view on the right than
    // the photo has, of the far 10. A camera that looks past the near one's upper end at the far
    // one finds it behind: it must go on from somewhere there
    DisparityMap disparity = plane(kSize, 1);
    put_box(disparity, {0, 40, 160, 80}, 2.5F);
    const Filled filled = fill_scene(disparity, 10);
    for (int x = 160; x < 160 + 25; ++x) {
        ASSERT_GE(column(filled.after, x, 40).size(), x < 160 + 10 ? 2U : 1U) << x;
        EXPECT_NEAR(column(filled.after, x, 40).front(), 2.5F, 0.05F) << x;
        ASSERT_EQ(column(filled.after, x, 39).size(), 1U) << x;
        EXPECT_NEAR(column(filled.after, x, 39).front(), 1, 0.05F) << x;
    }
}

TEST(Inpaint, ASlopeRecedesNoFartherBeyondTheBorderThanItsAreaWasMeasuredFor) {
    // A ceiling that falls off upwards and to the left; three thresholds are what it may lose
    // beyond the border
    DisparityMap disparity = plane(kSize, 0);
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x)
            disparity.values(y, x) =
                0.5F + 0.005F * static_cast<float>(x) + 0.015F * static_cast<float>(y);
    const Filled filled = fill_scene(disparity, 14);
    const float loss = 3 * filled.after.threshold + 1e-4F;
    ASSERT_EQ(column(filled.after, 140, -14).size(), 1U);
    for (int y = -14; y < 0; ++y)
        ASSERT_GE(column(filled.after, 140, y)[0], disparity.values(0, 140) - loss) << y;
}

// Slanted ridges that run up to the upper border, where some are hardly higher than what is beside
// them
DisparityMap ridges(std::uint64_t seed) {
    cv::RNG random(seed);
    DisparityMap disparity = plane(kSize, 0.5F);
    for (int i = 0; i < 8; ++i) {
        const int left = random.uniform(0, 140), right = left + random.uniform(5, 30);
        const float height = random.uniform(0.0F, 0.05F);
        const float slope_x = random.uniform(0.0F, 0.002F),
                    slope_y = random.uniform(0.0005F, 0.003F);
        for (int y = 0; y < kSize.height; ++y)
            for (int x = left; x < std::min(right, kSize.width); ++x)
                disparity.values(y, x) += height + slope_x * static_cast<float>(x - left) +
                                          slope_y * static_cast<float>(y);
    }
    return disparity;
}

TEST(Inpaint, WhatIsBeyondTheBorderContinuesTheVisiblePixelAndNotWhatIsBehindIt) {
    // At the ridges' ends the background goes on under them, hardly behind what is visible there
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
        const Filled filled = fill_scene(ridges(seed), 14);
        for (int x = 0; x < kSize.width; ++x) {
            const auto top = static_cast<std::size_t>(filled.after.front(x, 0));
            EXPECT_NE(filled.after.pixels[top].link(Direction::Up), -1) << x << ", ridges " << seed;
        }
    }
}

TEST(Inpaint, BorderLimitHolds) {
    const Filled filled = fill_scene(plane(kSize, 1), 100, {.border_limit = 0.25F});
    EXPECT_EQ(filled.after.canvas.x, -40);
}

TEST(Inpaint, ThreadCountChangesNothing) {
    DisparityMap disparity = disc(kSize, 0.5F, 2, {80, 60}, 30);
    put_box(disparity, {20, 0, 9, 120}, 1.2F);
    std::vector<Ldi> results;
    const int threads = cv::getNumThreads();
    for (const int count : {1, 2, 7}) {
        cv::setNumThreads(count);
        results.push_back(fill_scene(disparity).after);
    }
    cv::setNumThreads(threads);
    for (const Ldi& result : results) {
        ASSERT_EQ(result.pixels.size(), results[0].pixels.size());
        for (std::size_t i = 0; i < result.pixels.size(); ++i) {
            ASSERT_EQ(result.pixels[i].disparity, results[0].pixels[i].disparity);
            ASSERT_EQ(result.pixels[i].rgb, results[0].pixels[i].rgb);
            ASSERT_EQ(result.pixels[i].links, results[0].pixels[i].links);
        }
    }
}

TEST(Inpaint, WhatIsCutIsContinuedHoweverSmallTheStep) {
    DisparityMap disparity = plane(kSize, 1);
    put_box(disparity, {80, 0, 80, 120}, 1.01F);
    DepthEdges edges = find_depth_edges(disparity);
    ASSERT_TRUE(edges.edges.empty());
    edges.edges.emplace_back();
    for (int y = 0; y < kSize.height; ++y)
        edges.edges.back().cracks.push_back({.near_pixel = y * kSize.width + 80,
                                             .far_pixel = y * kSize.width + 79,
                                             .far_from_near = Direction::Left});
    const Photo photo = waves(kSize);
    const Ldi filled = inpaint(lift(photo, disparity, edges), edges, *make_diffusion_inpainter(),
                               {.views = shifted_views(photo.camera, 10)});
    for (int y = 0; y < kSize.height; ++y) {
        const std::size_t far = static_cast<std::size_t>(y * kSize.width + 79);
        EXPECT_NE(filled.pixels[far].link(Direction::Right), -1) << "at row " << y;
    }
}

// Sends everything to the end of the world
class AwayInpainter final : public Inpainter {
public:
    Synthesis inpaint(const InpaintPatch& patch) const override {
        return {.rgb = cv::Mat_<cv::Vec3b>(patch.role.size(), cv::Vec3b(0, 0, 0)),
                .disparity = cv::Mat_<float>(patch.role.size(), 1e-6F)};
    }
};

TEST(Inpaint, NothingLiesFartherThanTwiceTheFarthestOfThePhoto) {
    const DisparityMap disparity = disc(kSize, 0.5F, 2, {80, 60}, 30);
    const Photo photo = waves(kSize);
    const DepthEdges edges = find_depth_edges(disparity, {.min_length = 1});
    const Ldi filled = inpaint(lift(photo, disparity, edges), edges, AwayInpainter(),
                               {.views = shifted_views(photo.camera, 10)});
    ASSERT_GT(filled.pixels.size(), filled.photo_pixel_count());
    for (const LdiPixel& pixel : filled.pixels)
        ASSERT_GE(pixel.disparity, 0.25F);
}

TEST(Inpaint, NoRoundsAddNothing) {
    const Filled filled = fill_scene(disc(kSize, 0.5F, 2, {80, 60}, 30), 10, {.max_rounds = 0});
    EXPECT_EQ(filled.after.pixels.size(), filled.before.pixels.size());
}

TEST(Inpaint, RejectsOptionsOutOfRange) {
    EXPECT_THROW(fill_scene(plane(kSize, 1), 1, {.context_steps = 0}), Error);
    EXPECT_THROW(fill_scene(plane(kSize, 1), 1, {.border_limit = -1}), Error);
}

TEST(Reach, GapBehindAnEdgeIsTheDifferenceOfShifts) {
    const Camera camera = default_camera(kSize);
    const Reach reach(camera, shifted_views(camera, 10), {0.5F, 2}, 40);
    EXPECT_NEAR(reach.behind(80, 60, 2, 0.5F), 15 + Reach::kMargin, 0.01F);
}

TEST(Reach, WhatIsSeenPastAnEdgeIsMeasuredInThePhotoHoweverTheCameraMovedAndTurned) {
    const Camera camera = default_camera(kSize);
    const float near = 2.5F, far = 1;
    const cv::Point2f edge(130, 40);
    for (const cv::Vec3f& t : {cv::Vec3f(0.05F, 0, -0.3F), cv::Vec3f(-0.05F, 0.02F, 0.15F)})
        for (const float yaw : {0.0F, 10.0F}) {
            // Where a ray from the view past the edge meets the far plane
            const cv::Vec3f on_edge = camera.unproject(edge.x, edge.y, 1 / near);
            const cv::Vec3f behind = t + (on_edge - t) * ((1 / far - t[2]) / (1 / near - t[2]));
            const float seen = static_cast<float>(cv::norm(camera.project(behind) - edge));
            const std::vector<View> views{{.pose = {.position = t, .yaw = yaw}, .camera = camera}};
            const Reach reach(camera, views, {0.5F, 3}, 40);
            EXPECT_NEAR(reach.behind(edge.x, edge.y, near, far), seen + Reach::kMargin, 0.01F);
        }
}

TEST(DiffuseColor, IsHarmonicBetweenTwoSides) {
    // Context left and right of a gap: colour changes linearly across
    InpaintPatch patch{.role = cv::Mat_<std::uint8_t>(8, 21, std::uint8_t{2}),
                       .rgb = cv::Mat_<cv::Vec3b>(8, 21, cv::Vec3b(0, 0, 0)),
                       .disparity = cv::Mat_<float>(8, 21, 1.0F),
                       .max_disparity = cv::Mat_<float>(8, 21, 9.0F),
                       .cuts = cv::Mat_<std::uint8_t>(8, 21, std::uint8_t{0}),
                       .threshold = 0.04F};
    patch.role.col(0).setTo(1);
    patch.role.col(20).setTo(1);
    patch.rgb.col(20).setTo(cv::Scalar(200, 100, 40));
    const cv::Mat_<cv::Vec3f> color = diffuse_color(patch);
    for (int x = 1; x < 20; ++x)
        EXPECT_NEAR(color(4, x)[0], 10.0F * static_cast<float>(x), 6);
}

TEST(DiffuseColor, NothingCrossesACut) {
    InpaintPatch patch{.role = cv::Mat_<std::uint8_t>(8, 20, std::uint8_t{2}),
                       .rgb = cv::Mat_<cv::Vec3b>(8, 20, cv::Vec3b(10, 10, 10)),
                       .disparity = cv::Mat_<float>(8, 20, 1.0F),
                       .max_disparity = cv::Mat_<float>(8, 20, 9.0F),
                       .cuts = cv::Mat_<std::uint8_t>(8, 20, std::uint8_t{0}),
                       .threshold = 0.04F};
    patch.role.col(0).setTo(1);
    patch.role.col(19).setTo(1);
    patch.rgb.col(19).setTo(cv::Scalar(250, 250, 250));
    patch.cuts.col(9).setTo(1);
    const cv::Mat_<cv::Vec3f> color = diffuse_color(patch);
    EXPECT_NEAR(color(4, 9)[0], 10, 0.01F);
    EXPECT_NEAR(color(4, 10)[0], 250, 0.01F);
}

}  // namespace
}  // namespace unflat
