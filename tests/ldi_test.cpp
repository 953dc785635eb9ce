// SPDX-License-Identifier: MIT
#include "unflat/ldi.h"

#include "unflat/error.h"

#include "scenes.h"

#include <gtest/gtest.h>

namespace unflat {
namespace {

static_assert(sizeof(LdiPixel) <= 64, "a layered depth image must stay small");

// A photo of 6 x 4 pixels whose left half is nearer, cut in the middle
Ldi step_scene() {
    const cv::Size size(6, 4);
    DisparityMap disparity = plane(size, 0.5F);
    put_box(disparity, {0, 0, 3, 4}, 2);
    DepthEdges edges{.size = size, .threshold = 0.04F, .edges = {{}}};
    for (int y = 0; y < 4; ++y)
        edges.edges[0].cracks.push_back({y * 6 + 2, y * 6 + 3, Direction::Right});
    return lift(waves(size), disparity, edges);
}

TEST(Lift, LinksNeighboursButNotAcrossAnEdge) {
    const Ldi ldi = step_scene();
    EXPECT_EQ(ldi.pixels[1].link(Direction::Right), 2);
    EXPECT_EQ(ldi.pixels[2].link(Direction::Right), -1);
    EXPECT_EQ(ldi.pixels[3].link(Direction::Left), -1);
    EXPECT_EQ(ldi.pixels[2].link(Direction::Down), 8);
    EXPECT_EQ(find_violation(ldi), "");
}

TEST(Lift, KeepsColourAndDisparity) {
    const Ldi ldi = step_scene();
    EXPECT_EQ(ldi.pixels[7].rgb, waves({6, 4}).rgb(1, 1));
    EXPECT_EQ(ldi.pixels[7].disparity, 2);
    EXPECT_EQ(ldi.pixels[11].disparity, 0.5F);
}

TEST(Lift, RejectsSizesThatDiffer) {
    EXPECT_THROW(lift(waves({6, 4}), plane({6, 5}, 1), {.size = {6, 4}}), Error);
}

TEST(AddPixel, KeepsColumnsInOrder) {
    Ldi ldi = step_scene();
    const std::int32_t far = add_pixel(ldi, {.x = 1, .y = 1, .disparity = 0.3F, .round = 1});
    const std::int32_t middle = add_pixel(ldi, {.x = 1, .y = 1, .disparity = 0.5F, .round = 1});
    EXPECT_EQ(ldi.pixels[7].behind, middle);
    EXPECT_EQ(ldi.pixels[static_cast<std::size_t>(middle)].behind, far);
    EXPECT_EQ(find_violation(ldi), "");
}

TEST(EnlargeCanvas, KeepsWhatIsThere) {
    Ldi ldi = step_scene();
    add_pixel(ldi, {.x = 1, .y = 1, .disparity = 0.3F, .round = 1});
    enlarge_canvas(ldi, {-5, -2, 4, 3});
    EXPECT_EQ(ldi.canvas, cv::Rect(-5, -2, 11, 6));
    EXPECT_EQ(ldi.front(-3, 0), -1);
    EXPECT_EQ(find_violation(ldi), "");
}

TEST(CutAndLink, WorkOnBothSides) {
    Ldi ldi = step_scene();
    cut(ldi, 0, Direction::Right);
    EXPECT_EQ(ldi.pixels[1].link(Direction::Left), -1);
    link(ldi, 0, Direction::Right, 1);
    EXPECT_EQ(ldi.pixels[1].link(Direction::Left), 0);
}

TEST(FindViolation, SeesEachFault) {
    const auto fault = [](auto&& damage) {
        Ldi ldi = step_scene();
        damage(ldi);
        return find_violation(ldi);
    };
    EXPECT_NE(fault([](Ldi& l) { l.pixels[0].links[0] = 7; }), "");
    EXPECT_NE(fault([](Ldi& l) { l.pixels[0].links[0] = -1; }), "");
    EXPECT_NE(fault([](Ldi& l) { l.pixels[0].links[0] = 1 << 30; }), "");
    EXPECT_NE(fault([](Ldi& l) { l.pixels[5].disparity = -1; }), "");
    EXPECT_NE(fault([](Ldi& l) { l.pixels[5].x = 99; }), "");
    EXPECT_NE(fault([](Ldi& l) { l.pixels[5].behind = 5; }), "");
    EXPECT_NE(fault([](Ldi& l) { l.fronts[3] = -1; }), "");
    EXPECT_NE(fault([](Ldi& l) { l.canvas.width = 5; }), "");
}

}  // namespace
}  // namespace unflat
