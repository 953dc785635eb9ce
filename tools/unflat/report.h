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

/// Where a photo's depth is from.
struct DepthSource {
    const char* from = "";  ///< option, photo (inside it), file (beside it) or network
    std::string name;       ///< of the file or of the network
};

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
        std::string texture_format;  ///< jpeg or webp
        SafeRange safe_range;
    };

    std::vector<std::filesystem::path> files;
    Counts counts;
    std::map<std::string, std::int64_t> empty_per_path;  ///< summed over the frames of each path
    std::optional<std::int64_t> empty_of_view;           ///< of a single view
    nlohmann::ordered_json answer;  ///< of commands that make nothing: their whole --json object
    bool is_printed = false;        ///< the command has said all on standard output itself

    std::optional<AssetReport> asset;  ///< of the last photo
    std::optional<DepthSource> depth;  ///< the same

    void add_scene(const Scene& scene);
    void add_asset(const Asset& asset, const std::string& texture_format);
};

/// The object of --json, as docs/cli.md describes it.
nlohmann::ordered_json to_json(const Report& report, const Console& console);

/// What was chosen for an asset, as a sentence.
std::string in_words(const Report::AssetReport& asset, const std::string& title);

/// Text of a JSON value; names of files that are not UTF-8 get replacement characters.
std::string dump(const nlohmann::ordered_json& json);

/// Prints a line on standard output.
/// @throws Error{Unwritable} if it does not arrive.
void print_line(const std::string& text);

}  // namespace unflat::program
