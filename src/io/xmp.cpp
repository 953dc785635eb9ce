// SPDX-License-Identifier: MIT
// XMP is RDF written as XML. Its readers have trouble with packets of many megabytes in one
// attribute, which depth maps are; what is needed of it is little, and an XML parser does the rest.
#include "io/xmp.h"

#include "io/picture.h"

#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <utility>

#include <expat.h>

namespace unflat {

namespace {

// What cameras write nests a dozen levels and has some hundred properties
constexpr std::size_t kMostLevels = 64;
constexpr std::size_t kMostProperties = 2000;
constexpr std::size_t kLongestName = 64;
constexpr char kSeparator = '\n';  // no part of an address

struct Namespace {
    std::string_view address;  // without the slash that ends it: some writers leave it out
    std::string_view prefix;
};
constexpr std::array kNamespaces = {
    Namespace{"http://ns.google.com/photos/1.0/depthmap", "GDepth"},
    Namespace{"http://ns.google.com/photos/1.0/image", "GImage"},
    Namespace{"http://ns.adobe.com/xmp/note", "xmpNote"},
    Namespace{"http://ns.google.com/photos/1.0/container", "Container"},
    Namespace{"http://ns.google.com/photos/1.0/container/item", "Item"},
    Namespace{"http://ns.google.com/photos/dd/1.0/container", "Container"},
    Namespace{"http://ns.google.com/photos/dd/1.0/item", "Item"},
    Namespace{"http://ns.google.com/photos/dd/1.0/device", "Device"},
    Namespace{"http://ns.google.com/photos/dd/1.0/camera", "Camera"},
    Namespace{"http://ns.google.com/photos/dd/1.0/depthmap", "DepthMap"},
    Namespace{"http://ns.google.com/photos/dd/1.0/imagingmodel", "ImagingModel"},
    Namespace{"http://ns.apple.com/pixeldatainfo/1.0", "apdi"},
    Namespace{"http://ns.apple.com/depthData/1.0", "depthData"},
};
constexpr std::string_view kRdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

// What an element adds to the path of what stands in it
enum class Role { Property, Item, Transparent, Unknown };

struct Name {
    Role role = Role::Unknown;
    std::string text;  // "GDepth:Near"
};

Name name_of(const char* expanded) {
    const std::string_view whole(expanded);
    const std::size_t split = whole.rfind(kSeparator);
    if (split == std::string_view::npos)
        return {};
    std::string_view address = whole.substr(0, split);
    const std::string_view local = whole.substr(split + 1);
    if (address == kRdf)
        return {.role = local == "li" ? Role::Item : Role::Transparent};
    if (address == "adobe:ns:meta/")
        return {.role = Role::Transparent};
    if (local.size() > kLongestName)
        return {};
    if (address.ends_with('/'))
        address.remove_suffix(1);
    for (const Namespace& known : kNamespaces)
        if (address == known.address)
            return {Role::Property, std::string(known.prefix) + ":" + std::string(local)};
    return {};
}

std::string joined(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "/" + name;
}

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

// Collects properties while expat reads
class Collector {
public:
    Collector(XML_Parser parser, std::vector<Xmp::Property>& properties)
        : parser_(parser), properties_(properties) {
        levels_.push_back({.is_known = true});
        XML_SetUserData(parser, this);
        XML_SetElementHandler(parser, on_start, on_end);
        XML_SetCharacterDataHandler(parser, on_text);
        XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    }

    const std::string& complaint() const { return complaint_; }

private:
    struct Level {
        std::string path;
        std::string text;
        bool is_known = false;   // it and all around it are properties or RDF's own elements
        bool is_value = false;   // its text may be a value
        bool has_items = false;  // other elements stand in it
        int item_count = 0;
    };

    static void on_start(void* self, const XML_Char* name, const XML_Char** attributes) {
        static_cast<Collector*>(self)->start(name, attributes);
    }
    static void on_end(void* self, const XML_Char*) { static_cast<Collector*>(self)->end(); }
    static void on_text(void* self, const XML_Char* text, int length) {
        Level& level = static_cast<Collector*>(self)->levels_.back();
        if (level.is_value)
            level.text.append(text, static_cast<std::size_t>(length));
    }
    static void on_doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        static_cast<Collector*>(self)->stop("it has a DOCTYPE");
    }

