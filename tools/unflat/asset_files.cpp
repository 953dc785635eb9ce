// SPDX-License-Identifier: MIT
#include "asset_files.h"

#include "console.h"
#include "networks.h"
#include "options.h"
#include "output.h"
#include "report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>

namespace unflat::program {

namespace {

namespace fs = std::filesystem;

bool is_asked_for(const CommonOptions& options, const std::string& format) {
    return std::find(options.formats.begin(), options.formats.end(), format) !=
           options.formats.end();
}

std::string number(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

// Options that decide what the asset looks like, where they are not the default
std::vector<std::pair<std::string, std::string>> notable_options(const CommonOptions& options) {
    const CommonOptions usual;
    std::vector<std::pair<std::string, std::string>> list;
    if (options.depth_kind != usual.depth_kind)
        list.emplace_back("depth-kind", options.depth_kind);
    if (options.invalid)
        list.emplace_back("invalid", number(*options.invalid));
    if (options.focal)
        list.emplace_back("focal", number(static_cast<double>(*options.focal)));
    if (options.long_side)
        list.emplace_back("long-side", std::to_string(*options.long_side));
    if (options.seed != usual.seed)
        list.emplace_back("seed", std::to_string(options.seed));
    if (options.motion != usual.motion)
        list.emplace_back("motion", number(static_cast<double>(options.motion)));
    if (options.paths != usual.paths) {
        std::string paths;
        for (const std::string& path : options.paths)
            paths += (paths.empty() ? "" : ",") + path;
        list.emplace_back("paths", paths);
    }
    if (options.texture != usual.texture)
        list.emplace_back("texture", options.texture);
    if (options.soft_edges != usual.soft_edges)
        list.emplace_back("soft-edges", options.soft_edges ? "on" : "off");
    list.emplace_back("asset-size", std::to_string(options.asset_size));
    return list;
}

float focus_depth(const Scene& scene, const std::optional<cv::Point2f>& focus) {
    const cv::Size size = scene.disparity.values.size();
    const cv::Point2f at = focus.value_or(cv::Point2f(size / 2));
    return 1 / scene.disparity.values(std::min(static_cast<int>(at.y), size.height - 1),
                                      std::min(static_cast<int>(at.x), size.width - 1));
}

// What belongs to one file or page
struct Finished {
    Asset asset;
    AssetNotes notes;
};

AssetNotes notes_of(const Scene& scene, const std::string& title,
                    const std::optional<cv::Point2f>& focus, const CommonOptions& options,
                    const ChosenNetworks& networks) {
    const bool automatic = options.fill == "auto";
    return {.version = UNFLAT_VERSION,
            .title = title,
            .true_scale = scene.disparity.true_scale,
            .focus_depth = focus_depth(scene, focus),
            .fill = !automatic           ? options.fill
                    : networks.inpainter ? "network"
                                         : "patch",
            .networks = networks.names,
            .options = notable_options(options)};
}

Finished finish(const Scene& scene, const std::string& title,
                const std::optional<cv::Point2f>& focus, const CommonOptions& options,
                const ChosenNetworks& networks, Console& console, Report& report,
                bool is_told = false) {
    std::vector<View> views;
    for (const CameraPath& path : scene.paths)
        views.insert(views.end(), path.views.begin(), path.views.end());
    const auto codec = options.texture == "webp" ? webp_texture_codec() : jpeg_texture_codec();
    Finished finished{.asset = make_asset(scene.mesh, views, *codec,
                                          {.size = options.asset_size,
                                           .quantize = options.quantize,
                                           .soft_edges = options.soft_edges},
                                          &console),
                      .notes = notes_of(scene, title, focus, options, networks)};
    // Of one that is made twice, with hard edges too, the first is told of
    if (!is_told) {
        report.add_asset(finished.asset, options.texture);
        console.note(in_words(*report.asset, title));
    }
    return finished;
}

std::vector<fs::path> write_one(const Scene& scene, const Finished& finished, const fs::path& file,
                                const CommonOptions& options) {
    if (file.extension() != ".html")
        return write_asset(finished.asset, file, finished.notes, {.compress = options.compress});
    write_html(encode_asset(finished.asset, finished.notes), file,
               page_options(scene, finished.notes.title));
    return {file};
}

}  // namespace

void write_assets(const Scene& scene, const fs::path& base, const std::optional<cv::Point2f>& focus,
                  const CommonOptions& options, const ChosenNetworks& networks, Console& console,
                  Report& report) {
    std::vector<std::string> formats;
    for (const std::string format : {"glb", "html", "usdz", "ply", "obj"})
        if (is_asked_for(options, format))
            formats.push_back(format);
    bool is_told = false;
    const auto write = [&](const CommonOptions& chosen, const auto& is_meant) {
        if (std::none_of(formats.begin(), formats.end(), is_meant))
            return;
        const Finished finished = finish(scene, base.filename().string(), focus, chosen, networks,
                                         console, report, is_told);
        is_told = true;
        const StageTimer timer(console, "write");
        for (const std::string& format : formats) {
            if (!is_meant(format))
                continue;
            const std::vector<fs::path> files =
                write_one(scene, finished, base.string() + "." + format, options);
            report.files.insert(report.files.end(), files.begin(), files.end());
        }
    };
    // The others cannot say how opaque a vertex is: their edges are hard
    const auto knows_opacity = [&](const std::string& format) {
        return !options.soft_edges || format == "glb" || format == "html";
    };
    write(options, knows_opacity);
    CommonOptions hard = options;
    hard.soft_edges = false;
    write(hard, std::not_fn(knows_opacity));
}

std::string encode_page(const Scene& scene, const std::string& title,
                        const std::optional<cv::Point2f>& focus, const CommonOptions& options,
                        const ChosenNetworks& networks, Console& console, Report& report) {
    const Finished finished = finish(scene, title, focus, options, networks, console, report);
    return encode_html(encode_asset(finished.asset, finished.notes), page_options(scene, title));
}

}  // namespace unflat::program
