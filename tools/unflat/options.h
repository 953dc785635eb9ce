// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"
#include "unflat/depth.h"
#include "unflat/inpaint.h"
#include "unflat/io.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <opencv2/core.hpp>

namespace unflat::program {

class Console;
struct Report;

/// What make, depth, render, video and inspect have in common; docs/cli.md describes each.
struct CommonOptions {
    std::filesystem::path depth;  ///< empty: none given
    std::string depth_kind = "auto";
    std::string depth_network;  ///< that tells depth where there is none; empty: the usual one
    std::optional<DepthRange> depth_range;  ///< of kinds whose numbers span a range
    std::optional<double> invalid;
    std::optional<float> focal;    ///< [pixels of the upright photo]
    std::optional<int> long_side;  ///< [pixels]; nothing: the command's default
    std::string fill = "auto";
    std::filesystem::path models;      ///< where networks are looked for; empty: the usual places
    std::filesystem::path output;      ///< a depth map to be written, not the photo's depth
    std::vector<std::string> formats;  ///< what make writes; empty: the usual ones
    std::vector<std::string> paths = preset_path_names();
    float motion = 1;
    std::optional<cv::Point2f> focus;  ///< [pixels of the upright photo]
    bool no_loop = false;
    std::optional<float> fps;
    int frames = 240;
    int crf = 18;
    std::int64_t asset_size = 500'000;  ///< [bytes]
    bool quantize = true;               ///< the asset's vertices
    bool soft_edges = true;             ///< the asset's silhouettes, in .glb and pages
    bool compress = false;              ///< the asset's vertices, by meshopt
    std::string texture = "jpeg";       ///< of the asset: jpeg or webp
    std::uint32_t seed = 0;
};

/// What was asked for on the command line.
struct Invocation {
    bool quiet = false;
    bool json = false;
    std::optional<int> threads;
    std::filesystem::path models;  ///< where networks are looked for; empty: nowhere else

    /// Does the work; returns an exit status or throws.
    std::function<int(Console&, Report&)> run;
};

/// Adds --help, --version, --quiet, --json, --threads and --models.
void add_program_options(CLI::App& command, Invocation& invocation);
/// Adds all of CommonOptions.
void add_common_options(CLI::App& command, CommonOptions& options);

/// The numbers of a text such as "0.1,-2,3".
/// @throws CLI::ValidationError naming `option` unless it holds between `least` and `most` finite
/// numbers.
std::vector<float> parse_numbers(const std::string& option, const std::string& text,
                                 std::size_t least, std::size_t most);

/// Every command adds itself to the program and, when chosen, puts its work into `invocation`.
void add_make(CLI::App& app, Invocation& invocation);
void add_depth(CLI::App& app, Invocation& invocation);
void add_render(CLI::App& app, Invocation& invocation);
void add_video(CLI::App& app, Invocation& invocation);
void add_inspect(CLI::App& app, Invocation& invocation);
void add_info(CLI::App& app, Invocation& invocation);
void add_models(CLI::App& app, Invocation& invocation);
void add_view(CLI::App& app, Invocation& invocation);

}  // namespace unflat::program