    void start(const XML_Char* expanded, const XML_Char** attributes) {
        if (levels_.size() >= kMostLevels)
            return stop("it is nested too deeply");
        Level& parent = levels_.back();
        parent.has_items = true;
        const Name name = name_of(expanded);
        Level level{.path = parent.path, .is_known = parent.is_known && name.role != Role::Unknown};
        if (level.is_known && name.role == Role::Item)
            level.path = joined(parent.path, std::to_string(++parent.item_count));
        else if (level.is_known && name.role == Role::Property)
            level.path = joined(parent.path, name.text);
        level.is_value = level.is_known && name.role != Role::Transparent;
        if (level.is_known)
            for (; attributes[0] && attributes[1]; attributes += 2)
                if (const Name attribute = name_of(attributes[0]); attribute.role == Role::Property)
                    add(joined(level.path, attribute.text), attributes[1]);
        levels_.push_back(std::move(level));
    }

    void end() {
        Level& level = levels_.back();
        if (level.is_value && !level.has_items && !trimmed(level.text).empty())
            add(std::move(level.path), std::string(trimmed(level.text)));
        if (levels_.size() > 1)
            levels_.pop_back();
    }

    void add(std::string path, std::string value) {
        if (properties_.size() >= kMostProperties)
            return stop("it has too many properties");
        properties_.push_back({std::move(path), std::move(value)});
    }

    void stop(const char* complaint) {
        if (complaint_.empty())
            complaint_ = complaint;
        XML_StopParser(parser_, XML_FALSE);
    }

    XML_Parser parser_;
    std::vector<Xmp::Property>& properties_;
    std::vector<Level> levels_;
    std::string complaint_;
};

std::string_view last_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

}  // namespace

void Xmp::add_packet(std::string_view packet) {
    while (!packet.empty() && (packet.back() == '\0' || is_space(packet.back())))
        packet.remove_suffix(1);
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, void (*)(XML_Parser)> parser(
        XML_ParserCreateNS(nullptr, kSeparator), XML_ParserFree);
    if (!parser)
        throw std::bad_alloc();
    std::vector<Property> added;
    const Collector collector(parser.get(), added);

    // In pieces: expat counts in int and copies what it is given
    constexpr std::size_t kPiece = std::size_t{1} << 20;
    for (std::size_t at = 0; at == 0 || at < packet.size(); at += kPiece) {
        const std::string_view piece = packet.substr(at, kPiece);
        const bool is_last = at + kPiece >= packet.size();
        if (XML_Parse(parser.get(), piece.data(), static_cast<int>(piece.size()),
                      is_last ? XML_TRUE : XML_FALSE) == XML_STATUS_OK)
            continue;
        throw Malformed(!collector.complaint().empty()
                            ? collector.complaint()
                            : XML_ErrorString(XML_GetErrorCode(parser.get())));
    }
    properties_.insert(properties_.end(), std::make_move_iterator(added.begin()),
                       std::make_move_iterator(added.end()));
}

const Xmp::Property* Xmp::find(std::string_view name) const {
    for (const Property& property : properties_)
        if (last_name(property.path) == name)
            return &property;
    return nullptr;
}

std::vector<const Xmp::Property*> Xmp::find_all(std::string_view name) const {
    std::vector<const Property*> found;
    for (const Property& property : properties_)
        if (last_name(property.path) == name)
            found.push_back(&property);
    return found;
}

std::optional<std::string_view> Xmp::text(std::string_view name) const {
    const Property* property = find(name);
    return property ? std::optional<std::string_view>(trimmed(property->value)) : std::nullopt;
}

std::optional<double> Xmp::number(std::string_view name) const {
    const Property* property = find(name);
    return property ? parse_number(property->value) : std::nullopt;
}

std::optional<std::string_view> Xmp::beside(const Property& property, std::string_view name) const {
    const std::string_view path = property.path;
    const std::string_view parent = path.substr(0, path.size() - last_name(path).size());
    for (const Property& other : properties_)
        if (other.path.size() == parent.size() + name.size() && other.path.starts_with(parent) &&
            last_name(other.path) == name)
            return trimmed(other.value);
    return std::nullopt;
}

std::vector<double> Xmp::numbers(std::string_view list) const {
    std::vector<double> numbers;
    for (const Property& property : properties_) {
        const std::string_view path = property.path;
        const std::size_t slash = path.rfind('/');
        if (slash == std::string_view::npos || last_name(path.substr(0, slash)) != list)
            continue;
        const std::optional<double> number = parse_number(property.value);
        if (!number)
            return {};
        numbers.push_back(*number);
    }
    return numbers;
}

std::optional<double> parse_number(std::string_view text) {
    text = trimmed(text);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

}  // namespace unflat
