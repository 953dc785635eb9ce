// SPDX-License-Identifier: MIT
#include "unflat/io.h"

#include "console.h"
#include "inputs.h"
#include "networks.h"
#include "options.h"
#include "output.h"
#include "report.h"

#include <memory>
#include <utility>

namespace unflat::program {

namespace {

struct RenderCommandOptions {
    std::filesystem::path photo;
    std::filesystem::path file;
    Pose pose;
    CommonOptions common;
};

Pose parse_pose(const std::string& text) {
    std::vector<float> numbers = parse_numbers("--pose", text, 3, 6);
    numbers.resize(6, 0);
    return {.position = {numbers[0], numbers[1], numbers[2]},
            .yaw = numbers[3],
            .pitch = numbers[4],
            .roll = numbers[5]};
}

Scene scene_of(const RenderCommandOptions& options, Console& console, Report& report) {
    const bool has_asset = is_asset(options.photo);
    const ChosenNetworks networks = has_asset ? ChosenNetworks() : choose_networks(options.common);
    Inputs inputs;
    if (!has_asset) {
        inputs = read_inputs(options.photo, options.common, 0, console);
        report.depth = inputs.depth_source;
    }
    prepare_file(options.file);

    SceneOptions asked = scene_options(inputs, options.common);
    asked.motion.paths.clear();
    asked.motion.poses = {options.pose};
    return has_asset ? read_scene(options.photo, options.common, asked, console)
                     : make_scene(inputs, asked, networks, console);
}

int render(const RenderCommandOptions& options, Console& console, Report& report) {
    check_ending(options.file, {".png", ".jpg"});
    const Scene scene = scene_of(options, console, report);
    report.add_scene(scene);

    Frame frame;
    {
        const StageTimer timer(console, "render");
        frame = Renderer(scene.mesh).render(scene.poses.front());
    }
    const StageTimer timer(console, "write");
    write_picture(frame.rgb, options.file);
    report.empty_of_view = frame.empty_pixels;
    report.files.push_back(options.file);
    return 0;
}

}  // namespace

void add_render(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<RenderCommandOptions>();
    CLI::App* command = app.add_subcommand("render", "Render one view of a photo");
    command->add_option("PHOTO", options->photo, "Photo, or an asset (.glb)")
        ->required()
        ->type_name("");
    command->add_option("-o", options->file, "Picture to write: .png or .jpg")
        ->required()
        ->type_name("FILE");
    command
        ->add_option_function<std::string>(
            "--pose", [options](const std::string& text) { options->pose = parse_pose(text); },
            "Where the camera stands (x right, y down, z forward; in scene units) and how it is "
            "turned (degrees)")
        ->required()
        ->type_name("TX,TY,TZ[,YAW,PITCH,ROLL]");
    add_common_options(*command, options->common);
    command->callback([options, &invocation] {
        options->common.models = invocation.models;
        invocation.run = [options](Console& console, Report& report) {
            return render(*options, console, report);
        };
    });
}

}  // namespace unflat::program
