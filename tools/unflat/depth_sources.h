// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/depth.h"
#include "unflat/io.h"

#include "report.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace unflat::program {

class Console;
struct CommonOptions;

/// Depth of a photo, and where it was found.
struct FoundDepth {
    DepthMap map;
    std::string name;  ///< what it is, in words
    std::string note;  ///< what was taken, where nobody named it
    DepthSource source;
    bool is_estimate = false;  ///< a network told it
};

/// How to read depth, by --depth-kind, --depth-range and --invalid.
ReadDepthOptions read_depth_options(const CommonOptions& options);

/// The names that --depth-kind knows.
std::vector<std::string> depth_kind_names();

/// The file beside a photo that holds its depth by its name: NAME_depth.png, .jpg, .jpeg or
/// NAME.npy, .pfm, .exr; empty if there is none. `never` is a file that is not meant.
std::filesystem::path file_beside(const std::filesystem::path& photo,
                                  const std::filesystem::path& never);

/// The best depth that was given or can be had: --depth or --depth-network, else what the photo
/// carries, else a file beside it, else what a network makes of the photo. What a file that was not
/// named makes impossible is a warning.
/// @throws Error{InvalidInput} if there is none, Error{Unsupported} if it is asked of a network by
/// name that cannot tell it.
FoundDepth find_depth(const std::filesystem::path& file, const Photo& photo,
                      const CommonOptions& options, Console& console);

/// Photos without those that are the depth of another one among them, each of which is told.
std::vector<std::filesystem::path> without_depth_files(
    const std::vector<std::filesystem::path>& photos, Console& console);

/// Warns if the depth looks as if near and far were exchanged; where columns leave it open, a
/// network is asked, if there is one.
void check_depth(const FoundDepth& depth, const Photo& photo, const CommonOptions& options,
                 Console& console);

}  // namespace unflat::program
