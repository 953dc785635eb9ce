// SPDX-License-Identifier: MIT
#include "inputs.h"

#include "unflat/error.h"
#include "unflat/io.h"

#include "console.h"
#include "networks.h"
#include "options.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace unflat::program {

namespace {

std::optional<DepthKind> depth_kind(const std::string& name) {
    if (name == "disparity")
        return DepthKind::Disparity;
    if (name == "depth")
        return DepthKind::Depth;
    if (name == "inverse-depth")
        return DepthKind::InverseDepth;
    return std::nullopt;
}

Fill fill_named(const std::string& name) {
    if (name == "diffusion")
        return Fill::Diffusion;
    if (name == "stretch")
        return Fill::Stretch;
    if (name == "none")
        return Fill::None;
    return Fill::Patch;
}

void check_focus(const CommonOptions& options, cv::Size size) {
    if (!options.focus)
        return;
    const cv::Point2f& p = *options.focus;
    const bool inside = p.x >= 0 && p.y >= 0 && p.x <= static_cast<float>(size.width) &&
                        p.y <= static_cast<float>(size.height);
    if (!inside)
        throw Error(ErrorKind::InvalidInput, "--focus must lie inside the photo, which has " +
                                                 std::to_string(size.width) + " x " +
                                                 std::to_string(size.height) + " pixels");
}

// The depth of a photo that comes without: a network looks at it
DepthMap guess_depth(const Inputs& inputs, const CommonOptions& options, Console& console) {
    const StageTimer timer(console, "estimate");
    const std::string photo = "'" + inputs.photo_file.string() + "'";
    try {
        EstimatedDepth found = estimate_depth(inputs.photo, options);
        console.note("the depth of " + photo + " is what the network " + found.network +
                     " makes of it");
        return std::move(found.depth);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Unsupported)
            throw;
        if (!options.depth_network.empty())
            throw Error(ErrorKind::Unsupported,
                        std::string("--depth-network cannot be done: ") + error.what());
        throw Error(ErrorKind::InvalidInput,
                    photo + " has no depth: give --depth FILE (" + error.what() + ")");
    }
}

}  // namespace

Inputs read_inputs(const std::filesystem::path& photo, const CommonOptions& options,
                   int default_long_side, Console& console) {
    Inputs inputs{.photo_file = photo, .depth_file = options.depth};
    std::optional<StageTimer> timer(std::in_place, console, "read");
    const Photo whole = read_photo(photo, {.focal = options.focal}, &console);
    check_focus(options, whole.rgb.size());
    inputs.photo = reduce_photo(whole, options.long_side.value_or(default_long_side));
    inputs.scale = static_cast<float>(std::max(inputs.photo.rgb.rows, inputs.photo.rgb.cols)) /
                   static_cast<float>(std::max(whole.rgb.rows, whole.rgb.cols));

    if (options.depth.empty()) {
        timer.reset();
        inputs.depth = guess_depth(inputs, options, console);
        return inputs;
    }
    inputs.depth =
        read_depth(options.depth,
                   {.kind = depth_kind(options.depth_kind), .invalid = options.invalid}, &console);
    return inputs;
}

SceneOptions scene_options(const Inputs& inputs, const CommonOptions& options) {
    SceneOptions scene;
    scene.fill = fill_named(options.fill);
    scene.inpaint.seed = options.seed;
    scene.motion.paths = options.paths;
    scene.motion.motion = options.motion;
    if (options.focus)
        scene.motion.focus = *options.focus * inputs.scale;
    scene.motion.loop = !options.no_loop;
    scene.motion.fps = options.fps.value_or(scene.motion.fps);
    scene.motion.frame_count = options.frames;
    return scene;
}

void name_files(const Inputs& inputs, const std::function<void()>& use) {
    try {
        use();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::InvalidInput)
            throw;
        const std::string depth = inputs.depth_file.empty()
                                      ? "what the network makes of it"
                                      : "'" + inputs.depth_file.string() + "'";
        throw Error(error.kind(), "cannot use " + depth + " for '" + inputs.photo_file.string() +
                                      "': " + error.what());
    }
}

Scene make_scene(Inputs& inputs, const SceneOptions& options, const ChosenNetworks& networks,
                 Console& console) {
    if (!networks.note.empty())
        console.note(networks.note);
    Scene scene;
    name_files(inputs, [&] {
        scene = build_scene(std::move(inputs.photo), inputs.depth, options,
                            networks.inpainter.get(), &console);
    });
    return scene;
}

}  // namespace unflat::program
