// SPDX-License-Identifier: MIT
// Depth networks: every way of being shown a photo and of answering, on stand-ins that take a
// colour for depth; and a real one, where the test data are there.
#include "unflat/error.h"
#include "unflat/io.h"
#include "unflat/neural.h"

#include "core/sha256.h"
#include "scenes.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

const std::filesystem::path kNetworks = UNFLAT_TEST_NETWORKS;

DepthMap estimate(const std::string& name, const Photo& photo) {
    return make_depth_estimator(read_network(kNetworks / "depth" / name))->estimate(photo);
}

// One colour all over
Photo plain(cv::Size size, cv::Vec3b colour) {
    return {.rgb = cv::Mat_<cv::Vec3b>(size, colour), .camera = default_camera(size)};
}

// What a network says of a photo whose red, green and blue are 0.2, 0.4 and 0.8
float answer(const std::string& name) {
    const DepthMap depth = estimate(name, plain({64, 32}, {51, 102, 204}));
    return depth.values(depth.values.rows / 2, depth.values.cols / 2);
}

std::string refusal(const std::string& name) {
    try {
        estimate(name, waves({64, 64}));
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unreadable);
        return error.what();
    }
    ADD_FAILURE() << name << " is used";
    return {};
}

TEST(DepthNetwork, AnswersAreTakenForWhatTheCardSaysTheyAre) {
    constexpr float kRed = 0.2F;
    EXPECT_NEAR(answer("disparity"), kRed, 1e-6);
    EXPECT_NEAR(answer("log-disparity"), std::exp(2 * kRed - 1), 1e-6);
    EXPECT_NEAR(answer("depth"), 1 + 9 * kRed, 1e-5);
    EXPECT_NEAR(answer("log-depth"), std::exp(kRed + 0.5F), 1e-6);
    EXPECT_NEAR(answer("inverse-depth"), kRed + 0.25F, 1e-6);
    EXPECT_NEAR(answer("flat"), kRed, 1e-6);
    EXPECT_NEAR(answer("named"), kRed, 1e-6);

    const Photo photo = plain({64, 32}, {51, 102, 204});
    EXPECT_EQ(estimate("disparity", photo).kind, DepthKind::Disparity);
    EXPECT_EQ(estimate("log-disparity", photo).kind, DepthKind::Disparity);
    EXPECT_EQ(estimate("depth", photo).kind, DepthKind::Depth);
    EXPECT_EQ(estimate("log-depth", photo).kind, DepthKind::Depth);
    EXPECT_EQ(estimate("inverse-depth", photo).kind, DepthKind::InverseDepth);
}

TEST(DepthNetwork, ChannelsComeInTheCardsOrderAndScale) {
    EXPECT_NEAR(answer("normalised"), (0.4F - 0.2F) / 0.25F, 1e-5);
    EXPECT_NEAR(answer("bytes"), 204, 1e-3);  // blue is the first of its inputs
}

TEST(DepthNetwork, PhotosAreStretchedToTheCardsSize) {
    EXPECT_EQ(estimate("disparity", waves({200, 120})).values.size(), cv::Size(64, 32));
    EXPECT_EQ(estimate("disparity", waves({90, 200})).values.size(), cv::Size(32, 64));
    EXPECT_EQ(estimate("disparity", waves({30, 31})).values.size(), cv::Size(64, 64));
    EXPECT_EQ(estimate("short-side", waves({200, 120})).values.size(), cv::Size(98, 56));
    EXPECT_EQ(estimate("short-side", waves({1, 900})).values.size(), cv::Size(11, 10150));
}

TEST(DepthNetwork, SquareAnswersGetThePhotosAspectBack) {
    const DepthMap depth = estimate("square", waves({300, 100}));
    EXPECT_EQ(depth.values.size(), cv::Size(83, 28));
    // Whatever its size, the map covers the photo
    Photo photo = plain({300, 100}, {0, 0, 0});
    photo.rgb.colRange(150, 300).setTo(cv::Vec3b(255, 0, 0));
    const DepthMap half = estimate("square", photo);
    EXPECT_LT(half.values(14, 38), 0.05F);
    EXPECT_GT(half.values(14, 44), 0.95F);
}

