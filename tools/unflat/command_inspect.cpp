// SPDX-License-Identifier: MIT
#include "unflat/io.h"

#include "console.h"
#include "inputs.h"
#include "inspect_pictures.h"
#include "networks.h"
#include "options.h"
#include "output.h"
#include "report.h"

#include <array>
#include <memory>
#include <utility>

namespace unflat::program {

namespace {

struct InspectOptions {
    std::filesystem::path photo;
    std::filesystem::path folder;
    CommonOptions common;
};

/// Writes pictures as they come, numbered so that their names sort in the order of the stages.
class Album {
public:
    Album(std::filesystem::path folder, Console& console, Report& report)
        : folder_(std::move(folder)), console_(console), report_(report) {}

    void add(const std::string& name, const Picture& picture) {
        const std::string number = std::to_string(pictures_.size() + 1);
        const std::string padding(number.size() < 2 ? 1 : 0, '0');
        pictures_.push_back({padding + number + "-" + name, picture});
        write(pictures_.back());
    }

    void add_contact_sheet() { write({"00-contact-sheet", draw_contact_sheet(pictures_)}); }

private:
    void write(const NamedPicture& picture) {
        const StageTimer timer(console_, "write");
        const std::filesystem::path file = folder_ / (picture.name + ".png");
        write_picture(picture.rgb, file);
        report_.files.push_back(file);
    }

    std::filesystem::path folder_;
    Console& console_;
    Report& report_;
    std::vector<NamedPicture> pictures_;
};

/// Keeps a picture of the regions of every round.
class RegionObserver : public InpaintObserver {
public:
    explicit RegionObserver(Picture photo) : photo_(std::move(photo)) {}

    void on_round(int round, std::span<const InpaintPatch> patches,
                  std::span<const Synthesis>) override {
        pictures_.push_back(
            {"regions-round-" + std::to_string(round), draw_regions(photo_, patches)});
    }

    const std::vector<NamedPicture>& pictures() const { return pictures_; }

private:
    Picture photo_;
    std::vector<NamedPicture> pictures_;
};

void add_depth_pictures(Album& album, const Scene& scene, const DisparityMap& before) {
    double least = 0, most = 0;
    cv::minMaxLoc(before.values, &least, &most);
    album.add("depth-as-given", draw_in_colors(before.values, least, most));
    album.add("depth-sharpened", draw_in_colors(scene.disparity.values, least, most));
    album.add("depth-sharpened-grey", draw_in_grey(scene.disparity.values, least, most));
    album.add("depth-before-and-after",
              draw_sharpening(before.values, scene.disparity.values, scene.edges));
    album.add("depth-edges", draw_edges(scene.photo.rgb, scene.edges));
}

void add_layer_pictures(Album& album, const Ldi& ldi) {
    for (int layer = 0; layer < layer_count(ldi); ++layer) {
        album.add("layer-" + std::to_string(layer), draw_layer(ldi, layer));
        album.add("layer-" + std::to_string(layer) + "-depth", draw_layer_disparity(ldi, layer));
    }
}

void add_view_pictures(Album& album, const Scene& scene, Console& console) {
    album.add("view-own", draw_holes(scene.mesh, {.pose = {}, .camera = scene.photo.camera}));
    for (const CameraPath& path : scene.paths) {
        int number = 0;
        for (const View& view : extreme_views(path)) {
            const StageTimer timer(console, "render");
            album.add("view-" + path.name + "-" + std::to_string(++number),
                      draw_holes(scene.mesh, view));
        }
    }
}

int inspect(const InspectOptions& options, Console& console, Report& report) {
    const ChosenNetworks networks = choose_networks(options.common);
    Inputs inputs = read_inputs(options.photo, options.common, kDefaultLongSide, console);
    report.depth = inputs.depth_source;
    prepare_folder(options.folder);
    DisparityMap before;
    name_files(inputs,
               [&] { before = prepare_depth(inputs.photo, inputs.depth, {.sharpen = false}); });

    SceneOptions asked = scene_options(inputs, options.common);
    RegionObserver regions(inputs.photo.rgb);
    asked.inpaint.observer = &regions;
    const Scene scene = make_scene(inputs, asked, networks, console);
    report.add_scene(scene);

    Album album(options.folder, console, report);
    album.add("photo", scene.photo.rgb);
    add_depth_pictures(album, scene, before);
    for (const NamedPicture& picture : regions.pictures())
        album.add(picture.name, picture.rgb);
    add_layer_pictures(album, scene.ldi);
    album.add("atlas", scene.mesh.atlas);
    album.add("mesh", draw_wireframe(scene.photo.rgb, scene.mesh));
    add_view_pictures(album, scene, console);
    album.add_contact_sheet();
    return 0;
}

}  // namespace

void add_inspect(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<InspectOptions>();
    CLI::App* command = app.add_subcommand("inspect", "Write pictures of every stage");
    command->add_option("PHOTO", options->photo, "Photo")->required()->type_name("");
    command->add_option("-o", options->folder, "Folder for the pictures")
        ->required()
        ->type_name("DIR");
    add_common_options(*command, options->common);
    command->callback([options, &invocation] {
        options->common.models = invocation.models;
        invocation.run = [options](Console& console, Report& report) {
            return inspect(*options, console, report);
        };
    });
}

}  // namespace unflat::program
