// SPDX-License-Identifier: MIT
#include "depth_sources.h"

#include "unflat/error.h"

#include "console.h"
#include "networks.h"
#include "options.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace unflat::program {

namespace {

namespace fs = std::filesystem;

struct NamedKind {
    const char* name;
    std::optional<DepthKind> kind;
    std::optional<DepthCode> code;
    const char* words;
};

const std::array<NamedKind, 13>& named_kinds() {
    static const std::array<NamedKind, 13> kKinds = {{
        {"auto", {}, {}, "relative disparity"},
        {"disparity", DepthKind::Disparity, {}, "relative disparity"},
        {"depth", DepthKind::Depth, {}, "true depth"},
        {"inverse-depth", DepthKind::InverseDepth, {}, "true inverse depth"},
        {"mm", {}, DepthCode::Millimetres, "millimetres"},
        {"tum", {}, DepthCode::Tum, "metres times 5000"},
        {"kitti", {}, DepthCode::Kitti, "metres times 256"},
        {"kinect", {}, DepthCode::Kinect, "raw Kinect numbers"},
        {"sun3d", {}, DepthCode::Sun3d, "rotated millimetres"},
        {"depth16", {}, DepthCode::Depth16, "DEPTH16"},
        {"range-inverse", {}, DepthCode::RangeInverse, "a range of inverse depth, dark near"},
        {"range-linear", {}, DepthCode::RangeLinear, "a range of depth, dark near"},
        {"uniform-inverse", {}, DepthCode::UniformInverse, "a range of inverse depth, bright near"},
    }};
    return kKinds;
}

const NamedKind& kind_named(const std::string& name) {
    const auto& kinds = named_kinds();
    return *std::find_if(kinds.begin(), kinds.end(),
                         [&](const NamedKind& kind) { return kind.name == name; });
}

bool is_ranged(const std::optional<DepthCode>& code) {
    return code == DepthCode::RangeInverse || code == DepthCode::RangeLinear ||
           code == DepthCode::UniformInverse;
}

void check_range(const CommonOptions& options) {
    if (is_ranged(kind_named(options.depth_kind).code) && !options.depth_range)
        throw Error(ErrorKind::InvalidInput, "--depth-kind " + options.depth_kind +
                                                 " needs --depth-range NEAR,FAR for this file");
}

std::optional<FoundDepth> depth_given(const CommonOptions& options, Console& console) {
    if (options.depth.empty())
        return std::nullopt;
    check_range(options);
    return FoundDepth{.map = read_depth(options.depth, read_depth_options(options), &console),
                      .name = "'" + options.depth.string() + "'",
                      .note = "",
                      .source = {"option", options.depth.string()}};
}

std::optional<FoundDepth> depth_inside(const fs::path& file, const Photo& photo,
                                       const CommonOptions& options) {
    if (!photo.depth)
        return std::nullopt;
    const bool is_declared = options.depth_kind == "auto";
    return FoundDepth{.map = photo.depth->map,
                      .name = "the depth inside '" + file.string() + "'",
                      .note = "the depth of '" + file.string() +
                              "' is inside it: " + photo.depth->convention +
                              (is_declared ? "" : "; read as " + options.depth_kind),
                      .source = {"photo", file.string()}};
}

// The same bounds as for depth that is named, of which a photo can be made
bool has_shape_of(const cv::Mat& depth, cv::Size photo) {
    constexpr double kMostAspect = 1.25;
    const double ratio = static_cast<double>(depth.cols) * photo.height / depth.rows / photo.width;
    return std::max(ratio, 1 / ratio) <= kMostAspect;
}

std::optional<FoundDepth> depth_beside(const fs::path& photo_file, const Photo& photo,
                                       const CommonOptions& options, Console& console) {
    const fs::path file = file_beside(photo_file, options.output);
    if (file.empty())
        return std::nullopt;
    check_range(options);
    const std::string name = "'" + file.string() + "', found beside '" + photo_file.string() + "'";
    try {
        FoundDepth found{.map = read_depth(file, read_depth_options(options), &console),
                         .name = "'" + file.string() + "'",
                         .note = "",
                         .source = {"file", file.string()}};
        if (!has_shape_of(found.map.values, photo.rgb.size())) {
            console.warn(name + ", has another shape and was ignored");
            return std::nullopt;
        }
        found.note = "the depth is " + name + ", taken as " + kind_named(options.depth_kind).words +
                     " (--depth-kind says otherwise)";
        return found;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Unreadable)
            throw;
        console.warn("what was found beside '" + photo_file.string() +
                     "' is not its depth: " + error.what());
        return std::nullopt;
    }
}

