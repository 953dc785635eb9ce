// SPDX-License-Identifier: MIT
// Camera paths that a person wrote, as JSON.
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "io/json.h"
#include "io/reading.h"

#include <array>

#include <nlohmann/json.hpp>

namespace unflat {

namespace {

using Json = nlohmann::json;

constexpr const char* kAccepted =
    "accepted is {\"fps\":40, \"loop\":true, \"focus\":[x,y], \"keys\":[{\"t\":seconds, "
    "\"position\":[x,y,z], \"rotation\":[yaw,pitch,roll], \"fov\":degrees}]}";

// Far beyond any use, so that sums and angles stay finite and a slip cannot ask for days of video
constexpr std::size_t kMaxPathBytes = std::size_t{16} << 20;
constexpr double kMaxFps = 240;
constexpr double kMaxSeconds = 3600;
constexpr std::size_t kMaxKeys = 10'000;
constexpr double kMaxPosition = 1e6;
constexpr double kMaxDegrees = 36'000;
constexpr double kMinFov = 1;
constexpr double kMaxFov = 179;
constexpr double kMaxFocus = 65536;

// Where in the file something stands, for messages
std::string in_key(std::size_t index, const char* name) {
    return "\"" + std::string(name) + "\" of key " + std::to_string(index + 1);
}

template <std::size_t Count>
std::array<float, Count> read_numbers(const Json& value, double most, const std::string& what) {
    if (!value.is_array() || value.size() != Count)
        throw Malformed(what + " is " + shortened(value) + ", not a list of " +
                        std::to_string(Count) + " numbers");
    std::array<float, Count> numbers{};
    for (std::size_t i = 0; i < Count; ++i)
        numbers[i] = read_number(value[i], -most, most, what);
    return numbers;
}

PathKey read_key(const Json& value, std::size_t index) {
    const std::string where = "key " + std::to_string(index + 1);
    if (!value.is_object())
        throw Malformed(where + " is " + shortened(value) + ", not an object");
    refuse_unknown_keys(value, {"t", "position", "rotation", "fov"}, where);
    if (!value.contains("t"))
        throw Malformed(where + " has no \"t\"");
    PathKey key{.t = read_number(value["t"], 0, kMaxSeconds, in_key(index, "t"))};
    if (value.contains("position")) {
        const auto position =
            read_numbers<3>(value["position"], kMaxPosition, in_key(index, "position"));
        key.pose.position = {position[0], position[1], position[2]};
    }
    if (value.contains("rotation")) {
        const auto rotation =
            read_numbers<3>(value["rotation"], kMaxDegrees, in_key(index, "rotation"));
        key.pose.yaw = rotation[0];
        key.pose.pitch = rotation[1];
        key.pose.roll = rotation[2];
    }
    if (value.contains("fov"))
        key.fov = read_number(value["fov"], kMinFov, kMaxFov, in_key(index, "fov"));
    return key;
}

std::vector<PathKey> read_keys(const Json& value) {
    if (!value.is_array() || value.empty() || value.size() > kMaxKeys)
        throw Malformed("\"keys\" is not a list of 1 to " + std::to_string(kMaxKeys) + " keys");
    std::vector<PathKey> keys;
    for (std::size_t i = 0; i < value.size(); ++i) {
        keys.push_back(read_key(value[i], i));
        if (i > 0 && !(keys[i].t > keys[i - 1].t))
            throw Malformed(in_key(i, "t") + " is not later than that of the key before it");
    }
    return keys;
}

KeyedPath read_object(const Json& object) {
    if (!object.is_object())
        throw Malformed("it holds " + shortened(object) + ", not an object");
    refuse_unknown_keys(object, {"fps", "loop", "focus", "keys"}, "it");
    KeyedPath path;
    if (object.contains("fps"))
        path.fps = read_number(object["fps"], 1, kMaxFps, "\"fps\"");
    if (object.contains("loop")) {
        if (!object["loop"].is_boolean())
            throw Malformed("\"loop\" is " + shortened(object["loop"]) + ", not true or false");
        path.loop = object["loop"].get<bool>();
    }
    if (object.contains("focus")) {
        const auto focus = read_numbers<2>(object["focus"], kMaxFocus, "\"focus\"");
        path.focus = {focus[0], focus[1]};
    }
    if (!object.contains("keys"))
        throw Malformed("it has no \"keys\"");
    path.keys = read_keys(object["keys"]);
    return path;
}

KeyedPath parse(Bytes bytes) {
    return parse_json(bytes, kMaxPathBytes, read_object);
}

}  // namespace

KeyedPath decode_path(std::span<const std::byte> bytes, const std::string& name) {
    return read_as(name, kAccepted, [&] { return parse(bytes); });
}

KeyedPath read_path(const std::filesystem::path& file) {
    return decode_path(read_bytes(file), file.string());
}

}  // namespace unflat
