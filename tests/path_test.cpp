// SPDX-License-Identifier: MIT
#include "unflat/camera.h"
#include "unflat/error.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace unflat {
namespace {

const Camera kCamera = default_camera({960, 640});

void expect_position(const View& view, cv::Vec3f expected) {
    for (int i = 0; i < 3; ++i)
        EXPECT_NEAR(view.pose.position[i], expected[i], 1e-6F) << "component " << i;
}

TEST(MakePath, HasFourPresetsOf240FramesAt40) {
    EXPECT_EQ(preset_path_names(),
              (std::vector<std::string>{"dolly-zoom", "zoom-in", "circle", "swing"}));
    for (const std::string& name : preset_path_names()) {
        const CameraPath path = make_path(name, kCamera);
        EXPECT_EQ(path.name, name);
        EXPECT_EQ(path.views.size(), 240U);
        EXPECT_EQ(path.fps, 40);
        for (const View& view : path.views) {
            EXPECT_EQ(view.camera.size, kCamera.size);
            EXPECT_EQ(view.camera.cx, kCamera.cx);
            EXPECT_EQ(view.pose.yaw, 0);
        }
    }
}

TEST(MakePath, ZoomInComesFromBehindAndReturns) {
    const CameraPath path = make_path("zoom-in", kCamera);
    expect_position(path.views[0], {0, 0, -0.05F});
    expect_position(path.views[40], {0, 0, -0.025F});
    expect_position(path.views[60], {0, 0, 0});
    expect_position(path.views[120], {0, 0, 0.05F});
    expect_position(path.views[239], path.views[1].pose.position);
    EXPECT_EQ(path.views[120].camera.focal, kCamera.focal);
}

TEST(MakePath, OneWayIsEven) {
    const CameraPath path = make_path("zoom-in", kCamera, {.loop = false, .frame_count = 101});
    expect_position(path.views[0], {0, 0, -0.05F});
    expect_position(path.views[50], {0, 0, 0});
    expect_position(path.views[75], {0, 0, 0.025F});
    expect_position(path.views[100], {0, 0, 0.05F});
}

TEST(MakePath, CircleGoesRoundTwiceWhileItMovesInAndOut) {
    const CameraPath path = make_path("circle", kCamera);
    expect_position(path.views[0], {0.015F, 0, -0.05F});
    expect_position(path.views[30], {0, 0.015F, -0.05F * std::sqrt(0.5F)});
    expect_position(path.views[60], {-0.015F, 0, 0});
    expect_position(path.views[120], {0.015F, 0, 0.05F});
}

TEST(MakePath, SwingStaysLevel) {
    const CameraPath circle = make_path("circle", kCamera), swing = make_path("swing", kCamera);
    for (std::size_t i = 0; i < 240; ++i) {
        cv::Vec3f expected = circle.views[i].pose.position;
        expected[1] = 0;
        expect_position(swing.views[i], expected);
    }
}

TEST(MakePath, MotionAndUnitScaleTheShift) {
    const CameraPath path = make_path("circle", kCamera, {.motion = 2, .unit = 10});
    expect_position(path.views[0], {0.3F, 0, -1});
    expect_position(make_path("circle", kCamera, {.motion = 0}).views[0], {0, 0, 0});
}

TEST(MakePath, DollyZoomKeepsTheSizeOfWhatIsInFocus) {
    constexpr float kFocus = 0.8F;
    const CameraPath path = make_path("dolly-zoom", kCamera, {.focus_depth = kFocus});
    const cv::Vec3f at_focus = kCamera.unproject(100, 50, kFocus);
    const cv::Vec3f behind = kCamera.unproject(100, 50, 2 * kFocus);
    for (const View& view : path.views) {
        EXPECT_NEAR(project(view, at_focus)->x, 100, 1e-2);
        EXPECT_NEAR(project(view, at_focus)->y, 50, 1e-2);
    }
    EXPECT_GT(std::abs(project(path.views[0], behind)->x - 100), 1);
    EXPECT_NEAR(path.views[120].camera.focal, 960 * 0.75F / 0.8F, 1e-3);
}

TEST(MakePath, DollyZoomPastItsFocusStaysUsable) {
    const CameraPath path = make_path("dolly-zoom", kCamera, {.motion = 100, .focus_depth = 1});
    for (const View& view : path.views)
        EXPECT_GE(view.camera.focal, 0.0099F * kCamera.focal);
}

TEST(MakePath, RefusesWhatMakesNoSense) {
    EXPECT_THROW(make_path("spiral", kCamera), Error);
    EXPECT_THROW(make_path("circle", kCamera, {.frame_count = 0}), Error);
    EXPECT_THROW(make_path("circle", kCamera, {.fps = 0}), Error);
    EXPECT_THROW(make_path("circle", kCamera, {.motion = -1}), Error);
    EXPECT_THROW(make_path("dolly-zoom", kCamera, {.focus_depth = 0}), Error);
    EXPECT_THROW(make_path("circle", kCamera, {.unit = std::nanf("")}), Error);
    EXPECT_EQ(make_path("zoom-in", kCamera, {.loop = false, .frame_count = 1}).views.size(), 1U);
}

KeyedPath keyed(std::initializer_list<float> times, std::initializer_list<float> places) {
    KeyedPath path{.fps = 10};
    const float* place = places.begin();
    for (const float t : times)
        path.keys.push_back({.t = t, .pose = {.position = {*place++, 0, 0}}});
    return path;
}

TEST(SamplePath, MeetsItsKeysAndEndsOnTheLast) {
    const CameraPath path = sample_path(keyed({0, 1, 2, 3}, {0, 1, 0, 5}), "mine", kCamera);
    EXPECT_EQ(path.name, "mine");
    EXPECT_EQ(path.fps, 10);
    ASSERT_EQ(path.views.size(), 31U);
    EXPECT_NEAR(path.views[0].pose.position[0], 0, 1e-6);
    EXPECT_NEAR(path.views[10].pose.position[0], 1, 1e-6);
    EXPECT_NEAR(path.views[20].pose.position[0], 0, 1e-6);
    EXPECT_NEAR(path.views[30].pose.position[0], 5, 1e-6);
    EXPECT_EQ(path.views[7].camera.focal, kCamera.focal);
}

TEST(SamplePath, IsCatmullRomForEvenTimes) {
    // Middle of the second piece: (-p0 + 9 p1 + 9 p2 - p3) / 16
    const CameraPath path = sample_path(keyed({0, 1, 2, 3}, {2, 1, 4, 7}), "mine", kCamera);
    EXPECT_NEAR(path.views[15].pose.position[0], (-2 + 9 * 1 + 9 * 4 - 7) / 16.0F, 1e-6);
}

TEST(SamplePath, EvenMotionStaysEvenForUnevenTimes) {
    const CameraPath path = sample_path(keyed({0, 0.3F, 1.7F, 2}, {0, 3, 17, 20}), "mine", kCamera);
    ASSERT_EQ(path.views.size(), 21U);
    for (std::size_t i = 0; i < path.views.size(); ++i)
        EXPECT_NEAR(path.views[i].pose.position[0], static_cast<float>(i), 1e-4);
}

TEST(SamplePath, ParabolaStaysAParabolaBetweenInnerKeys) {
    const CameraPath path = sample_path(keyed({0, 1, 1.5F, 3}, {0, 1, 2.25F, 9}), "mine", kCamera);
    EXPECT_NEAR(path.views[12].pose.position[0], 1.44F, 1e-5);
}

TEST(SamplePath, LoopComesBackSmoothly) {
    KeyedPath keys = keyed({0, 1, 2, 3}, {0, 1, 0, -1});
    keys.loop = true;
    const CameraPath path = sample_path(keys, "mine", kCamera);
    ASSERT_EQ(path.views.size(), 40U);  // the way back takes a second
    const auto place = [&](std::size_t i) { return path.views[i % 40].pose.position[0]; };
    EXPECT_NEAR(place(35), -place(5), 1e-6);
    EXPECT_NEAR(place(1) - place(0), place(0) - place(39), 1e-6);

    // A last key that is the first one again is the join itself
    KeyedPath closed = keyed({0, 1, 2, 3, 4}, {0, 1, 0, -1, 0});
    closed.loop = true;
    const CameraPath same = sample_path(closed, "mine", kCamera);
    ASSERT_EQ(same.views.size(), 40U);
    for (std::size_t i = 0; i < 40; ++i)
        EXPECT_NEAR(same.views[i].pose.position[0], place(i), 1e-6);
}

TEST(SamplePath, RotationAndFieldOfViewAreInterpolated) {
    KeyedPath keys{.fps = 2};
    keys.keys.push_back({.t = 0, .pose = {.yaw = 0, .pitch = 2, .roll = -6}, .fov = 40.0F});
    keys.keys.push_back({.t = 1, .pose = {.yaw = 10, .pitch = 4, .roll = 6}, .fov = 60.0F});
    const CameraPath path = sample_path(keys, "mine", kCamera);
    ASSERT_EQ(path.views.size(), 3U);
    EXPECT_NEAR(path.views[1].pose.yaw, 5, 1e-5);
    EXPECT_NEAR(path.views[1].pose.pitch, 3, 1e-5);
    EXPECT_NEAR(path.views[1].pose.roll, 0, 1e-5);
    EXPECT_NEAR(path.views[1].camera.focal, 480 / std::tan(25 * 3.14159265 / 180), 1e-2);
    EXPECT_NEAR(path.views[2].camera.focal, 480 / std::tan(30 * 3.14159265 / 180), 1e-2);
}

TEST(SamplePath, FocusKeepsItsSizeUnlessKeysHaveAFieldOfView) {
    KeyedPath keys{.fps = 1};
    keys.keys.push_back({.t = 0});
    keys.keys.push_back({.t = 1, .pose = {.position = {0, 0, 0.5F}}});
    EXPECT_NEAR(sample_path(keys, "mine", kCamera, 2.0F).views[1].camera.focal, 960 * 0.75, 1e-3);
    keys.keys[0].fov = 53.130102F;
    EXPECT_NEAR(sample_path(keys, "mine", kCamera, 2.0F).views[1].camera.focal, 960, 1e-2);
}

TEST(SamplePath, OneKeyIsOneFrame) {
    EXPECT_EQ(sample_path(keyed({3}, {1}), "mine", kCamera).views.size(), 1U);
    KeyedPath keys = keyed({3}, {1});
    keys.loop = true;
    EXPECT_EQ(sample_path(keys, "mine", kCamera).views.size(), 1U);
}

TEST(SamplePath, RefusesWhatIsNoPath) {
    EXPECT_THROW(sample_path({}, "mine", kCamera), Error);
    EXPECT_THROW(sample_path(keyed({0, 0}, {1, 2}), "mine", kCamera), Error);
    EXPECT_THROW(sample_path(keyed({1, 0}, {1, 2}), "mine", kCamera), Error);
    EXPECT_THROW(sample_path(keyed({0, 1e9F}, {1, 2}), "mine", kCamera), Error);
    EXPECT_THROW(sample_path(keyed({0}, {std::numeric_limits<float>::infinity()}), "mine", kCamera),
                 Error);
    KeyedPath keys = keyed({0}, {0});
    keys.keys[0].fov = 180.0F;
    EXPECT_THROW(sample_path(keys, "mine", kCamera), Error);
    keys.keys[0].fov.reset();
    EXPECT_THROW(sample_path(keys, "mine", kCamera, -1.0F), Error);
}

}  // namespace
}  // namespace unflat