TEST(DepthNetwork, AMirroredPassMakesItSymmetric) {
    const Photo photo = waves({64, 32});
    Photo mirrored = photo;
    cv::Mat turned;
    cv::flip(photo.rgb, turned, 1);
    mirrored.rgb = turned;
    const auto difference = [&](const char* name) {
        cv::Mat back;
        cv::flip(estimate(name, mirrored).values, back, 1);
        return cv::norm(back, estimate(name, photo).values, cv::NORM_INF);
    };
    EXPECT_GT(difference("noise"), 0.05);
    EXPECT_LT(difference("mirrored"), 1e-5);
}

TEST(DepthNetwork, IsTheSameOnAnyNumberOfThreads) {
    const int before = cv::getNumThreads();
    const Photo photo = waves({500, 300});
    cv::setNumThreads(1);
    const DepthMap one = estimate("mirrored", photo);
    for (const int threads : {2, 7}) {
        cv::setNumThreads(threads);
        EXPECT_EQ(cv::norm(estimate("mirrored", photo).values, one.values, cv::NORM_INF), 0);
    }
    cv::setNumThreads(before);
}

TEST(DepthNetwork, WhatIsNotAsTheCardSaysIsNamed) {
    EXPECT_NE(refusal("broken-size").find("48 x 48"), std::string::npos);
    EXPECT_NE(refusal("broken-name").find("'somewhere'"), std::string::npos);
    EXPECT_NE(refusal("broken-answer").find("finite"), std::string::npos);
    EXPECT_NE(refusal("broken-channels").find("[1, 3, H, W]"), std::string::npos);
    EXPECT_THROW(make_depth_estimator(read_network(kNetworks / "good" / "color-purple")), Error);
    const Network depth = read_network(kNetworks / "depth" / "disparity");
    EXPECT_THROW(make_network_inpainter({&depth, 1}), Error);
    EXPECT_THROW(make_depth_estimator(depth)->estimate(Photo()), Error);
    check_network(depth);
}

// ---- A real network of other people

// What Tiefenrausch's authors publish beside it for a photo
double correlation_with_golden(const std::filesystem::path& folder, const std::string& name) {
    const DepthMap golden = read_depth(folder / (name + ".npy"));
    const char* model = std::getenv("UNFLAT_TIEFENRAUSCH");
    Network network;
    network.card = read_network_card(UNFLAT_OUTSIDE_CARDS "/tiefenrausch");
    std::ifstream file(model, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto span = std::as_bytes(std::span(bytes));
    network.model.assign(span.begin(), span.end());
    EXPECT_EQ(sha256(network.model), network.card.sha256);
    const Photo photo = read_photo(folder / (name + ".jpg"));
    cv::Mat_<float> ours = make_depth_estimator(network)->estimate(photo).values;
    if (ours.size() != golden.values.size())
        cv::resize(ours, ours, golden.values.size(), 0, 0, cv::INTER_AREA);
    cv::Mat_<float> result;
    cv::matchTemplate(ours, golden.values, result, cv::TM_CCOEFF_NORMED);
    return static_cast<double>(result(0, 0));
}

TEST(DepthNetwork, TiefenrauschAnswersAsItsAuthorsPublish) {
    const char* data = std::getenv("UNFLAT_DATA");
    if (!data || !std::getenv("UNFLAT_TIEFENRAUSCH"))
        GTEST_SKIP() << "set UNFLAT_DATA, and UNFLAT_TIEFENRAUSCH to tiefenrausch.onnx";
    const std::filesystem::path folder = std::filesystem::path(data) / "photos/oneshot";
    for (const std::string name : {"columns", "pumpkin"})
        EXPECT_GE(correlation_with_golden(folder, name), 0.997) << name;
}

// Every card for other people's networks can be read and says where to get the weights
TEST(DepthNetwork, CardsForOutsideNetworksAreWhole) {
    const auto folders = find_networks(UNFLAT_OUTSIDE_CARDS);
    EXPECT_GE(folders.size(), 10U);
    for (const std::filesystem::path& folder : folders) {
        const NetworkCard card = read_network_card(folder);
        EXPECT_EQ(card.task, NetworkTask::Depth) << folder;
        EXPECT_EQ(card.name, folder.filename()) << folder;
        EXPECT_NE(card.source.find("https://"), std::string::npos) << folder;
        EXPECT_FALSE(std::filesystem::exists(folder / "model.onnx")) << folder;
    }
}

}  // namespace
}  // namespace unflat
