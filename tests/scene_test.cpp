// SPDX-License-Identifier: MIT
#include "unflat/scene.h"

#include "unflat/error.h"
#include "unflat/render.h"

#include "scenes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/core/utility.hpp>

namespace unflat {
namespace {

const cv::Size kSize(96, 64);
const cv::Vec3b kPaint{255, 0, 255};

DepthMap relative_disc() {
    return {.values = disc(kSize, 1, 3, {48, 32}, 16).values};
}

SceneOptions short_scene(Fill fill) {
    SceneOptions options;
    options.fill = fill;
    options.motion.frame_count = 12;
    return options;
}

float length(const View& view) {
    return static_cast<float>(cv::norm(view.pose.position));
}

float farthest(const std::vector<View>& views) {
    float result = 0;
    for (const View& view : views)
        result = std::max(result, length(view));
    return result;
}

std::int64_t empty_pixels(const Scene& scene) {
    std::int64_t sum = 0;
    for (const CameraPath& path : scene.paths)
        sum += render_path(scene.mesh, path, [](const Frame&) {});
    return sum;
}

double psnr(const cv::Mat_<cv::Vec3b>& a, const cv::Mat_<cv::Vec3b>& b) {
    const double error = cv::norm(a, b, cv::NORM_L2SQR) / (3.0 * static_cast<double>(a.total()));
    return error == 0 ? 99 : 10 * std::log10(255 * 255 / error);
}

/// Paints whatever is hidden in one colour.
class Painter : public Inpainter {
public:
    Synthesis inpaint(const InpaintPatch& patch) const override {
        return {.rgb = cv::Mat_<cv::Vec3b>(patch.role.size(), kPaint),
                .disparity = diffuse_disparity(patch)};
    }
};

class Listener : public Progress {
public:
    void report(std::string_view stage, double fraction) override {
        if (fraction <= 0 && (begun.empty() || begun.back() != stage))
            begun.emplace_back(stage);
        EXPECT_GE(fraction, 0);
        EXPECT_LE(fraction, 1);
    }
    void warn(const std::string& sentence) override { warnings.push_back(sentence); }
    bool stop_requested() const override {
        return std::find(begun.begin(), begun.end(), stop_in) != begun.end();
    }

