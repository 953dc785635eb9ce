// SPDX-License-Identifier: MIT
// dequantize, alone and as a part of prepare_depth.
#include "depth/dequantize.h"

#include "scenes.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <opencv2/core/utility.hpp>

namespace unflat {
namespace {

const cv::Size kSize(200, 160);
constexpr float kStep = 0.04F;  // the threshold of relative depth
constexpr float kGap = 0.05F;   // between levels: each terrace would be an edge

float dome(int x, int y) {
    const float u = (static_cast<float>(x) - 90) / 100;
    const float v = (static_cast<float>(y) - 70) / 90;
    return 2.5F - u * u - v * v + 0.1F * std::sin(3 * u + 2 * v);
}

cv::Mat_<float> dome_map() {
    cv::Mat_<float> map(kSize);
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x)
            map(y, x) = dome(x, y);
    return map;
}

cv::Mat_<float> rounded(const cv::Mat_<float>& map, float gap) {
    cv::Mat_<float> result = map.clone();
    for (float& value : result)
        value = std::round(value / gap) * gap;
    return result;
}

double mean_error(const cv::Mat_<float>& a, const cv::Mat_<float>& b) {
    return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total());
}

TEST(Dequantize, ADomeOfTerracesIsSmoothAgain) {
    const cv::Mat_<float> truth = dome_map();
    const cv::Mat_<float> terraces = rounded(truth, kGap);
    ASSERT_FALSE(find_depth_edges({.values = terraces}).edges.empty());
    cv::Mat_<float> result = terraces.clone();
    dequantize(result, kStep);
    EXPECT_TRUE(find_depth_edges({.values = result}).edges.empty());
    EXPECT_LT(mean_error(result, truth), 0.25 * mean_error(terraces, truth));
    // No value leaves what was rounded to it
    EXPECT_LE(cv::norm(result, terraces, cv::NORM_INF), kGap / 2 + 1e-5F);
}

TEST(Dequantize, StepsOfSeveralLevelsStayWhereTheyAre) {
    cv::Mat_<float> truth = dome_map();
    for (int y = 40; y < 100; ++y)
        for (int x = 60; x < 120; ++x)
            truth(y, x) += 4 * kGap;
    cv::Mat_<float> result = rounded(truth, kGap);
    dequantize(result, kStep);
    const DepthEdges edges = find_depth_edges({.values = result});
    ASSERT_EQ(edges.edges.size(), 1U);
    EXPECT_EQ(edges.edges[0].cracks.size(), 240U);  // the outline of the box and no more
    for (const Crack& crack : edges.edges[0].cracks) {
        const int x = crack.near_pixel % kSize.width;
        const int y = crack.near_pixel / kSize.width;
        EXPECT_TRUE(cv::Rect(60, 40, 60, 60).contains({x, y}));
    }
}

TEST(Dequantize, FineMapsAndMapsOfFewPlanesStayBitForBit) {
    cv::Mat_<float> planes(kSize, 1.0F);
    for (int i = 0; i < 10; ++i)
        planes(cv::Rect(10 * i, 10 * i, 30, 30)) = 1 + kGap * static_cast<float>(i);
    for (const cv::Mat_<float>& map : {dome_map(), rounded(dome_map(), 0.01F), planes}) {
        cv::Mat_<float> result = map.clone();
        dequantize(result, kStep);
        EXPECT_EQ(cv::norm(result, map, cv::NORM_INF), 0);
    }
}

TEST(Dequantize, UnknownPixelsStayUnknownAndTouchNothing) {
    cv::Mat_<float> map = rounded(dome_map(), kGap);
    const cv::Rect unknown(50, 50, 20, 20);
    map(unknown) = std::numeric_limits<float>::quiet_NaN();
    cv::Mat_<float> result = map.clone();
    dequantize(result, kStep);
    for (int y = 0; y < kSize.height; ++y)
        for (int x = 0; x < kSize.width; ++x) {
            EXPECT_EQ(std::isnan(result(y, x)), unknown.contains({x, y}));
        }
}

TEST(Dequantize, PrepareDepthMakesNoEdgesOfRounding) {
    const DepthMap depth{.values = rounded(dome_map(), kGap)};
    const DisparityMap map = prepare_depth(waves({500, 400}), depth);
    EXPECT_TRUE(find_depth_edges(map).edges.empty());
}

TEST(Dequantize, ThreadCountChangesNothing) {
    const int before = cv::getNumThreads();
    cv::setNumThreads(1);
    cv::Mat_<float> one = rounded(dome_map(), kGap);
    dequantize(one, kStep);
    cv::setNumThreads(7);
    cv::Mat_<float> seven = rounded(dome_map(), kGap);
    dequantize(seven, kStep);
    cv::setNumThreads(before);
    EXPECT_EQ(cv::norm(one, seven, cv::NORM_INF), 0);
}

}  // namespace
}  // namespace unflat
