// SPDX-License-Identifier: MIT
// Networks: folders with a model and a card; docs/models.md.
#include "unflat/error.h"
#include "unflat/io.h"

#include "core/sha256.h"
#include "io/file.h"
#include "io/json.h"
#include "io/reading.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <system_error>
#include <utility>

namespace unflat {

namespace {

using Json = nlohmann::json;

constexpr const char* kAccepted =
    "accepted are cards of format 1, as docs/models.md describes them";
constexpr const char* kCard = "card.json";
constexpr const char* kModel = "model.onnx";
constexpr const char* kAnySum = "any";  // of a model that everyone exports for himself
constexpr int kFormat = 1;
constexpr int kLargestDepthSide = 2048;
constexpr std::size_t kMaxCardBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxChannels = 64;
constexpr double kMaxParameters = 1e12;

const Json& needed(const Json& object, const char* name) {
    if (!object.contains(name))
        throw Malformed("it has no \"" + std::string(name) + "\"");
    return object[name];
}

std::string read_text(const Json& object, const char* name) {
    const Json& value = needed(object, name);
    if (!value.is_string() || value.get<std::string>().empty())
        throw Malformed("\"" + std::string(name) + "\" is " + shortened(value) + ", not a text");
    return value.get<std::string>();
}

std::int64_t read_whole(const Json& value, double least, double most, const std::string& name) {
    const std::string what = "\"" + name + "\"";
    read_number(value, least, most, what);
    const double number = value.get<double>();
    if (number != std::floor(number))
        throw Malformed(what + " is " + shortened(value) + ", not a whole number");
    return static_cast<std::int64_t>(number);
}

// An entry that may be left out
int read_count(const Json& object, const char* name, int otherwise, int least, int most) {
    return object.contains(name) ? static_cast<int>(read_whole(object[name], least, most, name))
                                 : otherwise;
}

NetworkTask read_task(const Json& object) {
    const std::string name = read_text(object, "task");
    for (const NetworkTask task : {NetworkTask::InpaintEdge, NetworkTask::InpaintDepth,
                                   NetworkTask::InpaintColor, NetworkTask::Depth})
        if (name == task_name(task))
            return task;
    throw Malformed("\"task\" is " + shortened(Json(name)) +
                    ", not inpaint-edge, inpaint-depth, inpaint-color or depth");
}

std::vector<std::string> read_inputs(const Json& object) {
    const Json& value = needed(object, "inputs");
    std::vector<std::string> names;
    if (value.is_array() && value.size() <= kMaxChannels)
        for (const Json& name : value)
            if (name.is_string())
                names.push_back(name.get<std::string>());
    if (names.empty() || names.size() != value.size())
        throw Malformed("\"inputs\" is not a list of 1 to " + std::to_string(kMaxChannels) +
                        " names of channels");
    return names;
}

void read_tiles(const Json& object, NetworkCard& card) {
    card.multiple = read_count(object, "multiple", 0, 1, 256);
    if (card.multiple == 0)
        throw Malformed("it has no \"multiple\"");
    if (card.task == NetworkTask::Depth) {
        card.max_side = read_count(object, "max_side", kLargestDepthSide, 32, 4096);
        return;
    }
    card.max_side = read_count(object, "max_side", card.max_side, 32, 4096);
    card.overlap = read_count(object, "overlap", card.overlap, 1, 1024);
    if (card.max_side % card.multiple != 0 || card.overlap > card.max_side / 4)
        throw Malformed(
            "\"max_side\" is not a multiple of \"multiple\" and at least 4 \"overlap\"");
}

// Three numbers, one for each channel
void read_triple(const Json& object, const char* name, double least, std::array<float, 3>& triple) {
    if (!object.contains(name))
        return;
    const Json& value = object[name];
    if (!value.is_array() || value.size() != triple.size())
        throw Malformed("\"" + std::string(name) + "\" is " + shortened(value) +
                        ", not three numbers");
    for (std::size_t i = 0; i < triple.size(); ++i)
        triple[i] = read_number(value[i], least, 1e6, "\"" + std::string(name) + "\"");
}

void read_size(const Json& settings, DepthConvention& depth) {
    constexpr int kMost = 4096;
    const Json& size = needed(settings, "size");
    if (!size.is_object())
        throw Malformed("\"size\" is " + shortened(size) + ", not an object");
    refuse_unknown_keys(size, {"long_side", "short_side", "width", "height"}, "\"size\"");
    depth.long_side = read_count(size, "long_side", 0, 1, kMost);
    depth.short_side = read_count(size, "short_side", 0, 1, kMost);
    depth.width = read_count(size, "width", 0, 1, kMost);
    depth.height = read_count(size, "height", 0, 1, kMost);
    const int ways =
        (depth.long_side > 0 ? 1 : 0) + (depth.short_side > 0 ? 1 : 0) + (depth.width > 0 ? 1 : 0);
    if (ways != 1 || (depth.width > 0) != (depth.height > 0))
        throw Malformed(R"("size" is not one of "long_side", "short_side", "width" and "height")");
}

DepthConvention::Output read_depth_output(const std::string& name) {
    using Output = DepthConvention::Output;
    constexpr std::array<std::pair<const char*, Output>, 5> kOutputs{
        {{"disparity", Output::Disparity},
         {"log-disparity", Output::LogDisparity},
         {"depth", Output::Depth},
         {"log-depth", Output::LogDepth},
         {"inverse-depth", Output::InverseDepth}}};
    for (const auto& [known, output] : kOutputs)
        if (name == known)
            return output;
    throw Malformed("\"output\" is " + shortened(Json(name)) +
                    ", not disparity, log-disparity, depth, log-depth or inverse-depth");
}

void read_depth_settings(const Json& settings, NetworkCard& card) {
    DepthConvention& depth = card.depth;
    refuse_unknown_keys(
        settings, {"size", "white", "mean", "deviation", "input_tensor", "output_tensor", "mirror"},
        "\"settings\"");
    constexpr double kLeastDeviation = 1e-6;
    read_size(settings, depth);
    if (settings.contains("white"))
        depth.white = read_number(settings["white"], kLeastDeviation, 1e6, "\"white\"");
    read_triple(settings, "mean", -1e6, depth.mean);
    read_triple(settings, "deviation", kLeastDeviation, depth.deviation);
    if (settings.contains("input_tensor"))
        depth.input_tensor = read_text(settings, "input_tensor");
    if (settings.contains("output_tensor"))
        depth.output_tensor = read_text(settings, "output_tensor");
    depth.mirror = settings.value("mirror", false);
    depth.output = read_depth_output(card.output);
    std::vector<std::string> colours = card.inputs;
    std::sort(colours.begin(), colours.end());
    if (colours != std::vector<std::string>{"blue", "green", "red"})
        throw Malformed("\"inputs\" of a depth network are red, green and blue, in any order");
}

void read_settings(const Json& settings, NetworkCard& card) {
    if (!settings.is_object())
        throw Malformed("\"settings\" is " + shortened(settings) + ", not an object");
    if (card.task == NetworkTask::Depth)
        return read_depth_settings(settings, card);
    constexpr const char* kClosing = "mask_closing";
    card.mask_closing = read_count(settings, kClosing, 0, 0, 127);
    switch (card.task) {
        case NetworkTask::InpaintEdge:
            refuse_unknown_keys(settings, {kClosing, "threshold", "passes", "continued_edges"},
                                "\"settings\"");
            if (settings.contains("threshold"))
                card.threshold = read_number(settings["threshold"], 0, 1, "\"threshold\"");
            card.passes = read_count(settings, "passes", card.passes, 1, 8);
            card.continued_edges = settings.value("continued_edges", true);
            return;
        case NetworkTask::InpaintDepth:
            refuse_unknown_keys(settings, {kClosing, "smoothing"}, "\"settings\"");
            card.smoothing = read_count(settings, "smoothing", card.smoothing, 0, 16);
            return;
        case NetworkTask::InpaintColor:
            refuse_unknown_keys(settings, {kClosing}, "\"settings\"");
            return;
        case NetworkTask::Depth:
            return;
    }
}

NetworkCard read_card(const Json& object) {
    if (!object.is_object())
        throw Malformed("it holds " + shortened(object) + ", not an object");
    if (const Json& format = needed(object, "format"); format != kFormat)
        throw Malformed("its format is " + shortened(format));
    refuse_unknown_keys(
        object,
        {"format", "name", "task", "inputs", "output", "multiple", "max_side", "overlap",
         "settings", "parameters", "sha256", "licence", "trained_on", "scores", "source"},
        "it");
    NetworkCard card{.name = read_text(object, "name"), .task = read_task(object)};
    card.inputs = read_inputs(object);
    card.output = read_text(object, "output");
    read_tiles(object, card);
    if (card.task == NetworkTask::Depth)
        read_settings(needed(object, "settings"), card);
    else if (object.contains("settings"))
        read_settings(object["settings"], card);
    card.parameter_count =
        read_whole(needed(object, "parameters"), 0, kMaxParameters, "parameters");
    card.sha256 = read_text(object, "sha256");
    card.licence = read_text(object, "licence");
    card.trained_on = read_text(object, "trained_on");
    if (object.contains("source"))
        card.source = read_text(object, "source");
    return card;
}

}  // namespace

NetworkCard decode_network_card(std::span<const std::byte> bytes, const std::string& name) {
    return read_as(name, kAccepted, [&] { return parse_json(bytes, kMaxCardBytes, read_card); });
}

NetworkCard read_network_card(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / kCard;
    return decode_network_card(read_bytes(file), file.string());
}

Network read_network(const std::filesystem::path& folder) {
    Network network{.card = read_network_card(folder)};
    const std::filesystem::path file = folder / kModel;
    network.model = read_bytes(file);
    if (network.card.sha256 != kAnySum && sha256(network.model) != network.card.sha256)
        throw Error(ErrorKind::Unreadable, "cannot read '" + file.string() +
                                               "': it is not the model that its card names (" +
                                               "another sha256)");
    return network;
}

std::vector<std::filesystem::path> find_networks(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (std::filesystem::exists(entry.path() / kCard, error))
            found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace unflat
