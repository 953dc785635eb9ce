// SPDX-License-Identifier: MIT
// GDepth and GImage: Google's first format, of Lens Blur and its followers. All of it stands in
// XMP, the pictures as base64.
#include "io/base64.h"
#include "io/embedded.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace unflat {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

// Sets unit, metric or not, and the factor to metres
void read_units(StoredDepth& depth, std::string_view units) {
    constexpr double kMetresPerMillimetre = 0.001;
    const std::string unit = lower(units);
    const bool is_millimetres = unit == "mm" || unit == "millimeters" || unit == "millimetres";
    depth.info.is_metric =
        is_millimetres || unit == "m" || unit == "meters" || unit == "metres" || unit == "meter";
    depth.unit = is_millimetres ? kMetresPerMillimetre : 1;
    depth.info.unit = is_millimetres ? "mm" : depth.info.is_metric ? "m" : "";
}

// Maps are smaller than photos: a larger one is a mistake, or meant to fill the memory
void check_depth_size(Bytes bytes) {
    constexpr std::size_t kMostPixels = 64'000'000;
    const cv::Size size = decode_picture(bytes, Extent::Header).size;
    if (static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) > kMostPixels)
        throw Malformed("it has " + std::to_string(size.width) + "x" + std::to_string(size.height) +
                        " pixels, more than 64 megapixels");
}

// A range that does not hold leaves the order: these codes are dark where it is near
void fall_back_to_order(StoredDepth& depth) {
    depth.formula = DepthFormula::linear(DepthKind::Disparity, 0, -1);
    depth.info.kind = DepthKind::Disparity;
    depth.info.is_metric = false;
}

std::string describe_range(const StoredDepth& depth) {
    if (!depth.info.range)
        return ", near and far not usable: relative";
    return ", " + in_digits(depth.info.range->near) + " to " + in_digits(depth.info.range->far) +
           (depth.info.unit.empty() ? " in a unit that is not said" : " " + depth.info.unit);
}

}  // namespace

std::string in_digits(double number) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", number);
    return text.data();
}

StoredDepth read_range_depth(const Xmp& xmp, const Xmp::Property& place,
                             const std::string& prefix) {
    const auto value = [&](const char* name) { return xmp.beside(place, prefix + name); };
    const auto number = [&](const char* name) {
        const auto text = value(name);
        return text ? parse_number(*text) : std::nullopt;
    };
    StoredDepth depth;
    constexpr std::size_t kLongestQuote = 32;
    const std::string format = lower(value("Format").value_or("RangeInverse"));
    const bool is_linear = format == "rangelinear";
    if (!is_linear && format != "rangeinverse")
        throw Malformed("its depth has the format '" +
                        std::string(value("Format").value_or("").substr(0, kLongestQuote)) +
                        "'; RangeInverse and RangeLinear are known");
    const auto near = number("Near"), far = number("Far");
    read_units(depth, value("Units").value_or(""));
    depth.info.kind = DepthKind::Depth;
    depth.code = is_linear ? DepthCode::RangeLinear : DepthCode::RangeInverse;
    if (near && far && is_usable({*near, *far}))
        depth.info.range = DepthRange{*near, *far};
    const std::string measure = lower(value("MeasureType").value_or(""));
    depth.is_along_ray = measure == "opticray" || measure == "opticalray";
    depth.info.convention = (is_linear ? "RangeLinear" : "RangeInverse") + describe_range(depth) +
                            (depth.is_along_ray ? ", along the ray" : "");
    // The formula follows when the samples are there, whose bits it needs
    return depth;
}

void decode_samples(StoredDepth& depth, Bytes bytes, Extent extent) {
    const Format format = recognise(bytes);
    if (format != Format::Jpeg && format != Format::Png)
        throw Malformed("its depth is neither JPEG nor PNG");
    try {
        check_depth_size(bytes);
        depth.picture = decode_picture(bytes, extent);
    } catch (const Malformed& malformed) {
        throw Malformed("its depth cannot be read (" + std::string(malformed.what()) + ")");
    }
    depth.info.size = depth.picture.size;
    const double full = depth.picture.bit_depth > 8 ? 65535 : 255;
    if (depth.code && depth.info.range)
        depth.formula = DepthFormula::of(*depth.code, depth.info.range, full);
    else
        fall_back_to_order(depth);
}

void decode_confidence(StoredDepth& depth, Bytes bytes, Extent extent) {
    depth.info.has_confidence = true;
    if (extent == Extent::Header)
        return;
    const Format format = recognise(bytes);
    if (format != Format::Jpeg && format != Format::Png)
        throw Malformed("its confidence is neither JPEG nor PNG");
    check_depth_size(bytes);
    const Picture picture = decode_picture(bytes, extent);
    cv::Mat first;
    cv::extractChannel(picture.samples, first, 0);
    if (first.depth() == CV_8U || first.depth() == CV_16U)
        depth.confidence = first;
}

std::optional<StoredDepth> read_gdepth(const Xmp& xmp, Extent extent) {
    const Xmp::Property* data = xmp.find("GDepth:Data");
    const Xmp::Property* place = xmp.find("GDepth:Format");
    if (!place)
        place = xmp.find("GDepth:Near");
    if (!place)
        place = data;
    if (!place)
        return std::nullopt;
    StoredDepth depth = read_range_depth(xmp, *place, "GDepth:");
    depth.info.format = "GDepth";
    if (!data)
        throw Malformed("its GDepth has no data");
    const auto bytes = decode_base64(data->value);
    if (!bytes)
        throw Malformed("the data of its GDepth are not base64");
    decode_samples(depth, *bytes, extent);
    if (const Xmp::Property* confidence = xmp.find("GDepth:Confidence"))
        if (const auto mask = decode_base64(confidence->value))
            decode_confidence(depth, *mask, extent);
    return depth;
}

std::optional<Picture> read_gimage(const Xmp& xmp, Extent extent) {
    const Xmp::Property* data = xmp.find("GImage:Data");
    if (!data)
        return std::nullopt;
    const auto bytes = decode_base64(data->value);
    if (!bytes)
        throw Malformed("the sharp original inside it is not base64");
    const Format format = recognise(*bytes);
    if (format != Format::Jpeg && format != Format::Png)
        throw Malformed("the sharp original inside it is neither JPEG nor PNG");
    try {
        return decode_picture(*bytes, extent);
    } catch (const Malformed& malformed) {
        throw Malformed("the sharp original inside it cannot be read (" +
                        std::string(malformed.what()) + ")");
    }
}

}  // namespace unflat
