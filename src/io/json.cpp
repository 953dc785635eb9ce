// SPDX-License-Identifier: MIT
#include "io/json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace unflat {

using Json = nlohmann::json;

std::string shortened(const Json& value) {
    if (value.is_structured())
        return value.is_array() ? "a list" : "an object";
    constexpr std::size_t kLongest = 40;
    const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

void refuse_unknown_keys(const Json& object, std::initializer_list<std::string_view> known,
                         const std::string& where) {
    for (const auto& [key, value] : object.items())
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw Malformed(where + " has an unknown entry " + shortened(Json(key)));
}

float read_number(const Json& value, double least, double most, const std::string& what) {
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!(number >= least && number <= most)) {
        std::array<char, 64> range{};
        std::snprintf(range.data(), range.size(), "%g to %g", least, most);
        throw Malformed(what + " is " + shortened(value) + ", not a number from " + range.data());
    }
    return static_cast<float>(number);
}

}  // namespace unflat
