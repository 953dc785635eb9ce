// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unflat {

/// The properties of XMP packets that concern depth, as a flat list. A property's path names what
/// it stands in: "Device:Cameras/1/Camera:DepthMap/DepthMap:Near", with the prefixes that the
/// formats' descriptions use, whatever a packet calls them, and items of lists counted from 1.
class Xmp {
public:
    struct Property {
        std::string path;
        std::string value;
    };

    /// Adds the properties of one packet.
    /// @throws Malformed if it is not well-formed XML, has a DOCTYPE, or is nested or filled
    /// beyond what any camera writes.
    void add_packet(std::string_view packet);

    bool empty() const { return properties_.empty(); }

    /// The first property whose last name is `name`, such as "GDepth:Near", or nullptr.
    const Property* find(std::string_view name) const;
    /// All of them, in the order in which they stand.
    std::vector<const Property*> find_all(std::string_view name) const;

    /// The value of such a property.
    std::optional<std::string_view> text(std::string_view name) const;
    /// The same as a finite number; nothing if it is none.
    std::optional<double> number(std::string_view name) const;

    /// What stands beside a property under another name.
    std::optional<std::string_view> beside(const Property& property, std::string_view name) const;

    /// The numbers of a list, such as those of "depthData:IntrinsicMatrix".
    std::vector<double> numbers(std::string_view list) const;

private:
    std::vector<Property> properties_;
};

/// A finite number that is all of a text but for white space around it.
std::optional<double> parse_number(std::string_view text);

}  // namespace unflat
