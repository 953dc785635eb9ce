// SPDX-License-Identifier: MIT
// disparity_from_depth and prepare_depth.
#include "unflat/depth.h"

#include "unflat/error.h"

#include "depth/weighted_median.h"
#include "depth/window.h"
#include "scenes.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Listener : Progress {
    void report(std::string_view, double) override {}
    void warn(const std::string& sentence) override { warnings.push_back(sentence); }
    bool stop_requested() const override { return stop; }
    std::vector<std::string> warnings;
    bool stop = false;
};

Photo grey_photo(cv::Size size) {
    return {.rgb = cv::Mat_<cv::Vec3b>(size, cv::Vec3b(128, 128, 128)),
            .camera = default_camera(size)};
}

/// Left of `column` red, else blue.
Photo two_colors(cv::Size size, int column) {
    Photo photo = grey_photo(size);
    photo.rgb.setTo(cv::Scalar(40, 60, 200));
    photo.rgb.colRange(0, column).setTo(cv::Scalar(200, 60, 40));
    return photo;
}

/// Left of `column` near, else far.
cv::Mat_<float> step_at(cv::Size size, int column, float near = 2, float far = 1) {
    cv::Mat_<float> values(size, far);
    values.colRange(0, column).setTo(near);
    return values;
}

/// Relative disparity that is used as it is: one pixel at each end of the scale.
DepthMap on_scale(cv::Mat_<float> values) {
    values = values.clone();
    values(0, 0) = 0;
    values(values.rows - 1, 0) = 3;
    return {.values = values};
}

/// True 1/z, which is not rescaled; the threshold relates to its own range.
DepthMap inverse(const cv::Mat_<float>& values) {
    return {.values = values, .kind = DepthKind::InverseDepth};
}

/// Columns between which a row parts by more than the threshold.
std::vector<int> steps_in_row(const DisparityMap& map, int y) {
    std::vector<int> steps;
    for (int x = 0; x + 1 < map.values.cols; ++x)
        if (std::abs(map.values(y, x + 1) - map.values(y, x)) > 0.04F / 3 * map.range)
            steps.push_back(x + 1);
    return steps;
}