    std::vector<std::string> begun, warnings;
    std::string stop_in = "nowhere";
};

// ---- The motion

TEST(PlanMotion, RelativeDepthIsMovedThroughByTheAuthorsShifts) {
    const Motion motion =
        plan_motion(default_camera(kSize), plane(kSize, 1), {.paths = {"zoom-in", "circle"}});
    ASSERT_EQ(motion.paths.size(), 2U);
    EXPECT_EQ(motion.paths[0].name, "zoom-in");
    EXPECT_NEAR(farthest(motion.paths[0].views), 0.05F, 1e-6F);
    EXPECT_NEAR(motion.largest_shift, std::hypot(0.05F, 0.015F), 1e-4F);
}

TEST(PlanMotion, TrueDepthIsMovedThroughInProportionToItsNearestThing) {
    DisparityMap disparity = plane(kSize, 0.25F);
    disparity.true_scale = true;
    const Motion motion = plan_motion(default_camera(kSize), disparity, {.paths = {"zoom-in"}});
    EXPECT_NEAR(farthest(motion.paths[0].views), 0.05F * 3 * 4, 1e-4F);
    EXPECT_NEAR(motion.largest_shift, 0.05F * 3 * 4, 1e-4F);
}

TEST(PlanMotion, StrayPixelsDoNotDecideHowNearATrueSceneIs) {
    DisparityMap disparity = plane(kSize, 0.25F);
    disparity.true_scale = true;
    put_box(disparity, {0, 0, 5, 5}, 50);  // 0.4 % of the pixels
    const Motion motion = plan_motion(default_camera(kSize), disparity, {.paths = {"zoom-in"}});
    EXPECT_NEAR(farthest(motion.paths[0].views), 0.05F * 3 * 4, 1e-4F);
}

TEST(PlanMotion, FocusKeepsItsSizeInADollyZoom) {
    const DisparityMap disparity = disc(kSize, 0.5F, 2, {48, 32}, 10);
    const Camera camera = default_camera(kSize);
    const auto size_at = [](const View& view, float depth) {
        return view.camera.focal / (depth - view.pose.position[2]);
    };
    const Motion centre = plan_motion(camera, disparity, {.paths = {"dolly-zoom"}});
    const Motion corner =
        plan_motion(camera, disparity, {.paths = {"dolly-zoom"}, .focus = cv::Point2f(2, 3)});
    for (const View& view : centre.paths[0].views)
        EXPECT_NEAR(size_at(view, 0.5F), camera.focal / 0.5F, 0.01F);
    for (const View& view : corner.paths[0].views)
        EXPECT_NEAR(size_at(view, 2), camera.focal / 2, 0.01F);
}

TEST(PlanMotion, FocusOutsideOfThePhotoIsAnError) {
    EXPECT_THROW(plan_motion(default_camera(kSize), plane(kSize, 1),
                             {.paths = {"dolly-zoom"}, .focus = cv::Point2f(97, 3)}),
                 Error);
}

TEST(PlanMotion, PosesAreNeverScaled) {
    DisparityMap disparity = plane(kSize, 0.25F);
    disparity.true_scale = true;
    const Pose pose{.position = {1, 2, 2}, .yaw = 5};
    const Motion motion =
        plan_motion(default_camera(kSize), disparity, {.paths = {}, .poses = {pose}, .motion = 7});
    ASSERT_EQ(motion.poses.size(), 1U);
    EXPECT_EQ(motion.poses[0].pose.position, pose.position);
    EXPECT_FLOAT_EQ(motion.poses[0].pose.yaw, 5);
    EXPECT_FLOAT_EQ(motion.largest_shift, 3);
}

TEST(PlanMotion, AMeshIsMadeForSomeMotionEvenIfTheCameraStaysWhereItIs) {
    const Motion motion =
        plan_motion(default_camera(kSize), plane(kSize, 1), {.paths = {}, .poses = {Pose{}}});
    EXPECT_FLOAT_EQ(motion.largest_shift, 0.05F);
}

TEST(PlanMotion, FewViewsBoundAPathAndKeepItsExtremes) {
    const Motion motion = plan_motion(default_camera(kSize), plane(kSize, 1),
                                      {.paths = {"circle"}, .poses = {Pose{}}, .frame_count = 997});
    const std::vector<View> views = motion.views();
    EXPECT_LE(views.size(), 64U + 14U + 1U);
    const auto extent = [](const std::vector<View>& list, int axis) {
        float least = 1, most = -1;
        for (const View& view : list) {
            least = std::min(least, view.pose.position[axis]);
            most = std::max(most, view.pose.position[axis]);
        }
        return cv::Vec2f(least, most);
    };
    for (int axis = 0; axis < 3; ++axis)
        EXPECT_EQ(extent(views, axis), extent(motion.paths[0].views, axis));
}

TEST(PlanMotion, KeyedPathsFollowThePresets) {
    KeyedPath keyed;
    keyed.fps = 10;
    keyed.keys = {{.t = 0}, {.t = 1, .pose = {.position = {0.1F, 0, 0}}}};
    const Motion motion = plan_motion(default_camera(kSize), plane(kSize, 1),
                                      {.paths = {"swing"}, .keyed_paths = {keyed}});
    ASSERT_EQ(motion.paths.size(), 2U);
    EXPECT_FLOAT_EQ(motion.paths[1].fps, 10);
    EXPECT_NEAR(motion.largest_shift, 0.1F, 1e-3F);
}

// ---- All stages

class FilledScene : public testing::TestWithParam<Fill> {};

TEST_P(FilledScene, LeavesNothingEmptyOnAnyPath) {
    const Scene scene = build_scene(waves(kSize), relative_disc(), short_scene(GetParam()));
    ASSERT_EQ(scene.paths.size(), 4U);
    EXPECT_EQ(find_violation(scene.ldi), "");
    EXPECT_EQ(empty_pixels(scene), 0);
}

TEST_P(FilledScene, GivesThePhotoBackFromItsOwnCamera) {
    const Photo photo = waves(kSize);
    const Scene scene = build_scene(photo, relative_disc(), short_scene(GetParam()));
    for (const float shift : {0.0F, 0.0001F}) {
        const View view{.pose = {.position = {shift, 0, 0}}, .camera = photo.camera};
        const Frame frame = Renderer(scene.mesh).render(view);
        EXPECT_EQ(frame.empty_pixels, 0);
        EXPECT_GE(psnr(frame.rgb, photo.rgb), 45);
    }
}

INSTANTIATE_TEST_SUITE_P(Fills, FilledScene,
                         testing::Values(Fill::Patch, Fill::Diffusion, Fill::Stretch));

TEST(BuildScene, UnfilledHolesStayEmpty) {
    const Scene scene = build_scene(waves(kSize), relative_disc(), short_scene(Fill::None));
    EXPECT_EQ(scene.ldi.pixels.size(), scene.ldi.photo_pixel_count());
    EXPECT_GT(empty_pixels(scene), 0);
}

TEST(BuildScene, StretchingCutsNothing) {
    const Scene scene = build_scene(waves(kSize), relative_disc(), short_scene(Fill::Stretch));
    EXPECT_TRUE(scene.edges.edges.empty());
    for (std::size_t i = 0; i < scene.ldi.photo_pixel_count(); ++i) {
        if (scene.ldi.pixels[i].x + 1 < kSize.width) {
            EXPECT_GE(scene.ldi.pixels[i].link(Direction::Right), 0) << "at pixel " << i;
        }
    }
}

TEST(BuildScene, AGivenInpainterPaintsWhatIsHiddenAndNothingElse) {
    const Photo photo = waves(kSize);
    const Painter painter;
    const Scene scene = build_scene(photo, relative_disc(), short_scene(Fill::Diffusion), &painter);
    ASSERT_GT(scene.ldi.pixels.size(), scene.ldi.photo_pixel_count());
    for (const LdiPixel& pixel : scene.ldi.pixels)
        EXPECT_EQ(pixel.rgb, pixel.round == 0 ? photo.rgb(pixel.y, pixel.x) : kPaint);
}

TEST(BuildScene, StagesReportInTheirOrder) {
    Listener listener;
    build_scene(waves(kSize), relative_disc(), short_scene(Fill::Patch), nullptr, &listener);
    std::vector<std::string> own;
    for (const std::string& stage : listener.begun)
        if (std::find(own.begin(), own.end(), stage) == own.end())
            own.push_back(stage);
    const std::vector<std::string> expected{"depth", "edges", "lift", "inpaint", "mesh"};
    EXPECT_EQ(own, expected);
    EXPECT_TRUE(listener.warnings.empty());
}

TEST(BuildScene, StopsInAnyStageOnRequest) {
    for (const std::string stage : {"depth", "edges", "lift", "inpaint", "mesh"}) {
        Listener listener;
        listener.stop_in = stage;
        try {
            build_scene(waves(kSize), relative_disc(), short_scene(Fill::Patch), nullptr,
                        &listener);
            ADD_FAILURE() << "it went on after " << stage;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Cancelled);
        }
    }
}

TEST(BuildScene, AConstantDepthIsAPlaneWithAWarning) {
    Listener listener;
    const Scene scene = build_scene(waves(kSize), {.values = cv::Mat_<float>(kSize, 5.0F)},
                                    short_scene(Fill::Patch), nullptr, &listener);
    EXPECT_EQ(listener.warnings.size(), 1U);
    EXPECT_TRUE(scene.edges.edges.empty());
    EXPECT_EQ(empty_pixels(scene), 0);
}

TEST(BuildScene, IsTheSameOnAnyNumberOfThreads) {
    const auto positions = [](int threads) {
        cv::setNumThreads(threads);
        return build_scene(waves(kSize), relative_disc(), short_scene(Fill::Patch)).mesh;
    };
    const Mesh one = positions(1), seven = positions(7);
    cv::setNumThreads(-1);
    EXPECT_EQ(one.positions, seven.positions);
    EXPECT_EQ(one.uvs, seven.uvs);
    EXPECT_EQ(one.triangles, seven.triangles);
    ASSERT_EQ(one.atlas.size(), seven.atlas.size());
    EXPECT_EQ(cv::norm(one.atlas, seven.atlas, cv::NORM_INF), 0);
}

}  // namespace
}  // namespace unflat
