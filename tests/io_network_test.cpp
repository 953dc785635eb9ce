// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "core/sha256.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace unflat {
namespace {

const std::string kCard = R"({"format": 1, "name": "a", "task": "inpaint-edge",
    "inputs": ["context", "edge"], "output": "edge", "multiple": 8, "max_side": 128, "overlap": 16,
    "settings": {"threshold": 0.25, "passes": 3, "continued_edges": false, "mask_closing": 41},
    "parameters": 1234, "sha256": "0123", "licence": "MIT", "trained_on": "stones", "scores": {"x": 1}})";

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

NetworkCard card(const std::string& text) {
    return decode_network_card(bytes_of(text), "card.json");
}

std::string with(const std::string& from, const std::string& to) {
    std::string text = kCard;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
    try {
        card(text);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unreadable);
        return error.what();
    }
    ADD_FAILURE() << "taken: " << text;
    return {};
}

TEST(NetworkCard, IsReadWhole) {
    const NetworkCard read = card(kCard);
    EXPECT_EQ(read.name, "a");
    EXPECT_EQ(read.task, NetworkTask::InpaintEdge);
    EXPECT_EQ(read.inputs, (std::vector<std::string>{"context", "edge"}));
    EXPECT_EQ(read.output, "edge");
    EXPECT_EQ(read.multiple, 8);
    EXPECT_EQ(read.max_side, 128);
    EXPECT_EQ(read.overlap, 16);
    EXPECT_FLOAT_EQ(read.threshold, 0.25F);
    EXPECT_EQ(read.passes, 3);
    EXPECT_FALSE(read.continued_edges);
    EXPECT_EQ(read.mask_closing, 41);
    EXPECT_EQ(read.parameter_count, 1234);
    EXPECT_EQ(read.licence, "MIT");
    EXPECT_EQ(read.trained_on, "stones");
}

TEST(NetworkCard, WhatIsWrongIsNamed) {
    EXPECT_NE(refusal(with("\"format\": 1", "\"format\": 2")).find("format is 2"),
              std::string::npos);
    EXPECT_NE(refusal(with("inpaint-edge", "cook")).find("\"cook\""), std::string::npos);
    EXPECT_NE(refusal(with("\"licence\": \"MIT\", ", "")).find("licence"), std::string::npos);
    EXPECT_NE(refusal(with("\"name\"", "\"nom\"")).find("\"nom\""), std::string::npos);
    EXPECT_NE(refusal(with("\"passes\": 3", "\"passes\": 2.5")).find("passes"), std::string::npos);
    EXPECT_NE(refusal(with("\"passes\"", "\"smoothing\"")).find("smoothing"), std::string::npos);
    EXPECT_NE(refusal(with("[\"context\", \"edge\"]", "[]")).find("inputs"), std::string::npos);
    EXPECT_NE(refusal(with("128", "130")).find("max_side"), std::string::npos);
    EXPECT_NE(refusal(with("\"overlap\": 16", "\"overlap\": 64")).find("overlap"),
              std::string::npos);
    EXPECT_NE(refusal("{").find("not JSON"), std::string::npos);
    EXPECT_NE(refusal("").find("empty"), std::string::npos);
    EXPECT_NE(refusal("[]").find("a list"), std::string::npos);
}

const std::string kDepthCard = R"({"format": 1, "name": "d", "task": "depth",
    "inputs": ["blue", "green", "red"], "output": "log-depth", "multiple": 14, "max_side": 1000,
    "settings": {"size": {"short_side": 518}, "white": 255, "mean": [1, 2, 3],
                 "deviation": [4, 5, 6], "input_tensor": "in", "output_tensor": "out",
                 "mirror": true},
    "parameters": 5, "sha256": "any", "licence": "MIT", "trained_on": "x", "source": "there"})";

TEST(NetworkCard, SaysHowADepthNetworkIsAskedAndAnswers) {
    const NetworkCard read = card(kDepthCard);
    EXPECT_EQ(read.task, NetworkTask::Depth);
    EXPECT_EQ(read.inputs.front(), "blue");
    EXPECT_EQ(read.max_side, 1000);
    EXPECT_EQ(read.source, "there");
    EXPECT_EQ(read.depth.short_side, 518);
    EXPECT_EQ(read.depth.long_side, 0);
    EXPECT_EQ(read.depth.white, 255);
    EXPECT_EQ(read.depth.mean, (std::array<float, 3>{1, 2, 3}));
    EXPECT_EQ(read.depth.deviation, (std::array<float, 3>{4, 5, 6}));
    EXPECT_EQ(read.depth.input_tensor, "in");
    EXPECT_EQ(read.depth.output_tensor, "out");
    EXPECT_EQ(read.depth.output, DepthConvention::Output::LogDepth);
    EXPECT_TRUE(read.depth.mirror);
}

TEST(NetworkCard, WhatIsWrongWithADepthNetworkIsNamed) {
    const auto refused = [](const std::string& from, const std::string& to) {
        std::string text = kDepthCard;
        return refusal(text.replace(text.find(from), from.size(), to));
    };
    EXPECT_NE(refused("log-depth", "height").find("\"height\""), std::string::npos);
    EXPECT_NE(refused("\"blue\"", "\"ultraviolet\"").find("red, green and blue"),
              std::string::npos);
    EXPECT_NE(refused("{\"short_side\": 518}", "{}").find("\"size\""), std::string::npos);
    EXPECT_NE(refused("\"short_side\"", "\"width\"").find("\"size\""), std::string::npos);
    EXPECT_NE(refused("518}", "518, \"long_side\": 3}").find("\"size\""), std::string::npos);
    EXPECT_NE(refused("[1, 2, 3]", "[1, 2]").find("three numbers"), std::string::npos);
    EXPECT_NE(refused("[4, 5, 6]", "[4, 0, 6]").find("\"deviation\""), std::string::npos);
    EXPECT_NE(refused("\"mirror\"", "\"threshold\"").find("\"threshold\""), std::string::npos);
}

class NetworkFolder : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("unflat-networks-" +
                   std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
                   testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::create_directories(folder_ / "b");
        std::filesystem::create_directories(folder_ / "a");
        std::filesystem::create_directories(folder_ / "nothing");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }
    std::filesystem::path folder_;
};

TEST_F(NetworkFolder, ModelMustBeTheOneThatTheCardNames) {
    write("a/model.onnx", "abc");
    write("a/card.json", with("0123", sha256(bytes_of("abc"))));
    EXPECT_EQ(read_network(folder_ / "a").model.size(), 3U);
    write("a/model.onnx", "abd");
    EXPECT_THROW(read_network(folder_ / "a"), Error);
    write("a/card.json", with("0123", "any"));
    EXPECT_EQ(read_network(folder_ / "a").model.size(), 3U);
    EXPECT_EQ(read_network_card(folder_ / "a").name, "a");
}

TEST_F(NetworkFolder, NetworksAreFoundByName) {
    write("b/card.json", kCard);
    write("a/card.json", "whatever");
    EXPECT_EQ(find_networks(folder_),
              (std::vector<std::filesystem::path>{folder_ / "a", folder_ / "b"}));
    EXPECT_TRUE(find_networks(folder_ / "missing").empty());
}

TEST(Sha256, GivesThePublishedAnswers) {
    EXPECT_EQ(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256(bytes_of("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256(bytes_of(std::string(1000000, 'a'))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace
}  // namespace unflat
