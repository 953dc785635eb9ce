// SPDX-License-Identifier: MIT
#include "neural/edge_paths.h"
#include "neural/edge_problems.h"
#include "neural_patches.h"

#include <cmath>
#include <set>
#include <utility>

#include <gtest/gtest.h>

namespace unflat {
namespace {

constexpr int kSide = 40;

// A wall (left of column 20, near) and the sky, known above row 10 and hidden below; the guess
// continues their border straight down
InpaintPatch wall_and_sky() {
    InpaintPatch patch = context_patch({kSide, kSide}, 0.3F);
    patch.disparity.colRange(0, 20).setTo(1);
    hide(patch, {0, 10, kSide, kSide - 10});
    cut_steps(patch);
    return patch;
}

// Probability 0.9 for the pixels left of a border at `column(y)`, as a line of one pixel
template <typename Column>
EdgeProbability near_line(const InpaintPatch& patch, const Column& column) {
    cv::Mat_<float> near(patch.role.size(), 0.01F);
    for (int y = 10; y < kSide; ++y) {
        const int to = column(y);
        const int from = y > 10 ? std::min(column(y - 1), to) : to;
        for (int x = from; x <= std::max(to, y > 10 ? column(y - 1) : to); ++x)
            near(y, x - 1) = 0.9F;
    }
    return {.near_side = near};
}

// Where the cut to the right lies in each hidden row; -1: none, -2: several
int cut_column(const cv::Mat_<std::uint8_t>& cuts, int y) {
    int found = -1;
    for (int x = 0; x + 1 < cuts.cols; ++x)
        if (cuts(y, x) & 1)
            found = found == -1 ? x + 1 : -2;
    return found;
}

TEST(CleanEdges, StraightContinuationStaysWhereNothingIsProbable) {
    const InpaintPatch patch = wall_and_sky();
    const EdgeProbability nothing{.near_side = cv::Mat_<float>(patch.role.size(), 0.4F)};
    const CleanEdges edges = clean_edges(patch, nothing, 0.5F);
    EXPECT_EQ(cv::norm(edges.cuts, patch.cuts, cv::NORM_L1), 0);
    EXPECT_EQ(cv::countNonZero(edges.paths), 0);
}

TEST(CleanEdges, PathFollowsAProbableLineThatTurnsAway) {
    const InpaintPatch patch = wall_and_sky();
    const auto column = [](int y) { return 20 + (y - 10) / 3; };
    const CleanEdges edges = clean_edges(patch, near_line(patch, column), 0.5F);
    for (int y = 14; y < kSide; ++y)
        EXPECT_NEAR(cut_column(edges.cuts, y), column(y), 1) << y;
}

TEST(CleanEdges, ThickResponsesGiveACleanLine) {
    // A ridge with soft sides, all above the threshold
    const InpaintPatch patch = wall_and_sky();
    cv::Mat_<float> near(patch.role.size(), 0.0F);
    for (int y = 10; y < kSide; ++y)
        for (int x = 0; x < kSide; ++x)
            near(y, x) = 0.95F * std::exp(-0.5F * static_cast<float>((x - 19) * (x - 19)) / 4.0F);
    const CleanEdges edges = clean_edges(patch, {.near_side = near}, 0.002F);
    for (int y = 12; y < kSide - 1; ++y) {
        EXPECT_GE(cut_column(edges.cuts, y), 19) << y;
        EXPECT_LE(cut_column(edges.cuts, y), 21) << y;
    }
}

TEST(CleanEdges, BordersMayBeProbableThemselves) {
    const InpaintPatch patch = wall_and_sky();
    EdgeProbability cuts{.right = cv::Mat_<float>(patch.role.size(), 0.0F),
                         .down = cv::Mat_<float>(patch.role.size(), 0.0F)};
    for (int y = 10; y < 20; ++y)
        cuts.right(y, 19) = 0.8F;
    for (int x = 20; x < 26; ++x)
        cuts.down(19, x) = 0.8F;  // six pixels to the right, then down again
    for (int y = 20; y < kSide; ++y)
        cuts.right(y, 25) = 0.8F;
    const CleanEdges edges = clean_edges(patch, cuts, 0.5F);
    for (int y = 10; y < kSide; ++y)
        EXPECT_EQ(cut_column(edges.cuts, y), y < 20 ? 20 : 26) << y;
}

TEST(CleanEdges, EdgeComesOutWhereTheOtherSideSaysSo) {
    // Known above and below a hidden band; the wall ends at column 20 above and at column 25 below
    InpaintPatch patch = context_patch({kSide, kSide}, 0.3F);
    patch.disparity.colRange(0, 20).setTo(1);
    patch.disparity(cv::Rect(20, 30, 5, 10)).setTo(1);
    hide(patch, {0, 10, kSide, 20});
    cut_steps(patch);
    const auto column = [](int y) { return 20 + std::min(5, (y - 10) / 4); };
    EdgeProbability probability = near_line(patch, column);
    const CleanEdges edges = clean_edges(patch, probability, 0.5F);
    for (int y = 12; y < 30; ++y)
        EXPECT_NEAR(cut_column(edges.cuts, y), column(y), 1) << y;
    // One line from end to end: no loose end is left among the hidden pixels
    const auto is_cut = [&](int x, int y, bool down) {
        return (edges.cuts(y, x) & (down ? 2 : 1)) != 0;
    };
    for (int y = 12; y < 29; ++y)
        for (int x = 1; x + 1 < kSide; ++x) {
            const int degree = is_cut(x - 1, y - 1, false) + is_cut(x - 1, y, false) +
                               is_cut(x - 1, y - 1, true) + is_cut(x, y - 1, true);
            EXPECT_NE(degree, 1) << x << ' ' << y;
        }
}

TEST(CleanEdges, AmongSeveralEndsNoneIsChosen) {
    // A thin board before the sky, in a region where all is equally probable: its two edges and a
    // third could be joined in several ways
    InpaintPatch patch = context_patch({kSide, kSide}, 0.3F);
    patch.disparity(cv::Rect(8, 0, 6, kSide)).setTo(1);
    patch.disparity(cv::Rect(25, 0, 6, kSide)).setTo(1.5F);
    hide(patch, {0, 10, kSide, kSide - 10});
    cut_steps(patch);
    const EdgeProbability all{.near_side = cv::Mat_<float>(patch.role.size(), 0.5F)};
    const CleanEdges edges = clean_edges(patch, all, 0.002F);
    EXPECT_EQ(cv::norm(edges.cuts, patch.cuts, cv::NORM_L1), 0);
}

TEST(CleanEdges, OnlyHiddenBordersChange) {
    const InpaintPatch patch = wall_and_sky();
    const CleanEdges edges =
        clean_edges(patch, near_line(patch, [](int y) { return 20 + (y - 10) / 2; }), 0.5F);
    EXPECT_EQ(cv::norm(edges.cuts.rowRange(0, 9), patch.cuts.rowRange(0, 9), cv::NORM_L1), 0);
}

// The same as two patches, one per surface, as the stage cuts them out
std::vector<InpaintPatch> as_two_patches() {
    const InpaintPatch both = wall_and_sky();
    std::vector<InpaintPatch> patches;
    for (const bool wall : {true, false}) {
        InpaintPatch patch = both;
        for (cv::Mat* map :
             {static_cast<cv::Mat*>(&patch.role), static_cast<cv::Mat*>(&patch.rgb),
              static_cast<cv::Mat*>(&patch.disparity), static_cast<cv::Mat*>(&patch.max_disparity),
              static_cast<cv::Mat*>(&patch.cuts)})
            *map = map->clone();
        leave_out(patch, wall ? cv::Rect(20, 0, 20, kSide) : cv::Rect(0, 0, 20, kSide));
        patches.push_back(patch);
    }
    return patches;
}

TEST(EdgeProblems, TwoSurfacesThatMeetAreSeenTogether) {
    const std::vector<InpaintPatch> patches = as_two_patches();
    const std::vector<EdgeProblem> problems = find_edge_problems(patches, 96);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].members, (std::vector<std::size_t>{0, 1}));
    const InpaintPatch& view = problems[0].view;
    const InpaintPatch expected = wall_and_sky();
    EXPECT_EQ(cv::norm(view.role, expected.role, cv::NORM_L1), 0);
    EXPECT_EQ(cv::norm(view.disparity, expected.disparity, cv::NORM_L1), 0);
    EXPECT_EQ(cv::norm(view.rgb, expected.rgb, cv::NORM_L1), 0);
    for (int y = 0; y < kSide; ++y)
        EXPECT_EQ(cut_column(view.cuts, y), 20) << y;
}