bool is_equal(const cv::Mat_<float>& a, const cv::Mat_<float>& b) {
    return a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

TEST(DisparityFromDepth, RelativeDisparityIsStretched) {
    const cv::Mat_<float> values = (cv::Mat_<float>(1, 5) << 10, 10.01, 15, 20, kNaN);
    const DisparityMap map = disparity_from_depth({.values = values});
    EXPECT_FLOAT_EQ(map.values(0, 0), 0.05F);
    EXPECT_FLOAT_EQ(map.values(0, 1), 0.05F);
    EXPECT_FLOAT_EQ(map.values(0, 2), 1.5F);
    EXPECT_FLOAT_EQ(map.values(0, 3), 3.0F);
    EXPECT_TRUE(std::isnan(map.values(0, 4)));
    EXPECT_FLOAT_EQ(map.range, 3);
    EXPECT_FALSE(map.true_scale);
}

TEST(DisparityFromDepth, TrueDepthIsInverted) {
    const cv::Mat_<float> values =
        (cv::Mat_<float>(1, 6) << 2, 4, 0, -1, kNaN, std::numeric_limits<float>::infinity());
    const DisparityMap map = disparity_from_depth({.values = values, .kind = DepthKind::Depth});
    EXPECT_FLOAT_EQ(map.values(0, 0), 0.5F);
    EXPECT_FLOAT_EQ(map.values(0, 1), 0.25F);
    for (int x = 2; x < 6; ++x)
        EXPECT_TRUE(std::isnan(map.values(0, x))) << x;
    EXPECT_FLOAT_EQ(map.range, 0.25F);
    EXPECT_TRUE(map.true_scale);
}

TEST(DisparityFromDepth, TrueNumbersWhoseSquaresOverflowAreInvalid) {
    const cv::Mat_<float> values = (cv::Mat_<float>(1, 5) << 3e38F, 1e17F, 1, 1e-17F, 1e-38F);
    for (const DepthKind kind : {DepthKind::Depth, DepthKind::InverseDepth}) {
        const DisparityMap map = disparity_from_depth({.values = values, .kind = kind});
        for (int x = 0; x < values.cols; ++x)
            EXPECT_EQ(std::isnan(map.values(0, x)), x == 0 || x == 4) << x;
    }
}

TEST(DisparityFromDepth, InverseDepthStaysAndItsRangeLeavesOutOutliers) {
    cv::Mat_<float> values(100, 100);
    for (int i = 0; i < 10000; ++i)
        values(i / 100, i % 100) = 1 + static_cast<float>(i) / 10000;
    values(0, 0) = 500;
    const DisparityMap map =
        disparity_from_depth({.values = values, .kind = DepthKind::InverseDepth});
    EXPECT_TRUE(is_equal(map.values, values));
    EXPECT_NEAR(map.range, 0.99F, 0.001F);
}

TEST(DisparityFromDepth, ConstantMapIsOnePlaneWithAWarning) {
    Listener listener;
    const DisparityMap map =
        disparity_from_depth({.values = cv::Mat_<float>(4, 5, 7.0F)}, &listener);
    EXPECT_TRUE(is_equal(map.values, cv::Mat_<float>(4, 5, 1.0F)));
    EXPECT_EQ(listener.warnings.size(), 1U);
}

TEST(DisparityFromDepth, ConstantTrueDepthKeepsItsScale) {
    const DisparityMap map =
        disparity_from_depth({.values = cv::Mat_<float>(4, 5, 4.0F), .kind = DepthKind::Depth});
    EXPECT_TRUE(is_equal(map.values, cv::Mat_<float>(4, 5, 0.25F)));
    EXPECT_GT(map.range, 0);
}

TEST(DisparityFromDepth, NoValidPixelIsAnError) {
    EXPECT_THROW(disparity_from_depth({.values = cv::Mat_<float>(3, 3, kNaN)}), Error);
    EXPECT_THROW(
        disparity_from_depth({.values = cv::Mat_<float>(3, 3, -1.0F), .kind = DepthKind::Depth}),
        Error);
    EXPECT_THROW(disparity_from_depth({}), Error);
}

TEST(PrepareDepth, CleanStepsAreUnchangedBitForBit) {
    DisparityMap scene = disc({200, 150}, 1, 2, {100, 75}, 40);
    put_box(scene, {20, 10, 2, 100}, 1.7F);
    put_box(scene, {150, 20, 30, 1}, 2.5F);
    for (const Photo& photo : {grey_photo({200, 150}), waves({200, 150})})
        EXPECT_TRUE(is_equal(prepare_depth(photo, inverse(scene.values)).values, scene.values));
}

TEST(PrepareDepth, BlurredStepBecomesOneCrackNearItsMiddle) {
    const cv::Size size(1024, 64);
    for (int width = 2; width <= 9; ++width) {
        cv::Mat_<float> values = step_at(size, 500);
        cv::blur(values.clone(), values, {width, 1}, {-1, -1}, cv::BORDER_REPLICATE);
        const DisparityMap map = prepare_depth(grey_photo(size), inverse(values));
        for (const int y : {0, 30, 63}) {
            const std::vector<int> steps = steps_in_row(map, y);
            ASSERT_EQ(steps.size(), 1U) << "width " << width << ", row " << y;
            EXPECT_NEAR(steps[0], 500, 1.5) << "width " << width;
            const std::set<float> kinds(map.values[y], map.values[y] + size.width);
            EXPECT_EQ(kinds.size(), 2U) << "width " << width;
        }
    }
}

TEST(PrepareDepth, GaussianStepBecomesOneCrack) {
    const cv::Size size(1024, 64);
    for (const double sigma : {0.7, 1.5, 2.5}) {
        cv::Mat_<float> values = step_at(size, 500);
        cv::GaussianBlur(values.clone(), values, {0, 0}, sigma);
        const DisparityMap map = prepare_depth(grey_photo(size), inverse(values));
        ASSERT_EQ(steps_in_row(map, 30).size(), 1U) << sigma;
        EXPECT_NEAR(steps_in_row(map, 30)[0], 500, 1.5) << sigma;
    }
}

TEST(PrepareDepth, RingingBesideAStepIsTakenAway) {
    const cv::Size size(1024, 200);
    cv::Mat_<float> values;
    cv::resize(step_at({512, 100}, 255), values, size, 0, 0, cv::INTER_CUBIC);
    const DisparityMap map = prepare_depth(grey_photo(size), inverse(values));
    EXPECT_EQ(steps_in_row(map, 100).size(), 1U);
}

TEST(PrepareDepth, SharpeningTwiceChangesNothingMore) {
    const cv::Size size(400, 300);
    cv::Mat_<float> values = disc(size, 1, 2, {200, 150}, 80).values;
    cv::GaussianBlur(values.clone(), values, {0, 0}, 1.5);
    const DisparityMap once = prepare_depth(waves(size), inverse(values));
    const DisparityMap twice = prepare_depth(waves(size), inverse(once.values));
    EXPECT_TRUE(is_equal(once.values, twice.values));
}

TEST(PrepareDepth, SlantedPlanesAreUnchanged) {
    for (const float slope : {0.0005F, 0.003F, 0.011F, 0.03F, 0.1F}) {
        cv::Mat_<float> values(120, 160);
        for (int y = 0; y < values.rows; ++y)
            for (int x = 0; x < values.cols; ++x)
                values(y, x) =
                    0.05F + slope * static_cast<float>(y) + 0.0004F * static_cast<float>(x);
        const DisparityMap map = prepare_depth(waves({160, 120}), inverse(values));
        EXPECT_TRUE(is_equal(map.values, values)) << slope;
    }
}

TEST(PrepareDepth, StepOnASlantedPlaneLeavesThePlaneAlone) {
    cv::Mat_<float> values(120, 160);
    for (int y = 0; y < values.rows; ++y)
        for (int x = 0; x < values.cols; ++x)
            values(y, x) = 1 + 0.01F * static_cast<float>(x) + (x >= 80 ? 1.0F : 0.0F);
    EXPECT_TRUE(is_equal(prepare_depth(grey_photo({160, 120}), inverse(values)).values, values));
}

TEST(PrepareDepth, EnlargedStepIsOneCrack) {
    for (const double scale : {1.5, 2.0, 3.28}) {
        const cv::Size size(cvRound(320 * scale), cvRound(200 * scale));
        const DisparityMap map = prepare_depth(grey_photo(size), inverse(step_at({320, 200}, 160)));
        for (int y = 0; y < size.height; y += 37) {
            const std::vector<int> steps = steps_in_row(map, y);
            ASSERT_EQ(steps.size(), 1U) << scale;
            EXPECT_NEAR(steps[0], 160 * scale, 1.01) << scale;
        }
    }
}

TEST(PrepareDepth, InterpolatedEnlargementIsOneCrackToo) {
    for (const double scale : {1.5, 3.28}) {
        const cv::Size size(cvRound(640 * scale), cvRound(200 * scale));
        cv::Mat_<float> values;
        cv::resize(step_at({640, 200}, 300), values, size, 0, 0, cv::INTER_LINEAR);
        const DisparityMap map = prepare_depth(grey_photo(size), inverse(values));
        ASSERT_EQ(steps_in_row(map, size.height / 2).size(), 1U) << scale;
    }
}

TEST(PrepareDepth, ResamplingDoesNotMixNearAndFar) {
    const cv::Mat_<float> values = disc({300, 200}, 1, 2, {150, 100}, 60).values;
    for (const cv::Size size : {cv::Size(450, 300), cv::Size(131, 90), cv::Size(320, 200)}) {
        const DisparityMap map = prepare_depth(waves(size), inverse(values), {.sharpen = false});
        ASSERT_EQ(map.values.size(), size);
        for (const float value : map.values)
            EXPECT_TRUE(value == 1 || value == 2) << value;
    }
}

TEST(PrepareDepth, ASteepSlopeThatIsEnlargedIsNoStaircase) {
    // 0.1 from pixel to pixel of the map: more than a depth edge, but alike before and after
    cv::Mat_<float> values(20, 28);
    for (int x = 0; x < values.cols; ++x)
        values.col(x).setTo(0.1F * static_cast<float>(x));
    const DisparityMap map = prepare_depth(grey_photo({112, 80}), on_scale(values));
    for (int x = 12; x + 12 < 112; ++x)
        ASSERT_NEAR(map.values(40, x + 1) - map.values(40, x), 0.1F / 4, 1e-3F) << x;
}

TEST(PrepareDepth, ASoftSilhouetteOfASmallMapBecomesOneStepAtTheBorderOfColors) {
    // A rise of 2 over some twelve pixels of a map of which one is four of the photo's
    cv::Mat_<float> values(45, 60);
    for (int x = 0; x < values.cols; ++x)
        values.col(x).setTo(0.4F + 2 / (1 + std::exp((static_cast<float>(x) - 29.5F) / 1.7F)));
    const DisparityMap map = prepare_depth(two_colors({240, 180}, 124), on_scale(values));
    for (int y = 40; y < 140; ++y) {
        std::vector<int> steps;
        for (int x = 60; x < 180; ++x)
            if (map.values(y, x) - map.values(y, x + 1) > 0.04F)
                steps.push_back(x + 1);
        ASSERT_EQ(steps.size(), 1U) << y;
        EXPECT_NEAR(steps[0], 124, 1);
        EXPECT_GT(map.values(y, steps[0] - 1) - map.values(y, steps[0]), 1.5F);
    }
}

TEST(PrepareDepth, ResamplingInterpolatesWithinASurface) {
    cv::Mat_<float> values(50, 80);
    for (int y = 0; y < values.rows; ++y)
        for (int x = 0; x < values.cols; ++x)
            values(y, x) = 1 + 0.005F * (static_cast<float>(x) + 0.5F);
    const DisparityMap map =
        prepare_depth(grey_photo({200, 125}), inverse(values), {.sharpen = false});
    for (int x = 5; x < 195; ++x)
        EXPECT_NEAR(map.values(60, x), 1 + 0.005F * (static_cast<float>(x) + 0.5F) / 2.5F, 1e-5F);
}

TEST(PrepareDepth, BlurredStepSnapsToTheBorderOfColors) {
    const cv::Size size(1024, 64);
    for (const int offset : {-2, 2}) {
        cv::Mat_<float> values = step_at(size, 500);
        cv::blur(values.clone(), values, {7, 1}, {-1, -1}, cv::BORDER_REPLICATE);
        const DisparityMap map = prepare_depth(two_colors(size, 500 + offset), inverse(values));
        for (const int y : {5, 30, 60})
            EXPECT_EQ(steps_in_row(map, y), std::vector<int>{500 + offset});
    }
}

TEST(PrepareDepth, EnlargedStepSnapsToTheBorderOfColors) {
    const cv::Size size(960, 300);
    const DisparityMap map =
        prepare_depth(two_colors(size, 482), inverse(step_at({320, 100}, 160)));
    EXPECT_EQ(steps_in_row(map, 150), std::vector<int>{482});
}

TEST(PrepareDepth, UnknownPixelsAreFilledFromTheFartherSide) {
    const cv::Size size(200, 120);
    cv::Mat_<float> values = step_at(size, 100);
    values(cv::Rect(90, 20, 20, 60)).setTo(kNaN);  // across the step
    values(cv::Rect(30, 30, 25, 25)).setTo(kNaN);  // inside the near surface
    values(cv::Rect(0, 100, 3, 20)).setTo(kNaN);   // in a corner
    values(50, 150) = kNaN;                        // a speckle
    const DisparityMap map = prepare_depth(grey_photo(size), inverse(values));
    for (const float value : map.values)
        EXPECT_TRUE(value == 1 || value == 2) << value;
    EXPECT_EQ(cv::countNonZero(map.values(cv::Rect(90, 25, 20, 50)) != 1), 0);
    EXPECT_EQ(map.values(40, 40), 2);
    EXPECT_EQ(map.values(119, 0), 2);
    EXPECT_EQ(map.values(50, 150), 1);
}

TEST(PrepareDepth, HolesInASlantedPlaneAreContinued) {
    cv::Mat_<float> values(100, 100);
    for (int y = 0; y < 100; ++y)
        for (int x = 0; x < 100; ++x)
            values(y, x) = 1 + 0.01F * static_cast<float>(y);
    cv::Mat_<float> holed = values.clone();
    holed(cv::Rect(40, 40, 10, 10)).setTo(kNaN);
    const DisparityMap map = prepare_depth(grey_photo({100, 100}), inverse(holed));
    EXPECT_LT(cv::norm(map.values, values, cv::NORM_INF), 0.02);
}

TEST(PrepareDepth, OneKnownPixelFillsAll) {
    cv::Mat_<float> values(30, 40, kNaN);
    values(20, 10) = 5;
    const DisparityMap map = prepare_depth(grey_photo({40, 30}), inverse(values));
    EXPECT_TRUE(is_equal(map.values, cv::Mat_<float>(30, 40, 5.0F)));
}

TEST(PrepareDepth, TinyAndNarrowPhotos) {
    EXPECT_FLOAT_EQ(
        prepare_depth(grey_photo({1, 1}), {.values = cv::Mat_<float>(1, 1, 3.0F)}).values(0, 0), 1);
    cv::Mat_<float> values(5000, 1, 1.0F);
    values.rowRange(0, 2000).setTo(2);
    const DisparityMap map = prepare_depth(grey_photo({1, 5000}), inverse(values));
    EXPECT_TRUE(is_equal(map.values, values));
    const DisparityMap enlarged = prepare_depth(
        grey_photo({5000, 1}), inverse(cv::Mat_<float>(values.rowRange(0, 2500).t())));
    EXPECT_EQ(steps_in_row(enlarged, 0).size(), 1U);
}

TEST(PrepareDepth, ADifferentAspectIsAnErrorThatNamesBothSizes) {
    try {
        prepare_depth(grey_photo({400, 300}), {.values = cv::Mat_<float>(300, 300, 1.0F)});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::InvalidInput);
        EXPECT_NE(std::string(error.what()).find("300x300"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("400x300"), std::string::npos);
    }
    EXPECT_NO_THROW(
        prepare_depth(grey_photo({400, 300}), {.values = cv::Mat_<float>(300, 330, 1.0F)}));
}

TEST(PrepareDepth, BadOptionsAreErrors) {
    const Photo photo = grey_photo({20, 20});
    const DepthMap depth = on_scale(cv::Mat_<float>(20, 20, 1.0F));
    EXPECT_THROW(prepare_depth(photo, depth, {.window = 4}), Error);
    EXPECT_THROW(prepare_depth(photo, depth, {.color_sigma = 0}), Error);
    EXPECT_THROW(prepare_depth(photo, depth, {.edge_threshold = 0}), Error);
    EXPECT_THROW(prepare_depth(photo, {}), Error);
}

TEST(PrepareDepth, StopsOnRequest) {
    Listener listener;
    listener.stop = true;
    EXPECT_THROW(
        prepare_depth(grey_photo({20, 20}), on_scale(cv::Mat_<float>(20, 20, 1.0F)), {}, &listener),
        Error);
}

TEST(PrepareDepth, ThreadCountChangesNothing) {
    const Photo photo = waves({480, 360});
    cv::Mat_<float> values = disc({400, 300}, 1, 2, {200, 150}, 80).values;
    cv::GaussianBlur(values.clone(), values, {0, 0}, 1.7);
    values(cv::Rect(250, 100, 60, 60)).setTo(kNaN);
    const int before = cv::getNumThreads();
    std::vector<cv::Mat_<float>> results;
    for (const int threads : {1, 2, 7}) {
        cv::setNumThreads(threads);
        results.push_back(prepare_depth(photo, inverse(values)).values);
    }
    cv::setNumThreads(before);
    EXPECT_TRUE(is_equal(results[0], results[1]));
    EXPECT_TRUE(is_equal(results[0], results[2]));
}

/// By definition: in order of value, the first at which half of the weight has been seen.
float median_by_sorting(std::vector<WeightedValue> samples) {
    std::sort(samples.begin(), samples.end(),
              [](const auto& a, const auto& b) { return a.value < b.value; });
    float total = 0;
    for (const WeightedValue& sample : samples)
        total += sample.weight;
    float seen = 0;
    for (const WeightedValue& sample : samples)
        if ((seen += sample.weight) >= total / 2)
            return sample.value;
    return kNaN;
}

TEST(WeightedMedian, IsTheLowestValueThatCompletesHalfOfTheWeight) {
    cv::RNG random(1);
    for (int count = 1; count <= 121; ++count)
        for (const int kinds : {1, 2, 7, 1000}) {
            std::vector<WeightedValue> samples;
            for (int i = 0; i < count; ++i)  // eighths: their sums are exact in any order
                samples.push_back({static_cast<float>(random.uniform(0, kinds)),
                                   static_cast<float>(random.uniform(1, 9)) / 8});
            const float expected = median_by_sorting(samples);
            EXPECT_EQ(weighted_median(samples), expected) << count << " of " << kinds;
        }
}

TEST(WeightedMedian, StaysWithinTheDistanceUntilTheSlackIsUsedUp) {
    cv::RNG random(2);
    int certain = 0;
    for (int round = 0; round < 2000; ++round) {
        Neighbours seen;
        seen.count = static_cast<std::size_t>(random.uniform(1, 121));
        for (std::size_t i = 0; i < seen.count; ++i) {
            seen.values[i] = random.uniform(0.0F, 3.0F) < 2.5F ? random.uniform(0.9F, 1.1F) : 2.0F;
            seen.spatial[i] = random.uniform(0.1F, 1.0F);
        }
        seen.pad();
        for (std::size_t i = 0; i < seen.count; ++i) {
            const float slack = seen.balance(seen.spatial, 1, 0.2F).slack();
            if (slack <= 0)
                break;
            ++certain;
            ASSERT_NEAR(seen.median(seen.spatial), 1, 0.2F) << round;
            ASSERT_LT(slack, seen.balance(seen.spatial, 1, 0.2F).total / 2);
            seen.values[i] = 9;  // one more lies above
        }
    }
    EXPECT_GT(certain, 10000);
}

TEST(PrepareDepth, PhotosThatArePartOfALargerOneGiveTheSame) {
    const cv::Size size(301, 200);
    cv::Mat_<float> values = disc(size, 1, 2, {150, 100}, 60).values;
    cv::GaussianBlur(values.clone(), values, {0, 0}, 1.5);
    const Photo whole = waves(size);
    cv::Mat_<cv::Vec3b> larger(size.height + 9, size.width + 7, cv::Vec3b(0, 0, 0));
    cv::Mat_<cv::Vec3b> part = larger(cv::Rect({3, 4}, size));
    whole.rgb.copyTo(part);
    EXPECT_TRUE(
        is_equal(prepare_depth(whole, inverse(values)).values,
                 prepare_depth({.rgb = part, .camera = whole.camera}, inverse(values)).values));
}

}  // namespace
}  // namespace unflat
