// SPDX-License-Identifier: MIT
#include "inputs.h"

#include "unflat/error.h"
#include "unflat/io.h"

#include "console.h"
#include "depth_sources.h"
#include "networks.h"
#include "options.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace unflat::program {

namespace {

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

// What was taken where nobody said it
void tell_sources(const Inputs& inputs, const FoundDepth& depth, Console& console) {
    const std::string name = "'" + inputs.photo_file.string() + "'";
    if (!depth.note.empty())
        console.note(depth.note);
    if (!inputs.photo.focal_known)
        console.note(name +
                     " does not say its focal length: 53 degrees along its long side are assumed");
}

}  // namespace

Inputs read_inputs(const std::filesystem::path& photo, const CommonOptions& options,
                   int default_long_side, Console& console) {
    std::optional<StageTimer> timer(std::in_place, console, "read");
    Inputs inputs{.photo_file = photo};
    const Photo whole =
        read_photo(photo,
                   {.focal = options.focal,
                    .embedded_depth = options.depth.empty() && options.depth_network.empty(),
                    .depth = read_depth_options(options)},
                   &console);
    if (whole.is_stereo_left)
        console.note("'" + photo.string() + "' is a stereo pair: its left picture is the photo");
    check_focus(options, whole.rgb.size());
    inputs.photo = reduce_photo(whole, options.long_side.value_or(default_long_side));
    inputs.scale = static_cast<float>(std::max(inputs.photo.rgb.rows, inputs.photo.rgb.cols)) /
                   static_cast<float>(std::max(whole.rgb.rows, whole.rgb.cols));

    timer.reset();
    FoundDepth found = find_depth(photo, inputs.photo, options, console);
    tell_sources(inputs, found, console);
    if (options.depth_kind == "auto")
        check_depth(found, inputs.photo, options, console);
    inputs.depth_name = found.name;
    inputs.depth_source = found.source;
    inputs.depth = std::move(found.map);
    inputs.photo.depth.reset();
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

bool is_asset(const std::filesystem::path& file) {
    std::string ending = file.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return ending == ".glb";
}

Scene read_scene(const std::filesystem::path& file, const CommonOptions& options,
                 const SceneOptions& asked, Console& console) {
    if (!options.depth.empty())
        throw Error(ErrorKind::InvalidInput,
                    "'" + file.string() + "' is an asset, which has a depth: give no --depth");
    const StageTimer timer(console, "read");
    StoredAsset stored = read_asset(file);
    Scene scene{.mesh = std::move(stored.asset.mesh)};
    check_focus(options, scene.mesh.camera.size);
    scene.disparity = {.values = seen_disparity(scene.mesh), .true_scale = stored.notes.true_scale};
    // What was in focus stays so, whatever simplification did to that place
    cv::Mat_<float>& values = scene.disparity.values;
    if (!options.focus && stored.notes.focus_depth > 0)
        values(values.rows / 2, values.cols / 2) = 1 / stored.notes.focus_depth;
    Motion motion = plan_motion(scene.mesh.camera, scene.disparity, asked.motion);
    scene.paths = std::move(motion.paths);
    scene.poses = std::move(motion.poses);
    return scene;
}

void name_files(const Inputs& inputs, const std::function<void()>& use) {
    try {
        use();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::InvalidInput)
            throw;
        throw Error(error.kind(), "cannot use " + inputs.depth_name + " for '" +
                                      inputs.photo_file.string() + "': " + error.what());
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
