// SPDX-License-Identifier: MIT
// probe NETWORKS PATCH OUT: runs the networks of a folder on one patch, given as maps, and writes
// what they and the stages around them say, as maps. For tests/neural/reference_test.py, which
// knows what it should be.
#include "unflat/io.h"

#include "neural/fill_stages.h"

#include <cstdio>
#include <exception>
#include <filesystem>

#include <opencv2/core.hpp>

namespace {

using namespace unflat;
namespace fs = std::filesystem;

cv::Mat_<float> read_map(const fs::path& folder, const char* name) {
    return read_depth(folder / (std::string(name) + ".npy")).values;
}

InpaintPatch read_patch(const fs::path& folder) {
    InpaintPatch patch{.threshold = 0.04F};
    read_map(folder, "role").convertTo(patch.role, CV_8U);
    read_map(folder, "cuts").convertTo(patch.cuts, CV_8U);
    patch.disparity = read_map(folder, "disparity");
    patch.max_disparity = read_map(folder, "max_disparity");
    patch.rgb = read_photo(folder / "rgb.png").rgb;
    return patch;
}

void write_map(const cv::Mat& map, const fs::path& folder, const std::string& name) {
    cv::Mat_<float> values;
    map.convertTo(values, CV_32F);
    write_depth(values, folder / (name + ".npy"));
}

// What a network says, before anything is made of it
std::vector<cv::Mat_<float>> ask(const Network& network, const InpaintPatch& patch, int channels) {
    const Model model(network, channels);
    const Facts facts = measure(patch,
                                {.mask_closing = network.card.mask_closing,
                                 .continued_edges = network.card.continued_edges},
                                model.needs());
    cv::Mat_<std::uint8_t> wanted;
    cv::compare(patch.role, static_cast<int>(Role::Synthesis), wanted, cv::CMP_EQ);
    return model.run({&facts, 1}, {&wanted, 1}, [](double) {}).front();
}

void probe(const fs::path& networks, const fs::path& folder, const fs::path& out) {
    const InpaintPatch patch = read_patch(folder);
    const auto nothing = [](double) {};

    const Network edge = read_network(networks / "edge");
    write_map(ask(edge, patch, 1)[0], out, "edge");
    // A patch of its own, for the stage changes it
    std::vector<EdgeProblem> problems{{.members = {0},
                                       .view = read_patch(folder),
                                       .owner = cv::Mat_<std::int32_t>(patch.role.size(), 0)}};
    const CleanEdges edges = EdgeStage(edge).find(problems, nothing).front();
    write_map(edges.cuts, out, "cuts");
    write_map(edges.paths, out, "paths");
    if (fs::exists(folder / "probability.npy")) {
        const CleanEdges drawn =
            clean_edges(patch, {.near_side = read_map(folder, "probability")}, edge.card.threshold);
        write_map(drawn.cuts, out, "drawn_cuts");
    }

    const Network depth = read_network(networks / "depth");
    write_map(ask(depth, patch, 1)[0], out, "log_depth");
    const DepthStage stage(depth);
    const Facts facts = measure(patch, stage.fact_options(), stage.needs());
    write_map(stage.fill({&facts, 1}, nothing).front(), out, "filled_disparity");

    const auto color = ask(read_network(networks / "color"), patch, 3);
    for (std::size_t c = 0; c < color.size(); ++c)
        write_map(color[c], out, "color_" + std::to_string(c));
}

}  // namespace

int main(int count, char** values) {
    if (count != 4)
        return 1;
    try {
        probe(values[1], values[2], values[3]);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