FoundDepth depth_estimated(const fs::path& file, const Photo& photo, const CommonOptions& options,
                           Console& console) {
    const StageTimer timer(console, "estimate");
    const std::string name = "'" + file.string() + "'";
    try {
        EstimatedDepth estimated = estimate_depth(photo, options);
        return {.map = std::move(estimated.depth),
                .name = "what the network " + estimated.network + " makes of it",
                .note = "the depth of " + name + " is what the network " + estimated.network +
                        " makes of it",
                .source = {"network", estimated.network},
                .is_estimate = true};
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Unsupported)
            throw;
        if (!options.depth_network.empty())
            throw Error(ErrorKind::Unsupported,
                        std::string("--depth-network cannot be done: ") + error.what());
        throw Error(ErrorKind::InvalidInput,
                    name + " has no depth: give --depth FILE (" + error.what() + ")");
    }
}

// What a network makes of the photo, where there is one that works
std::optional<DepthMap> second_opinion(const Photo& photo, const CommonOptions& options,
                                       Console& console) {
    const StageTimer timer(console, "estimate");
    try {
        return estimate_depth(photo, options).depth;
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool is_same_file(const fs::path& a, const fs::path& b) {
    std::error_code error;
    return !a.empty() && !b.empty() &&
           (fs::equivalent(a, b, error) ||
            fs::absolute(a).lexically_normal() == fs::absolute(b).lexically_normal());
}

}  // namespace

ReadDepthOptions read_depth_options(const CommonOptions& options) {
    const NamedKind& kind = kind_named(options.depth_kind);
    return {.kind = kind.kind,
            .invalid = options.invalid,
            .code = kind.code,
            .range = options.depth_range};
}

std::vector<std::string> depth_kind_names() {
    std::vector<std::string> names;
    for (const NamedKind& kind : named_kinds())
        names.emplace_back(kind.name);
    return names;
}

fs::path file_beside(const fs::path& photo, const fs::path& never) {
    constexpr std::array kEndings = {"_depth.png", "_depth.jpg", "_depth.jpeg",
                                     ".npy",       ".pfm",       ".exr"};
    std::error_code error;
    for (const char* ending : kEndings) {
        const fs::path file = photo.parent_path() / (photo.stem().string() + ending);
        if (fs::is_regular_file(file, error) && !is_same_file(file, never) &&
            !is_same_file(file, photo))
            return file;
    }
    return {};
}

FoundDepth find_depth(const fs::path& file, const Photo& photo, const CommonOptions& options,
                      Console& console) {
    if (options.depth_network.empty()) {
        if (auto found = depth_given(options, console))
            return *std::move(found);
        if (auto found = depth_inside(file, photo, options))
            return *std::move(found);
        if (auto found = depth_beside(file, photo, options, console))
            return *std::move(found);
    }
    return depth_estimated(file, photo, options, console);
}

std::vector<fs::path> without_depth_files(const std::vector<fs::path>& photos, Console& console) {
    std::vector<fs::path> kept;
    for (const fs::path& photo : photos) {
        const auto owner = std::find_if(photos.begin(), photos.end(), [&](const fs::path& other) {
            return !is_same_file(photo, other) && is_same_file(file_beside(other, {}), photo);
        });
        if (owner == photos.end())
            kept.push_back(photo);
        else
            console.note("'" + photo.string() + "' is the depth of '" + owner->string() +
                         "', so no 3D photo is made of it");
    }
    return kept;
}

void check_depth(const FoundDepth& depth, const Photo& photo, const CommonOptions& options,
                 Console& console) {
    if (depth.is_estimate)
        return;
    Polarity polarity = check_polarity(depth.map);
    if (!polarity.is_clear)
        if (const auto estimate = second_opinion(photo, options, console))
            polarity = check_polarity(depth.map, *estimate);
    if (polarity.is_doubtful)
        console.warn(depth.name + " looks as if near and far were exchanged: " + polarity.reason +
                     "; --depth-kind says what its numbers mean");
}

}  // namespace unflat::program
