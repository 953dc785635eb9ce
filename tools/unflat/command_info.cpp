// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "console.h"
#include "inputs.h"
#include "options.h"
#include "report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

namespace unflat::program {

namespace {

using Json = nlohmann::ordered_json;

const char* word_of(FocalSource source) {
    switch (source) {
        case FocalSource::Exif:
            return "EXIF";
        case FocalSource::Embedded:
            return "camera model";
        case FocalSource::Given:
            return "command line";
        case FocalSource::Assumed:
            break;
    }
    return "nothing: the long side is assumed";
}

const char* word_of(DepthKind kind) {
    switch (kind) {
        case DepthKind::Depth:
            return "depth";
        case DepthKind::InverseDepth:
            return "inverse-depth";
        case DepthKind::Disparity:
            break;
    }
    return "disparity";
}

Json describe_inside(const EmbeddedDepthInfo& depth) {
    Json json{{"format", depth.format},
              {"kind", word_of(depth.kind)},
              {"width", depth.size.width},
              {"height", depth.size.height}};
    json["near"] = depth.range ? Json(depth.range->near) : Json();
    json["far"] = depth.range ? Json(depth.range->far) : Json();
    json["unit"] = depth.unit.empty() ? Json() : Json(depth.unit);
    json["metric"] = depth.is_metric;
    json["confidence"] = depth.has_confidence;
    return json;
}

Json describe_photo(const FileInfo& info) {
    Json json{{"format", info.format},
              {"width", info.stored_size.width},
              {"height", info.stored_size.height},
              {"orientation", info.orientation},
              {"channels", info.channel_count},
              {"bits", info.bit_depth},
              {"profile", info.has_profile}};
    json["focal"] = info.focal ? Json(*info.focal) : Json();
    json["focal_from"] = word_of(info.focal_source);
    if (info.principal_point)
        json["principal_point"] = {info.principal_point->x, info.principal_point->y};
    json["depth"] = info.depth ? Json(info.depth->format + " " + info.depth->convention) : Json();
    if (info.depth)
        json["depth_map"] = describe_inside(*info.depth);
    if (info.original_size)
        json["sharp_original"] = {{"width", info.original_size->width},
                                  {"height", info.original_size->height}};
    if (info.is_stereo_pair)
        json["stereo_pair"] = true;
    json["warnings"] = info.warnings;
    return json;
}

// For formats that only hold numbers, such as .npy or .pfm
Json describe_depth(const DepthMap& depth) {
    float least = std::numeric_limits<float>::infinity(), most = -least;
    std::int64_t invalid = 0;
    for (const float value : depth.values) {
        if (std::isnan(value)) {
            ++invalid;
            continue;
        }
        least = std::min(least, value);
        most = std::max(most, value);
    }
    Json json{{"format", "depth map"},
              {"width", depth.values.cols},
              {"height", depth.values.rows},
              {"invalid_pixels", invalid}};
    json["least"] = least <= most ? Json(least) : Json();
    json["most"] = least <= most ? Json(most) : Json();
    return json;
}

Json describe_ldi(const Ldi& ldi) {
    return {{"format", "layered depth image"},
            {"width", ldi.camera.size.width},
            {"height", ldi.camera.size.height},
            {"focal", ldi.camera.focal},
            {"pixels", ldi.pixels.size()},
            {"hidden_pixels", ldi.pixels.size() - ldi.photo_pixel_count()},
            {"true_scale", ldi.true_scale}};
}

Json describe_asset(const StoredAsset& stored) {
    const Mesh& mesh = stored.asset.mesh;
    const AssetNotes& notes = stored.notes;
    const auto triple = [](const cv::Vec3f& p) { return Json{p[0], p[1], p[2]}; };
    return {{"format", "3D photo"},
            {"title", notes.title},
            {"width", mesh.camera.size.width},
            {"height", mesh.camera.size.height},
            {"focal", mesh.camera.focal},
            {"vertices", mesh.positions.size()},
            {"triangles", mesh.triangles.size()},
            {"texture", {mesh.atlas.cols, mesh.atlas.rows}},
            {"texture_bytes", stored.asset.texture.size()},
            {"soft_edges", mesh.blended_triangles},
            {"quantized", stored.asset.grid.step[0] > 0},
            {"true_scale", notes.true_scale},
            {"focus_depth", notes.focus_depth},
            {"safe_range_min", triple(stored.asset.safe_range.min)},
            {"safe_range_max", triple(stored.asset.safe_range.max)},
            {"fill", notes.fill},
            {"networks", notes.networks},
            {"options",
             Json(std::map<std::string, std::string>(notes.options.begin(), notes.options.end()))},
            {"version", notes.version}};
}

Json describe(const std::filesystem::path& file) {
    const std::string ending = file.extension().string();
    if (is_asset(file))
        return describe_asset(read_asset(file));
    if (ending == ".ldi")
        return describe_ldi(read_ldi(file));
    if (ending == ".npy" || ending == ".pfm" || ending == ".exr" || ending == ".pgm")
        return describe_depth(read_depth(file));
    return describe_photo(read_info(file));
}

void put_in_words(const Json& json, const std::string& indent, std::ostream& text) {
    for (const auto& [key, value] : json.items()) {
        std::string name = key;
        std::replace(name.begin(), name.end(), '_', ' ');
        text << "\n" << indent << name << ":";
        if (value.is_object()) {
            put_in_words(value, indent + "  ", text);
            continue;
        }
        text << " ";
        if (value.is_null() || (value.is_array() && value.empty()))
            text << "none";
        else if (value.is_boolean())
            text << (value.get<bool>() ? "yes" : "no");
        else if (value.is_string())
            text << value.get<std::string>();
        else
            text << value.dump();
    }
}

std::string in_words(const std::filesystem::path& file, const Json& json) {
    std::ostringstream text;
    text << file.string();
    put_in_words(json, "  ", text);
    return text.str();
}

}  // namespace

void add_info(CLI::App& app, Invocation& invocation) {
    const auto file = std::make_shared<std::filesystem::path>();
    CLI::App* command = app.add_subcommand("info", "Tell what a file holds");
    command->add_option("FILE", *file, "Photo, depth map, layered depth image or asset (.glb)")
        ->required()
        ->type_name("");
    command->callback([file, &invocation] {
        invocation.run = [file, &invocation](Console&, Report& report) {
            report.answer = describe(*file);
            if (!invocation.json)
                print_line(in_words(*file, report.answer));
            return 0;
        };
    });
}

}  // namespace unflat::program
