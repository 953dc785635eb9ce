// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"
#include "unflat/scene.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace unflat::program {

class Console;

/// What a command made, for the list of files and the object of --json. Counts of several photos
/// are added up (layers: the most of any).
struct Report {
    struct Counts {
        std::int64_t depth_edges = 0;
        std::int64_t layers = 0;         ///< pixels in the deepest column
        std::int64_t pixels = 0;         ///< of the layered depth image
        std::int64_t hidden_pixels = 0;  ///< of these, not of the photo
        std::int64_t vertices = 0;
        std::int64_t triangles = 0;
    };

    /// What was chosen for an asset.
    struct AssetReport {
        AssetChoice choice;
        std::int64_t vertices = 0;
        std::int64_t triangles = 0;
        cv::Size texture;
        SafeRange safe_range;
    };

    std::vector<std::filesystem::path> files;
    Counts counts;
    std::map<std::string, std::int64_t> empty_per_path;  ///< summed over the frames of each path
    std::optional<std::int64_t> empty_of_view;           ///< of a single view
    nlohmann::ordered_json answer;  ///< of commands that make nothing: their whole --json object
    bool is_printed = false;        ///< the command has said all on standard output itself

    std::optional<AssetReport> asset;  ///< of the last photo

    void add_scene(const Scene& scene);
    void add_asset(const Asset& asset);
};

/// The object of --json, as docs/cli.md describes it.
nlohmann::ordered_json to_json(const Report& report, const Console& console);

/// Text of a JSON value; names of files that are not UTF-8 get replacement characters.
std::string dump(const nlohmann::ordered_json& json);

/// Prints a line on standard output.
/// @throws Error{Unwritable} if it does not arrive.
void print_line(const std::string& text);

}  // namespace unflat::program
