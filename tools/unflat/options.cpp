// SPDX-License-Identifier: MIT
#include "options.h"

#include "depth_sources.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

namespace unflat::program {

namespace {

// A finite number within bounds; CLI::Range lets NaN pass
CLI::Validator between(double least, double most) {
    const auto number = [](double value) {
        std::string text = std::to_string(value);
        text.erase(text.find_last_not_of('0') + 1);
        return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
    };
    const std::string range = "from " + number(least) + " to " + number(most);
    return CLI::Validator(
        [least, most, range](std::string& text) {
            char* end = nullptr;
            const double value = std::strtod(text.c_str(), &end);
            const bool whole = end != text.c_str() && *end == '\0';
            return whole && value >= least && value <= most
                       ? std::string()
                       : "'" + text + "' is not a number " + range;
        },
        "");
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (true) {
        const std::size_t comma = text.find(',', begin);
        parts.push_back(text.substr(begin, comma - begin));
        if (comma == std::string::npos)
            return parts;
        begin = comma + 1;
    }
}

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

// A list of words from a fixed set, each once
void add_list(CLI::App& command, const std::string& name, std::vector<std::string>& list,
              const std::vector<std::string>& known, const std::string& help,
              const std::string& group) {
    const auto parse = [&list, name, known](const std::string& text) {
        list.clear();
        for (const std::string& word : split(text)) {
            if (std::find(known.begin(), known.end(), word) == known.end())
                throw CLI::ValidationError(name, "'" + word + "' is none of " + join(known));
            if (std::find(list.begin(), list.end(), word) == list.end())
                list.push_back(word);
        }
    };
    command.add_option_function<std::string>(name, parse, help)->type_name("A,B,...")->group(group);
}

void add_depth_options(CLI::App& command, CommonOptions& options) {
    const std::string group = "Photo and depth";
    command.add_option("--depth", options.depth, "Depth of the photo")
        ->type_name("FILE")
        ->group(group);
    command.add_option("--depth-kind", options.depth_kind, "What its numbers mean")
        ->check(CLI::IsMember(depth_kind_names()))
        ->type_name("auto|disparity|depth|inverse-depth|mm|...")
        ->group(group);
    command
        .add_option_function<std::string>(
            "--depth-range",
            [&options](const std::string& text) {
                const std::vector<float> ends = parse_numbers("--depth-range", text, 2, 2);
                if (!(ends[0] > 0 && ends[1] > ends[0]))
                    throw CLI::ValidationError("--depth-range", "0 < NEAR < FAR is needed");
                options.depth_range =
                    DepthRange{static_cast<double>(ends[0]), static_cast<double>(ends[1])};
            },
            "Nearest and farthest depth, for kinds whose numbers span a range")
        ->type_name("NEAR,FAR")
        ->group(group);
    command
        .add_option("--depth-network", options.depth_network,
                    "Network that tells the depth, whatever the photo's file holds")
        ->type_name("NAME")
        ->excludes("--depth")
        ->group(group);
    command.add_option("--invalid", options.invalid, "The number in the file that means 'unknown'")
        ->type_name("VALUE")
        ->group(group);
    command.add_option("--focal", options.focal, "Focal length in pixels of the photo")
        ->check(between(0.001, 1e9))
        ->type_name("PX")
        ->group(group);
    command
        .add_option("--long-side", options.long_side,
                    "Reduce the photo to this long side first; 0: as it is")
        ->check(between(0, 65535))
        ->type_name("PX")
        ->group(group);
}

void add_scene_options(CLI::App& command, CommonOptions& options) {
    const std::string group = "Scene";
    command.add_option("--fill", options.fill, "How hidden parts are filled")
        ->check(CLI::IsMember({"auto", "network", "patch", "diffusion", "stretch", "none"}))
        ->type_name("auto|network|patch|diffusion|stretch|none")
        ->group(group);
    command.add_option("--seed", options.seed, "Of fills that draw random numbers")
        ->check(between(0, std::numeric_limits<std::uint32_t>::max()))
        ->type_name("N")
        ->group(group);
    add_list(command, "--formats", options.formats, {"glb", "html", "mp4", "usdz", "ply", "obj"},
             "What make writes: glb, html, mp4, usdz, ply, obj (the first three)", group);
}

// A number of bytes, such as 500k or 2M
std::int64_t parse_size(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const std::string unit(end);
    const double factor = unit == "k" ? 1e3 : unit == "M" ? 1e6 : unit.empty() ? 1 : 0;
    constexpr double kLeast = 10e3, kMost = 1e9;
    const double bytes = value * factor;
    if (end == text.c_str() || !(bytes >= kLeast && bytes <= kMost))
        throw CLI::ValidationError(
            "--asset-size", "'" + text + "' is not a size from 10k to 1000M, such as 500k or 2M");
    return static_cast<std::int64_t>(bytes);
}

void add_asset_options(CLI::App& command, CommonOptions& options) {
    const std::string group = "Asset";
    command
        .add_option_function<std::string>(
            "--asset-size",
            [&options](const std::string& text) { options.asset_size = parse_size(text); },
            "What a .glb may have at most (500k)")
        ->type_name("BYTES")
        ->group(group);
    command
        .add_option_function<std::string>(
            "--compress",
            [&options](const std::string& text) { options.compress = text == "meshopt"; },
            "Compress a .glb's vertices too, for viewers that know EXT_meshopt_compression")
        ->check(CLI::IsMember({"none", "meshopt"}))
        ->type_name("none|meshopt")
        ->group(group);
    command
        .add_option_function<std::string>(
            "--quantize", [&options](const std::string& text) { options.quantize = text == "on"; },
            "Off: vertices as floats, for programs that do not know KHR_mesh_quantization")
        ->check(CLI::IsMember({"on", "off"}))
        ->type_name("on|off")
        ->group(group);
    command
        .add_option("--texture", options.texture,
                    "Webp: a finer texture in a .glb, for viewers that know EXT_texture_webp")
        ->check(CLI::IsMember({"jpeg", "webp"}))
        ->type_name("jpeg|webp")
        ->group(group);
    command
        .add_option_function<std::string>(
            "--soft-edges",
            [&options](const std::string& text) { options.soft_edges = text == "on"; },
            "Silhouettes of the .glb are blended with what is behind them")
        ->check(CLI::IsMember({"on", "off"}))
        ->type_name("on|off")
        ->group(group);
}

void add_motion_options(CLI::App& command, CommonOptions& options) {
    const std::string group = "Motion and video";
    add_list(command, "--paths", options.paths, preset_path_names(),
             "Camera paths: " + join(preset_path_names()), group);
    command.add_option("--motion", options.motion, "Factor on how far the camera moves")
        ->check(between(0, 100))
        ->type_name("K")
        ->group(group);
    command
        .add_option_function<std::string>(
            "--focus",
            [&options](const std::string& text) {
                const std::vector<float> point = parse_numbers("--focus", text, 2, 2);
                options.focus = cv::Point2f(point[0], point[1]);
            },
            "Pixel of the photo that keeps its size in a dolly zoom")
        ->type_name("X,Y")
        ->group(group);
    command.add_flag("--no-loop", options.no_loop, "One way instead of forth and back")
        ->group(group);
    command.add_option("--fps", options.fps, "Frames per second (40)")
        ->check(between(1, 1000))
        ->type_name("N")
        ->group(group);
    command.add_option("--frames", options.frames, "Frames of a video (240)")
        ->check(between(1, 100000))
        ->type_name("N")
        ->group(group);
    command.add_option("--crf", options.crf, "Quality of a video, 0 (lossless) to 51 (18)")
        ->check(between(0, 51))
        ->type_name("N")
        ->group(group);
}

}  // namespace

std::vector<float> parse_numbers(const std::string& option, const std::string& text,
                                 std::size_t least, std::size_t most) {
    std::vector<float> numbers;
    for (const std::string& word : split(text)) {
        char* end = nullptr;
        numbers.push_back(std::strtof(word.c_str(), &end));
        if (end == word.c_str() || *end != '\0' || !std::isfinite(numbers.back()))
            throw CLI::ValidationError(option, "'" + word + "' is not a number");
    }
    if (numbers.size() < least || numbers.size() > most) {
        const std::string count = least == most
                                      ? std::to_string(least)
                                      : std::to_string(least) + " to " + std::to_string(most);
        throw CLI::ValidationError(option, "'" + text + "' has " + std::to_string(numbers.size()) +
                                               " numbers, " + count + " are needed");
    }
    return numbers;
}

void add_program_options(CLI::App& command, Invocation& invocation) {
    command.set_version_flag("--version", "unflat " UNFLAT_VERSION, "Print the version");
    command.add_option("--threads", invocation.threads, "Threads to work with (all cores)")
        ->check(between(1, 1024))
        ->type_name("N");
    command.add_option("--models", invocation.models, "Folder in which networks are looked for")
        ->type_name("DIR");
    command.add_flag("--quiet", invocation.quiet, "No progress and no list of files");
    command.add_flag("--json", invocation.json, "Print one JSON object about what was done");
}

void add_common_options(CLI::App& command, CommonOptions& options) {
    add_depth_options(command, options);
    add_scene_options(command, options);
    add_asset_options(command, options);
    add_motion_options(command, options);
}

}  // namespace unflat::program
