// SPDX-License-Identifier: MIT
#include "unflat/camera.h"

#include <gtest/gtest.h>

namespace unflat {
namespace {

TEST(Camera, UnknownPhotoHas53DegreesAcrossItsLongSide) {
    const Camera camera = default_camera({640, 480});
    EXPECT_FLOAT_EQ(camera.focal, 640);
    EXPECT_FLOAT_EQ(camera.cx, 320);
    EXPECT_FLOAT_EQ(camera.cy, 240);
}

TEST(Camera, ProjectUndoesUnproject) {
    const Camera camera{.size = {100, 80}, .focal = 90, .cx = 48, .cy = 41};
    const cv::Point2f p = camera.project(camera.unproject(12.5F, 70.5F, 3));
    EXPECT_NEAR(p.x, 12.5F, 1e-4);
    EXPECT_NEAR(p.y, 70.5F, 1e-4);
}

TEST(Pose, CameraAtOneToTheRightSeesAPointItsDisparityFurtherLeft) {
    const Camera camera = default_camera({100, 100});
    const float disparity = 7;  // pixels: depth = focal / disparity
    const cv::Vec3f point = camera.unproject(50, 50, camera.focal / disparity);
    const auto seen = project({.pose = {.position = {1, 0, 0}}, .camera = camera}, point);
    ASSERT_TRUE(seen);
    EXPECT_NEAR(seen->x, 50 - disparity, 1e-4);
    EXPECT_NEAR(seen->y, 50, 1e-4);
}

TEST(Pose, YawLooksRightPitchLooksUpRollTurnsClockwise) {
    const Camera camera = default_camera({100, 100});
    const cv::Vec3f ahead = camera.unproject(50, 50, 1);
    EXPECT_LT(project({.pose = {.yaw = 5}, .camera = camera}, ahead)->x, 49);
    EXPECT_GT(project({.pose = {.pitch = 5}, .camera = camera}, ahead)->y, 51);
    // A camera turned clockwise sees what was at its right rise to its upper right
    EXPECT_LT(project({.pose = {.roll = 5}, .camera = camera}, camera.unproject(80, 50, 1))->y, 49);
}

TEST(Pose, PointsBehindTheCameraAreNotSeen) {
    const Camera camera = default_camera({100, 100});
    EXPECT_FALSE(project({.pose = {.position = {0, 0, 2}}, .camera = camera}, {0, 0, 1}));
}

}  // namespace
}  // namespace unflat