TEST(EdgeProblems, KnownSurfaceHidesWhatGoesOnBehindIt) {
    // The sky's patch reaches behind the visible wall
    std::vector<InpaintPatch> patches = as_two_patches();
    hide(patches[1], {15, 0, 5, kSide});
    patches[1].disparity(cv::Rect(15, 0, 5, kSide)).setTo(0.3F);
    leave_out(patches[0], {15, 10, 5, kSide - 10});  // one hidden pixel at a position
    const std::vector<EdgeProblem> problems = find_edge_problems(patches, 96);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].view.role_at(17, 5), Role::Context);
    EXPECT_EQ(problems[0].view.disparity(5, 17), 1);
    EXPECT_EQ(problems[0].view.role_at(17, 20), Role::Synthesis);
}

TEST(EdgeProblems, NoneWhereNoEdgeEndsAtTheHiddenPart) {
    std::vector<InpaintPatch> patches{context_patch({kSide, kSide})};
    hide(patches[0], {10, 10, 10, 10});
    EXPECT_TRUE(find_edge_problems(patches, 96).empty());
    EXPECT_TRUE(find_edge_problems({}, 96).empty());
}

TEST(Redraw, PixelsGoToTheSurfaceOnTheirSideOfTheEdge) {
    const std::vector<InpaintPatch> patches = as_two_patches();
    const std::vector<EdgeProblem> problems = find_edge_problems(patches, 96);
    const auto column = [](int y) { return 20 + (y - 10) / 2; };
    const std::vector<CleanEdges> edges{
        clean_edges(problems[0].view, near_line(problems[0].view, column), 0.5F)};
    const Redrawn redrawn = redraw(patches, problems, edges);
    const auto role = [&](std::size_t patch, int x, int y) {
        const cv::Point p = cv::Point(x, y) - redrawn.patches[patch].origin;
        return redrawn.patches[patch].role_at(p.x, p.y);
    };
    for (int y = 14; y < kSide; ++y) {
        EXPECT_EQ(role(0, column(y) - 2, y), Role::Synthesis) << y;
        EXPECT_EQ(role(1, column(y) - 2, y), Role::Outside) << y;
        EXPECT_EQ(role(0, column(y) + 1, y), Role::Outside) << y;
        EXPECT_EQ(role(1, column(y) + 1, y), Role::Synthesis) << y;
        EXPECT_EQ(redrawn.owner(y, column(y) - 2), 0);
        EXPECT_EQ(redrawn.owner(y, column(y) + 1), 1);
    }
    // What moved hangs together with its new surface and takes over its disparity
    const InpaintPatch& wall = redrawn.patches[0];
    for (int x = 20; x + 2 < column(30); ++x) {
        EXPECT_TRUE(wall.joined(x - wall.origin.x, 30 - wall.origin.y, false)) << x;
        EXPECT_EQ(wall.disparity(30 - wall.origin.y, x - wall.origin.x), 1) << x;
    }
    // Nothing is lost, and nothing known has changed
    int hidden = 0;
    for (const InpaintPatch& patch : redrawn.patches)
        hidden += static_cast<int>(
            std::count(patch.role.begin(), patch.role.end(), static_cast<int>(Role::Synthesis)));
    EXPECT_EQ(hidden, kSide * (kSide - 10));
    EXPECT_EQ(role(0, 5, 5), Role::Context);
    EXPECT_EQ(role(1, 30, 5), Role::Context);
}

TEST(Redraw, NothingIsBroughtBeforeWhatHidesIt) {
    // Where something lies between sky and wall, the wall may not come
    std::vector<InpaintPatch> patches = as_two_patches();
    patches[1].max_disparity(cv::Rect(20, 25, 20, 15)).setTo(0.5F);
    const std::vector<EdgeProblem> problems = find_edge_problems(patches, 96);
    const std::vector<CleanEdges> edges{
        clean_edges(problems[0].view,
                    near_line(problems[0].view, [](int y) { return 20 + (y - 10) / 2; }), 0.5F)};
    const Redrawn redrawn = redraw(patches, problems, edges);
    for (int y = 25; y < kSide; ++y)
        EXPECT_EQ(redrawn.owner(y, 21), 1) << y;
    EXPECT_EQ(redrawn.owner(23, 21), 0);
}

}  // namespace
}  // namespace unflat
