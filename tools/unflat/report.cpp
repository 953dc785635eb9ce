// SPDX-License-Identifier: MIT
#include "report.h"

#include "unflat/error.h"

#include "console.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <sstream>

#include <sys/resource.h>

namespace unflat::program {

namespace {

std::int64_t deepest_column(const Ldi& ldi) {
    std::int64_t deepest = 0;
    for (const std::int32_t front : ldi.fronts) {
        std::int64_t depth = 0;
        for (std::int32_t i = front; i >= 0; i = ldi.pixels[static_cast<std::size_t>(i)].behind)
            ++depth;
        deepest = std::max(deepest, depth);
    }
    return deepest;
}

double peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return std::round(static_cast<double>(usage.ru_maxrss) / 102.4) / 10;  // from KiB
}

}  // namespace

void Report::add_scene(const Scene& scene) {
    const auto size = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
    counts.depth_edges += size(scene.edges.edges);
    counts.layers = std::max(counts.layers, deepest_column(scene.ldi));
    counts.pixels += size(scene.ldi.pixels);
    counts.hidden_pixels +=
        size(scene.ldi.pixels) - static_cast<std::int64_t>(scene.ldi.photo_pixel_count());
    counts.vertices += size(scene.mesh.positions);
    counts.triangles += size(scene.mesh.triangles);
}

void Report::add_asset(const Asset& made, const std::string& texture_format) {
    asset = AssetReport{.choice = made.choice,
                        .vertices = static_cast<std::int64_t>(made.mesh.positions.size()),
                        .triangles = static_cast<std::int64_t>(made.mesh.triangles.size()),
                        .texture = made.mesh.atlas.size(),
                        .texture_format = texture_format,
                        .safe_range = made.safe_range};
}

namespace {

nlohmann::ordered_json describe(const Report::AssetReport& asset) {
    const AssetChoice& choice = asset.choice;
    const auto triple = [](const cv::Vec3f& p) { return nlohmann::ordered_json{p[0], p[1], p[2]}; };
    return {{"vertices", asset.vertices},
            {"triangles", asset.triangles},
            {"texture", {asset.texture.width, asset.texture.height}},
            {"texture_format", asset.texture_format},
            {"texture_quality", choice.texture_quality},
            {"full_chroma", choice.full_chroma},
            {"texture_bytes", choice.texture_bytes},
            {"front_scale", choice.front_scale},
            {"hidden_scale", choice.hidden_scale},
            {"error_bound_px", choice.error_bound},
            {"front_psnr_db", std::round(100 * choice.own_view_psnr) / 100},
            {"safe_range",
             {{"min", triple(asset.safe_range.min)}, {"max", triple(asset.safe_range.max)}}}};
}

}  // namespace

nlohmann::ordered_json to_json(const Report& report, const Console& console) {
    nlohmann::ordered_json json;
    json["files"] = nlohmann::ordered_json::array();
    for (const std::filesystem::path& file : report.files)
        json["files"].push_back(file.string());
    json["stages_ms"] = nlohmann::ordered_json::object();
    for (const auto& [stage, milliseconds] : console.stages_ms())
        json["stages_ms"][stage] = std::round(10 * milliseconds) / 10;

    const Report::Counts& counts = report.counts;
    json["counts"] = {{"depth_edges", counts.depth_edges}, {"layers", counts.layers},
                      {"pixels", counts.pixels},           {"hidden_pixels", counts.hidden_pixels},
                      {"vertices", counts.vertices},       {"triangles", counts.triangles}};
    if (report.empty_of_view)
        json["counts"]["empty_pixels"] = *report.empty_of_view;
    else
        json["counts"]["empty_pixels"] = nlohmann::ordered_json(report.empty_per_path);
    if (json["counts"]["empty_pixels"].is_null())
        json["counts"]["empty_pixels"] = nlohmann::ordered_json::object();
    if (report.depth)
        json["depth"] = {{"from", report.depth->from}, {"name", report.depth->name}};
    if (report.asset)
        json["asset"] = describe(*report.asset);
    json["peak_mb"] = peak_megabytes();
    json["warnings"] = console.warnings();
    return json;
}

std::string in_words(const Report::AssetReport& asset, const std::string& title) {
    const AssetChoice& choice = asset.choice;
    std::ostringstream text;
    text << "'" << title << "': " << asset.triangles << " triangles, at most " << choice.error_bound
         << " pixels off; a texture of " << asset.texture.width << " x " << asset.texture.height
         << ", " << asset.texture_format << " of quality " << choice.texture_quality << ", "
         << (choice.texture_bytes + 500) / 1000
         << " KB; where the photo was taken it is the photo to " << std::fixed
         << std::setprecision(1) << choice.own_view_psnr << " dB";
    return text.str();
}

std::string dump(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void print_line(const std::string& text) {
    std::cout << text << std::endl;
    if (!std::cout)
        throw Error(ErrorKind::Unwritable, "cannot write to standard output");
}

}  // namespace unflat::program
