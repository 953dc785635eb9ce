// SPDX-License-Identifier: MIT
// What the readers of JSON files share. All of them throw Malformed.
#pragma once

#include "io/picture.h"

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace unflat {

/// A value for a message. Lists and objects are only named: printing what is nested without bound
/// could not end well.
std::string shortened(const nlohmann::json& value);

/// @param where how a message begins, such as "key 3".
void refuse_unknown_keys(const nlohmann::json& object,
                         std::initializer_list<std::string_view> known, const std::string& where);

/// @param what how a message begins, such as "\"fps\"".
float read_number(const nlohmann::json& value, double least, double most, const std::string& what);

/// The text of a file as JSON, handed to `use`, which may read it without care for its own
/// exceptions.
template <typename Use>
auto parse_json(std::span<const std::byte> bytes, std::size_t max_bytes, Use&& use) {
    using Json = nlohmann::json;
    if (bytes.empty())
        throw Malformed("it is empty");
    if (bytes.size() > max_bytes)
        throw Malformed("it has more than " + std::to_string(max_bytes >> 20) + " MiB");
    try {
        const auto* first = reinterpret_cast<const char*>(bytes.data());
        return use(Json::parse(first, first + bytes.size()));
    } catch (const Json::parse_error& error) {
        throw Malformed("it is not JSON from byte " + std::to_string(error.byte) + " on");
    } catch (const Json::exception& error) {
        throw Malformed(std::string("its JSON cannot be used (") + error.what() + ")");
    }
}

}  // namespace unflat
