// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/scene.h"

#include "report.h"

#include <filesystem>
#include <functional>

namespace unflat::program {

class Console;
struct ChosenNetworks;
struct CommonOptions;

/// Long side to which make, video and inspect reduce a photo if nothing is asked for [pixels].
inline constexpr int kDefaultLongSide = 960;

/// A photo, reduced as asked, and its depth as the file has it.
struct Inputs {
    std::filesystem::path photo_file;
    std::string depth_name;  ///< what its depth is, in words
    DepthSource depth_source;
    Photo photo;
    DepthMap depth;
    float scale = 1;  ///< side of the reduced photo over that of the upright one
};

/// Reads the photo, then its depth, and says what was taken where nobody named it: --depth, what
/// the photo's file holds, a file beside it, what a network makes of it.
/// @throws Error{InvalidInput} if there is no depth, Error{Unsupported} if it is asked of a network
/// by name that cannot tell it, and what the readers throw.
Inputs read_inputs(const std::filesystem::path& photo, const CommonOptions& options,
                   int default_long_side, Console& console);

/// Options of the pipeline for the preset paths that were asked for.
SceneOptions scene_options(const Inputs& inputs, const CommonOptions& options);

/// True for the name of an asset, which is looked at instead of a photo.
bool is_asset(const std::filesystem::path& file);

/// An asset as a scene: its mesh, and the paths and poses that are asked for. Options that say how
/// a scene is made mean nothing to it.
Scene read_scene(const std::filesystem::path& file, const CommonOptions& options,
                 const SceneOptions& asked, Console& console);

/// Runs `use`, and names both files in what it throws about its input.
void name_files(const Inputs& inputs, const std::function<void()>& use);

/// All stages; consumes the inputs' pixels. Says why `auto` is not networks.
Scene make_scene(Inputs& inputs, const SceneOptions& options, const ChosenNetworks& networks,
                 Console& console);

}  // namespace unflat::program
