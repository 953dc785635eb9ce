// SPDX-License-Identifier: MIT
// find_depth_edges.
#include "unflat/depth.h"
#include "unflat/error.h"

#include "scenes.h"

#include <cstdlib>
#include <set>

#include <gtest/gtest.h>
#include <opencv2/core/utility.hpp>

namespace unflat {
namespace {

constexpr DepthEdgeOptions kKeepAll{.min_length = 0};

std::size_t crack_count(const DepthEdges& edges) {
    std::size_t count = 0;
    for (const DepthEdge& edge : edges.edges)
        count += edge.cracks.size();
    return count;
}

/// Links of a map that differ by more than its threshold.
std::size_t cut_count(const DisparityMap& map, float threshold) {
    std::size_t count = 0;
    for (int y = 0; y < map.values.rows; ++y)
        for (int x = 0; x < map.values.cols; ++x) {
            const float value = map.values(y, x);
            count += x + 1 < map.values.cols && std::abs(map.values(y, x + 1) - value) > threshold;
            count += y + 1 < map.values.rows && std::abs(map.values(y + 1, x) - value) > threshold;
        }
    return count;
}

cv::Point2f middle(const Crack& crack, int columns) {
    const cv::Point step = step_of(crack.far_from_near);
    return {static_cast<float>(crack.near_pixel % columns) + 0.5F * static_cast<float>(step.x),
            static_cast<float>(crack.near_pixel / columns) + 0.5F * static_cast<float>(step.y)};
}

/// Cracks that follow one another share a corner: their middles are at most one pixel apart.
void expect_connected(const DepthEdge& edge, int columns) {
    for (std::size_t i = 1; i < edge.cracks.size(); ++i) {
        const cv::Point2f gap =
            middle(edge.cracks[i], columns) - middle(edge.cracks[i - 1], columns);
        EXPECT_LE(gap.dot(gap), 1.01F);
    }
}

TEST(FindDepthEdges, PlaneHasNone) {
    EXPECT_TRUE(find_depth_edges(plane({50, 40}, 1)).edges.empty());
}

TEST(FindDepthEdges, DiscIsOneClosedEdge) {
    const DisparityMap map = disc({120, 100}, 1, 2, {60, 50}, 30);
    const DepthEdges edges = find_depth_edges(map);
    ASSERT_EQ(edges.edges.size(), 1U);
    EXPECT_EQ(edges.size, cv::Size(120, 100));
    EXPECT_FLOAT_EQ(edges.threshold, 0.04F);
    EXPECT_EQ(crack_count(edges), cut_count(map, edges.threshold));
    EXPECT_EQ(crack_count(edges), 240U);  // the outline of a raster disc is as long as its box
    const DepthEdge& edge = edges.edges[0];
    expect_connected(edge, 120);
    const cv::Point2f gap = middle(edge.cracks.front(), 120) - middle(edge.cracks.back(), 120);
    EXPECT_LE(gap.dot(gap), 1.01F);
    for (const Crack& crack : edge.cracks) {
        EXPECT_EQ(map.values(crack.near_pixel / 120, crack.near_pixel % 120), 2);
        EXPECT_EQ(map.values(crack.far_pixel / 120, crack.far_pixel % 120), 1);
        const cv::Point step = step_of(crack.far_from_near);
        EXPECT_EQ(crack.far_pixel, crack.near_pixel + step.y * 120 + step.x);
    }
}

TEST(FindDepthEdges, HoleKeepsNearAndFarTheRightWayRound) {
    const DepthEdges edges = find_depth_edges(disc({120, 100}, 2, 1, {60, 50}, 30));
    ASSERT_EQ(edges.edges.size(), 1U);
    // Its first crack in raster order lies at the top: far pixel below
    EXPECT_EQ(edges.edges[0].cracks[0].far_from_near, Direction::Down);
}

TEST(FindDepthEdges, SmallDifferencesAreNoEdges) {
    DisparityMap map = plane({100, 100}, 1);
    put_box(map, {30, 30, 40, 40}, 1.039F);
    EXPECT_TRUE(find_depth_edges(map).edges.empty());
    put_box(map, {30, 30, 40, 40}, 1.041F);
    EXPECT_EQ(find_depth_edges(map).edges.size(), 1U);
}

TEST(FindDepthEdges, TJunctionSeparatesThreeEdges) {
    DisparityMap map = plane({100, 100}, 1);
    put_box(map, {0, 0, 50, 100}, 1.5F);
    put_box(map, {0, 50, 100, 50}, 2);
    const DepthEdges edges = find_depth_edges(map);
    ASSERT_EQ(edges.edges.size(), 3U);
    EXPECT_EQ(edges.edges[0].cracks.size(), 50U);
    EXPECT_EQ(edges.edges[1].cracks.size(), 50U);
    EXPECT_EQ(edges.edges[2].cracks.size(), 50U);
}

TEST(FindDepthEdges, FourWayJunctionSeparatesFourEdges) {
    DisparityMap map = plane({100, 100}, 1);
    put_box(map, {0, 0, 50, 50}, 1.5F);
    put_box(map, {50, 50, 50, 50}, 2);
    put_box(map, {0, 50, 50, 50}, 2.5F);
    EXPECT_EQ(find_depth_edges(map).edges.size(), 4U);
}

TEST(FindDepthEdges, WhereNearAndFarSwapTheEdgeParts) {
    // A ramp beside a plane: above it is farther, below nearer; in the middle there is no crack
    DisparityMap map = plane({100, 100}, 1);
    for (int y = 0; y < 100; ++y)
        map.values.row(y).colRange(0, 50).setTo(0.5F + 0.01F * static_cast<float>(y));
    const DepthEdges edges = find_depth_edges(map);
    ASSERT_EQ(edges.edges.size(), 2U);
    EXPECT_EQ(edges.edges[0].cracks[0].far_from_near, Direction::Left);
    EXPECT_EQ(edges.edges[1].cracks[0].far_from_near, Direction::Right);
}

TEST(FindDepthEdges, ShortPiecesAreHealed) {
    DisparityMap map = plane({1024, 100}, 1);
    put_box(map, {100, 40, 2, 2}, 2);   // 8 cracks
    put_box(map, {200, 40, 3, 3}, 2);   // 12
    put_box(map, {0, 90, 4, 4}, 2);     // 12, at the border
    put_box(map, {1023, 20, 1, 3}, 2);  // 5, at the border
    const DepthEdges edges = find_depth_edges(map);
    ASSERT_EQ(edges.edges.size(), 2U);
    EXPECT_EQ(edges.edges[0].cracks.size(), 12U);
    EXPECT_EQ(find_depth_edges(map, kKeepAll).edges.size(), 4U);
}

TEST(FindDepthEdges, AnEdgeCountsByWhatItReveals) {
    // At this size the shortest edge is 50 pixels long; both outlines have 120
    constexpr DepthEdgeOptions kLong{.min_length = 50 * 1024.0F / 200};
    DisparityMap map = plane({200, 100}, 1);
    put_box(map, {20, 30, 30, 30}, 1.06F);  // 1.5 thresholds: counts with 36 pixels
    put_box(map, {120, 30, 30, 30}, 1.2F);  // 5 thresholds: counts with all of its length
    const DepthEdges edges = find_depth_edges(map, kLong);
    ASSERT_EQ(edges.edges.size(), 1U);
    EXPECT_EQ(edges.edges[0].cracks.size(), 120U);
    EXPECT_GE(edges.edges[0].cracks[0].near_pixel % 200, 120);
    ASSERT_EQ(edges.healed.size(), 120U);
    for (const Crack& crack : edges.healed)
        EXPECT_LT(crack.near_pixel % 200, 50);
    EXPECT_EQ(find_depth_edges(map, kKeepAll).edges.size(), 2U);
    EXPECT_TRUE(find_depth_edges(map, kKeepAll).healed.empty());
}

TEST(FindDepthEdges, RingingBesideAHighStepIsHealed) {
    // Two spots alike, of four thresholds: one lies beside a step of fifty
    constexpr DepthEdgeOptions kLong{.min_length = 40};  // 20 pixels at this size
    DisparityMap map = plane({512, 200}, 1);
    put_box(map, {80, 40, 120, 120}, 3);
    put_box(map, {200, 90, 3, 20}, 0.84F);
    put_box(map, {350, 90, 3, 20}, 0.84F);
    const DepthEdges edges = find_depth_edges(map, kLong);
    ASSERT_EQ(edges.edges.size(), 2U);
    EXPECT_EQ(edges.edges[0].cracks.size(), 480U);  // the box is one closed edge
    EXPECT_EQ(edges.edges[1].cracks.size(), 46U);
    EXPECT_EQ(edges.healed.size(), 26U);
}

TEST(FindDepthEdges, LowPieceBetweenTwoJunctionsIsHealed) {
    // A seam of a threshold and a half across a box; higher, it stays
    DisparityMap map = plane({200, 100}, 1);
    put_box(map, {60, 30, 30, 40}, 2);
    put_box(map, {60, 30, 15, 40}, 2.06F);
    constexpr DepthEdgeOptions kLong{.min_length = 20 * 1024.0F / 200};
    EXPECT_EQ(find_depth_edges(map, kLong).edges.size(), 1U);
    put_box(map, {60, 30, 15, 40}, 2.6F);
    EXPECT_EQ(find_depth_edges(map, kLong).edges.size(), 3U);
}

TEST(FindDepthEdges, ShortestLengthScalesWithThePhoto) {
    DisparityMap map = plane({2048, 60}, 1);
    put_box(map, {200, 20, 4, 4}, 2);  // 16 cracks: 8 at 1024
    EXPECT_TRUE(find_depth_edges(map).edges.empty());
}

TEST(FindDepthEdges, DanglingTwigIsHealedAndTheEdgeIsWholeAgain) {
    DisparityMap map = plane({1024, 100}, 1);
    put_box(map, {0, 0, 1024, 50}, 2);
    // A crease of 4 pixels that runs into the near side from the edge
    for (int i = 0; i < 4; ++i)
        put_box(map, {500, 46 + i, 500 - 0, 1}, 2.03F);
    for (int i = 0; i < 4; ++i)
        put_box(map, {480, 46 + i, 20, 1}, 1.98F);
    const DepthEdges edges = find_depth_edges(map);
    ASSERT_EQ(edges.edges.size(), 1U);
    EXPECT_EQ(edges.edges[0].cracks.size(), 1024U);
    EXPECT_EQ(find_depth_edges(map, kKeepAll).edges.size(), 3U);
}

TEST(FindDepthEdges, ShortPieceBetweenTwoJunctionsStays) {
    DisparityMap map = plane({1024, 100}, 1);
    put_box(map, {0, 0, 1024, 40}, 2);
    put_box(map, {0, 45, 1024, 55}, 2.5F);
    put_box(map, {500, 40, 300, 5}, 1.5F);
    const DepthEdges edges = find_depth_edges(map);
    std::size_t shortest = 10000;
    for (const DepthEdge& edge : edges.edges)
        shortest = std::min(shortest, edge.cracks.size());
    EXPECT_EQ(shortest, 5U);
    EXPECT_EQ(crack_count(edges), cut_count(map, edges.threshold));
}

TEST(FindDepthEdges, GapOfOneCrackIsClosed) {
    DisparityMap map = plane({100, 100}, 1);
    put_box(map, {0, 0, 50, 100}, 1.06F);
    map.values(50, 50) = 1.03F;  // differs by 0.03 from the left, 0.03 from the right
    const DepthEdges edges = find_depth_edges(map);
    ASSERT_EQ(edges.edges.size(), 1U);
    EXPECT_EQ(edges.edges[0].cracks.size(), 100U);
}

TEST(FindDepthEdges, GrazingFloorIsWholeAndWhatStandsOnItIsCut) {
    DisparityMap map = plane({200, 150}, 1);
    for (int y = 60; y < 150; ++y)
        map.values.row(y).setTo(1 + 0.05F * static_cast<float>(y - 60));
    EXPECT_TRUE(find_depth_edges(map).edges.empty());
    put_box(map, {80, 20, 30, 80}, map.values(99, 0));
    const DepthEdges edges = find_depth_edges(map);
    ASSERT_GE(edges.edges.size(), 1U);
    EXPECT_GT(crack_count(edges), 150U);
}

TEST(FindDepthEdges, ThinBarSurvives) {
    DisparityMap map = plane({300, 100}, 1);
    put_box(map, {150, 10, 2, 80}, 2);
    const DepthEdges edges = find_depth_edges(map);
    ASSERT_EQ(edges.edges.size(), 1U);
    EXPECT_EQ(edges.edges[0].cracks.size(), 164U);
}

TEST(FindDepthEdges, OpenEdgeStartsAtItsEarlierEndAndEdgesAreOrdered) {
    DisparityMap map = plane({100, 100}, 1);
    put_box(map, {50, 0, 50, 100}, 2);
    put_box(map, {10, 20, 10, 10}, 2);
    const DepthEdges edges = find_depth_edges(map);
    ASSERT_EQ(edges.edges.size(), 2U);
    EXPECT_EQ(edges.edges[0].cracks[0].far_pixel, 49);
    EXPECT_EQ(edges.edges[0].cracks[99].far_pixel, 9949);
    EXPECT_EQ(edges.edges[1].cracks[0].near_pixel, 2010);
}

TEST(FindDepthEdges, NoCrackIsListedTwice) {
    DisparityMap map = plane({200, 150}, 1);
    std::srand(1);
    for (float& value : map.values)
        value = 1 + 0.02F * static_cast<float>(std::rand() % 5);
    const DepthEdges edges = find_depth_edges(map, kKeepAll);
    std::set<std::pair<int, int>> seen;
    for (const DepthEdge& edge : edges.edges) {
        expect_connected(edge, 200);
        for (const Crack& crack : edge.cracks)
            EXPECT_TRUE(seen.emplace(crack.near_pixel, crack.far_pixel).second);
    }
    EXPECT_GE(seen.size(), cut_count(map, edges.threshold));
}

TEST(FindDepthEdges, TinyAndNarrowMaps) {
    EXPECT_TRUE(find_depth_edges(plane({1, 1}, 1)).edges.empty());
    DisparityMap map = plane({1, 5000}, 1);
    put_box(map, {0, 0, 1, 2000}, 2);
    EXPECT_EQ(find_depth_edges(map, kKeepAll).edges.size(), 1U);
    EXPECT_TRUE(find_depth_edges(map).edges.empty());
}

TEST(FindDepthEdges, BadInputIsAnError) {
    EXPECT_THROW(find_depth_edges({}), Error);
    EXPECT_THROW(find_depth_edges(plane({5, 5}, 1), {.threshold = 0}), Error);
    EXPECT_THROW(find_depth_edges(plane({5, 5}, 1), {.min_length = -1}), Error);
}

TEST(FindDepthEdges, ThreadCountChangesNothing) {
    DisparityMap map = disc({400, 300}, 1, 2, {200, 150}, 90);
    put_box(map, {10, 140, 380, 20}, 1.5F);
    const int before = cv::getNumThreads();
    std::vector<DepthEdges> results;
    for (const int threads : {1, 2, 7}) {
        cv::setNumThreads(threads);
        results.push_back(find_depth_edges(map));
    }
    cv::setNumThreads(before);
    for (std::size_t i = 1; i < 3; ++i) {
        ASSERT_EQ(results[i].edges.size(), results[0].edges.size());
        for (std::size_t k = 0; k < results[0].edges.size(); ++k)
            EXPECT_EQ(results[i].edges[k].cracks, results[0].edges[k].cracks);
    }
}

// A slight spot that is healed, beside a box that is cut
DisparityMap spot_and_box() {
    DisparityMap map = plane({200, 100}, 1);
    put_box(map, {60, 40, 4, 4}, 1.1F);
    put_box(map, {66, 20, 60, 60}, 2);
    return map;
}

TEST(SpreadHealedSteps, NoStepIsLeftThatIsNotCut) {
    const DisparityMap map = spot_and_box();
    const DepthEdges edges = find_depth_edges(map, {.min_length = 80});
    ASSERT_EQ(edges.edges.size(), 1U);
    ASSERT_EQ(edges.healed.size(), 16U);
    const DisparityMap result = spread_healed_steps(map, edges);
    EXPECT_GT(cut_count(map, edges.threshold), crack_count(edges));
    EXPECT_EQ(cut_count(result, edges.threshold), crack_count(edges));
    EXPECT_EQ(map.values(42, 62), 1.1F);  // the input is not changed
}

TEST(SpreadHealedSteps, DepthEdgesStayAndNothingElseMoves) {
    const DisparityMap map = spot_and_box();
    const DepthEdges edges = find_depth_edges(map, {.min_length = 80});
    const DisparityMap result = spread_healed_steps(map, edges);
    const DepthEdges after = find_depth_edges(result, {.min_length = 80});
    ASSERT_EQ(after.edges.size(), 1U);
    EXPECT_EQ(after.edges[0].cracks, edges.edges[0].cracks);
    EXPECT_TRUE(after.healed.empty());
    for (int y = 0; y < 100; ++y)
        for (int x = 0; x < 200; ++x)
            if (!cv::Rect(56, 36, 12, 12).contains({x, y})) {
                EXPECT_EQ(result.values(y, x), map.values(y, x)) << x << " " << y;
            }
}

TEST(SpreadHealedSteps, WhatIsCutStaysCutBesideWhatIsHealed) {
    // Ground that rises towards a box: where its step is high enough, a twig hangs on the box
    DisparityMap map = plane({200, 100}, 1);
    for (int y = 50; y < 100; ++y)
        for (int x = 55; x < 66; ++x)
            map.values(y, x) = 1 + 0.008F * static_cast<float>(x - 55);
    put_box(map, {66, 20, 60, 80}, 1.3F);
    const DepthEdges edges = find_depth_edges(map, {.min_length = 60});
    ASSERT_EQ(edges.edges.size(), 1U);
    ASSERT_EQ(edges.healed.size(), 5U);
    const DisparityMap result = spread_healed_steps(map, edges);
    for (const DepthEdge& edge : edges.edges)
        for (const Crack& crack : edge.cracks)
            EXPECT_GT(*(result.values[0] + crack.near_pixel),
                      *(result.values[0] + crack.far_pixel));
}

TEST(SpreadHealedSteps, WithoutHealedStepsNothingChanges) {
    const DisparityMap map = disc({120, 100}, 1, 2, {60, 50}, 30);
    const DisparityMap result = spread_healed_steps(map, find_depth_edges(map));
    EXPECT_EQ(cv::norm(result.values, map.values, cv::NORM_INF), 0);
    EXPECT_THROW(spread_healed_steps(map, find_depth_edges(plane({5, 5}, 1))), Error);
}

}  // namespace
}  // namespace unflat
