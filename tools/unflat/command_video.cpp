// SPDX-License-Identifier: MIT
#include "unflat/io.h"

#include "console.h"
#include "inputs.h"
#include "networks.h"
#include "options.h"
#include "output.h"
#include "report.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace unflat::program {

namespace {

struct VideoCommandOptions {
    std::filesystem::path photo;
    std::filesystem::path file;
    std::string path;
    CommonOptions common;
};

bool is_preset(const std::string& name) {
    const std::vector<std::string>& names = preset_path_names();
    return std::find(names.begin(), names.end(), name) != names.end();
}

// The file's own numbers hold unless others are asked for
KeyedPath read_keys(const std::string& file, const CommonOptions& options, float scale) {
    KeyedPath path = read_path(file);
    path.fps = options.fps.value_or(path.fps);
    path.loop = path.loop && !options.no_loop;
    if (options.focus)
        path.focus = options.focus;
    if (path.focus)
        *path.focus *= scale;
    return path;
}

int write(const VideoCommandOptions& options, Console& console, Report& report) {
    check_ending(options.file, {".mp4"});
    const bool has_asset = is_asset(options.photo);
    const ChosenNetworks networks = has_asset ? ChosenNetworks() : choose_networks(options.common);
    Inputs inputs;
    if (!has_asset) {
        inputs = read_inputs(options.photo, options.common, kDefaultLongSide, console);
        report.depth = inputs.depth_source;
    }

    SceneOptions asked = scene_options(inputs, options.common);
    asked.motion.paths.clear();
    if (is_preset(options.path))
        asked.motion.paths = {options.path};
    else
        asked.motion.keyed_paths = {read_keys(options.path, options.common, inputs.scale)};
    prepare_file(options.file);
    Scene scene = has_asset ? read_scene(options.photo, options.common, asked, console)
                            : make_scene(inputs, asked, networks, console);
    report.add_scene(scene);
    scene.ldi = Ldi();  // a third of the memory, and videos need the mesh alone

    CameraPath path = std::move(scene.paths.front());
    if (!is_preset(options.path))
        path.name = std::filesystem::path(options.path).stem().string();
    report.empty_per_path[path.name] =
        write_video(scene.mesh, path, options.file, options.common.crf, console);
    report.files.push_back(options.file);
    return 0;
}

}  // namespace

void add_video(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<VideoCommandOptions>();
    CLI::App* command = app.add_subcommand("video", "Make one video of a photo");
    command->add_option("PHOTO", options->photo, "Photo, or an asset (.glb)")
        ->required()
        ->type_name("");
    command->add_option("--path", options->path, "Camera path: a preset's name, or a file of keys")
        ->required()
        ->type_name("NAME|FILE.json");
    command->add_option("-o", options->file, "Video to write: .mp4")->required()->type_name("FILE");
    add_common_options(*command, options->common);
    command->callback([options, &invocation] {
        const bool is_file = std::filesystem::path(options->path).extension() == ".json";
        if (!is_preset(options->path) && !is_file)
            throw CLI::ValidationError("--path", "'" + options->path +
                                                     "' is neither dolly-zoom, zoom-in, circle nor "
                                                     "swing nor a file that ends in .json");
        options->common.models = invocation.models;
        invocation.run = [options](Console& console, Report& report) {
            return write(*options, console, report);
        };
    });
}

}  // namespace unflat::program
