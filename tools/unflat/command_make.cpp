// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "asset_files.h"
#include "console.h"
#include "depth_sources.h"
#include "inputs.h"
#include "networks.h"
#include "options.h"
#include "output.h"
#include "report.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace unflat::program {

namespace {

namespace fs = std::filesystem;

struct MakeOptions {
    std::vector<fs::path> photos;
    fs::path folder;  ///< empty: NAME.3d beside each photo
    CommonOptions common;
};

fs::path folder_of(const MakeOptions& options, const fs::path& photo) {
    if (!options.folder.empty())
        return options.folder;
    return photo.parent_path() / (photo.stem().string() + ".3d");
}

bool has_format(const CommonOptions& options, const std::string& format) {
    return std::find(options.formats.begin(), options.formats.end(), format) !=
           options.formats.end();
}

// What can be told wrong before any file is read
void check_usage(const MakeOptions& options) {
    if (options.photos.size() > 1 && !options.common.depth.empty())
        throw CLI::ValidationError("--depth", "it is the depth of one photo, and " +
                                                  std::to_string(options.photos.size()) +
                                                  " photos are given");
    if (options.common.texture == "webp")
        for (const char* format : {"usdz", "ply", "obj"})
            if (has_format(options.common, format))
                throw CLI::ValidationError("--texture", std::string("a .") + format +
                                                            " has a JPEG texture; webp is for "
                                                            "glb and html");
    std::set<fs::path> targets;
    for (const fs::path& photo : options.photos) {
        const fs::path target = fs::absolute(folder_of(options, photo) / photo.stem());
        if (!targets.insert(target.lexically_normal()).second)
            throw CLI::ValidationError("PHOTO", "two photos are called '" + photo.stem().string() +
                                                    "' and would be written into one folder");
    }
}

// What was asked for, else what this build can write of the usual ones
void choose_formats(CommonOptions& options, Console& console) {
    const bool given = !options.formats.empty();
    if (!given)
        options.formats = {"glb", "html", "mp4"};
    if (has_viewer() || !has_format(options, "html"))
        return;
    if (given)
        throw Error(ErrorKind::Unsupported,
                    "this build has no viewer, so it cannot write html; it writes glb, mp4, usdz, "
                    "ply and obj");
    options.formats = {"glb", "mp4"};
    console.note("this build has no viewer, so no html is written");
}

void write_videos(const Scene& scene, const fs::path& base, const CommonOptions& options,
                  Console& console, Report& report) {
    if (!has_format(options, "mp4"))
        return;
    for (const CameraPath& path : scene.paths) {
        const fs::path file = base.string() + "-" + path.name + ".mp4";
        report.empty_per_path[path.name] +=
            write_video(scene.mesh, path, file, options.crf, console);
        report.files.push_back(file);
    }
}

void make_one(const fs::path& photo, const MakeOptions& options, const ChosenNetworks& networks,
              Console& console, Report& report) {
    Inputs inputs = read_inputs(photo, options.common, kDefaultLongSide, console);
    report.depth = inputs.depth_source;
    const fs::path folder = folder_of(options, photo);
    prepare_folder(folder);
    const SceneOptions asked = scene_options(inputs, options.common);
    Scene scene = make_scene(inputs, asked, networks, console);
    report.add_scene(scene);
    scene.ldi = Ldi();  // a third of the memory, and videos need the mesh alone

    const fs::path base = folder / photo.stem();
    write_assets(scene, base, asked.motion.focus, options.common, networks, console, report);
    write_videos(scene, base, options.common, console, report);
}

int make(MakeOptions options, Console& console, Report& report) {
    choose_formats(options.common, console);
    const ChosenNetworks networks = choose_networks(options.common);
    const std::vector<fs::path> photos = without_depth_files(options.photos, console);
    int status = 0;
    std::size_t i = 0;
    for (; i < photos.size() && !console.stop_requested(); ++i) {
        const fs::path& photo = photos[i];
        if (photos.size() > 1)
            console.begin(std::to_string(i + 1) + " of " + std::to_string(photos.size()) + ", " +
                          photo.filename().string());
        try {
            make_one(photo, options, networks, console, report);
        } catch (...) {
            const int failure = report_failure(console);
            status = status == 0 ? failure : status;
        }
    }
    if (i < photos.size() && status == 0)
        throw Error(ErrorKind::Cancelled, "stopped on request");
    return status;
}

}  // namespace

void add_make(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<MakeOptions>();
    CLI::App* command = app.add_subcommand("make", "Make meshes, pages and videos of photos");
    command->add_option("PHOTO", options->photos, "Photos")->required()->type_name("");
    command->add_option("-o", options->folder, "Folder for what is made (NAME.3d beside the photo)")
        ->type_name("DIR");
    add_common_options(*command, options->common);
    command->callback([options, &invocation] {
        check_usage(*options);
        options->common.models = invocation.models;
        invocation.run = [options](Console& console, Report& report) {
            return make(*options, console, report);
        };
    });
}

}  // namespace unflat::program
