// SPDX-License-Identifier: MIT
#include "unflat/depth.h"

#include "scenes.h"

#include <limits>

#include <gtest/gtest.h>

namespace unflat {
namespace {

// A floor that comes nearer towards the bottom, with a box standing on it
DepthMap floor_with_box() {
    DisparityMap map = plane({160, 120}, 0);
    for (int y = 0; y < map.values.rows; ++y)
        map.values.row(y) = 0.2F + 0.01F * static_cast<float>(y);
    put_box(map, {60, 30, 40, 70}, 1.3F);
    return {.values = map.values, .kind = DepthKind::Disparity};
}

DepthMap exchanged(const DepthMap& depth) {
    return {.values = cv::Mat_<float>(2 - depth.values), .kind = depth.kind};
}

TEST(Polarity, AFloorAboveIsDoubtful) {
    const DepthMap right = floor_with_box();
    EXPECT_FALSE(check_polarity(right).is_doubtful);
    EXPECT_TRUE(check_polarity(right).is_clear);
    EXPECT_EQ(check_polarity(right).upside_down, 0);
    const Polarity wrong = check_polarity(exchanged(right));
    EXPECT_TRUE(wrong.is_doubtful);
    EXPECT_NE(wrong.reason.find("the top is nearer than the bottom"), std::string::npos);
}

TEST(Polarity, EveryKindIsJudgedByWhatIsNear) {
    const DepthMap right = floor_with_box();
    const DepthMap depth{.values = cv::Mat_<float>(1 / right.values), .kind = DepthKind::Depth};
    EXPECT_FALSE(check_polarity(depth).is_doubtful);
    // Depth that is taken for inverse depth
    EXPECT_TRUE(
        check_polarity({.values = depth.values, .kind = DepthKind::InverseDepth}).is_doubtful);
}

TEST(Polarity, MapsThatDoNotSayEitherAreNotDoubted) {
    const cv::Mat_<float> constant(50, 70, 2.0F);
    EXPECT_FALSE(check_polarity({.values = constant}).is_doubtful);
    EXPECT_FALSE(check_polarity({.values = constant}).is_clear);
    cv::Mat_<float> across(50, 70);
    for (int x = 0; x < across.cols; ++x)
        across.col(x) = static_cast<float>(x);
    EXPECT_FALSE(check_polarity({.values = across}).is_doubtful);
    // A head seen from above: near on top in the middle only
    EXPECT_FALSE(
        check_polarity({.values = disc({160, 120}, 1, 2, {80, 40}, 30).values}).is_doubtful);
    const cv::Mat_<float> nothing(50, 70, std::numeric_limits<float>::quiet_NaN());
    EXPECT_FALSE(check_polarity({.values = nothing}).is_doubtful);
    EXPECT_FALSE(check_polarity({.values = cv::Mat_<float>(1, 1, 1.0F)}).is_doubtful);
}

TEST(Polarity, RanksDoNotCareForScale) {
    const cv::Mat_<float> map = floor_with_box().values;
    cv::Mat_<float> cubed;
    cv::pow(map, 3, cubed);
    EXPECT_NEAR(rank_correlation(map, cubed), 1, 0.01);
    EXPECT_NEAR(rank_correlation(map, cv::Mat_<float>(-map)), -1, 1e-6);
    EXPECT_EQ(rank_correlation(map, cv::Mat_<float>(map.size(), 1.0F)), 0);
    cv::Mat_<float> with_gaps = map.clone();
    with_gaps(cv::Rect(0, 0, 160, 40)).setTo(std::numeric_limits<double>::quiet_NaN());
    EXPECT_NEAR(rank_correlation(with_gaps, cubed), 1, 0.01);
}

TEST(Polarity, ANetworkThatSeesTheOppositeMakesDoubt) {
    const DepthMap right = floor_with_box();
    EXPECT_FALSE(check_polarity(right, right).is_doubtful);
    EXPECT_TRUE(check_polarity(exchanged(right), right).is_doubtful);
    // A close-up that the columns alone would doubt, and the network does not
    EXPECT_FALSE(check_polarity(exchanged(right), exchanged(right)).is_doubtful);
}

}  // namespace
}  // namespace unflat
