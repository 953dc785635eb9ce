// SPDX-License-Identifier: MIT
// Photos with depth inside, made by hand: each format as its description says, in any way wrong
// that a test asks for.
#pragma once

#include "unflat/io.h"

#include "io/jpeg.h"
#include "io/png.h"
#include "io_files.h"
#include "scenes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace unflat {

inline std::string as_string(const ByteVector& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline ByteVector as_bytes(const std::string& text) {
    ByteVector bytes(text.size());
    std::transform(text.begin(), text.end(), bytes.begin(),
                   [](char c) { return static_cast<std::byte>(c); });
    return bytes;
}

/// A number in as many bytes, the greatest first.
inline std::string big_endian(std::uint64_t number, int count) {
    std::string text;
    for (int i = count - 1; i >= 0; --i)
        text += static_cast<char>(number >> (8 * i) & 0xFF);
    return text;
}

inline std::string base64(const ByteVector& bytes) {
    constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (i + k < bytes.size() ? std::to_integer<unsigned>(bytes[i + k]) : 0);
        for (std::size_t k = 0; k < 4; ++k)
            text += i + k > bytes.size() ? '=' : kAlphabet[bits >> (18 - 6 * k) & 63];
    }
    return text;
}

/// Values coded evenly: `share` of full scale.
template <typename Code>
cv::Mat_<Code> coded(const cv::Mat_<double>& values, const std::function<double(double)>& share) {
    cv::Mat_<Code> codes(values.size());
    std::transform(values.begin(), values.end(), codes.begin(), [&](double value) {
        return static_cast<Code>(std::lround(share(value) * std::numeric_limits<Code>::max()));
    });
    return codes;
}

/// Every value is known to half a step of its code, in the quantity that is coded evenly.
inline void expect_depth(const cv::Mat_<float>& found, const cv::Mat_<double>& expected,
                         const std::function<double(double)>& share, double step) {
    ASSERT_EQ(found.size(), expected.size());
    double worst = 0;
    for (int y = 0; y < found.rows; ++y)
        for (int x = 0; x < found.cols; ++x)
            worst = std::max(
                worst, std::abs(share(static_cast<double>(found(y, x))) - share(expected(y, x))));
    EXPECT_LE(worst, 0.51 * step);
}

inline Photo read(const ByteVector& bytes, Progress* progress = nullptr) {
    return decode_photo(bytes, "p.jpg", {}, progress);
}

// ---- JPEG

inline std::string jpeg_segment(int marker, const std::string& content) {
    return std::string("\xFF") + static_cast<char>(marker) + big_endian(content.size() + 2, 2) +
           content;
}

/// Puts segments behind the first marker of a JPEG.
inline ByteVector with_segments(const ByteVector& jpeg, const std::string& segments) {
    const std::string text = as_string(jpeg);
    return as_bytes(text.substr(0, 2) + segments + text.substr(2));
}

/// Any JPEG to carry something, 96 x 64.
inline ByteVector plain_jpeg(cv::Size size = {96, 64}) {
    return encode_jpeg(waves(size).rgb, 90);
}

/// EXIF with an orientation.
inline std::string exif_segment(int orientation) {
    using namespace std::string_literals;
    return jpeg_segment(0xE1, "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s +
                                  static_cast<char>(orientation) + "\0\0\0\0\0\0"s);
}

/// An XMP packet; `attributes` and `content` stand in its description.
inline std::string xmp_packet(const std::string& attributes, const std::string& content = "") {
    return R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF)"
           R"( xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="")"
           R"( xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/")"
           R"( xmlns:GImage="http://ns.google.com/photos/1.0/image/")"
           R"( xmlns:xmpNote="http://ns.adobe.com/xmp/note/")"
           R"( xmlns:Device="http://ns.google.com/photos/dd/1.0/device/")"
           R"( xmlns:Container="http://ns.google.com/photos/dd/1.0/container/")"
           R"( xmlns:Item="http://ns.google.com/photos/dd/1.0/item/")"
           R"( xmlns:Camera="http://ns.google.com/photos/dd/1.0/camera/")"
           R"( xmlns:DepthMap="http://ns.google.com/photos/dd/1.0/depthmap/")"
           R"( xmlns:ImagingModel="http://ns.google.com/photos/dd/1.0/imagingmodel/")"
           R"( xmlns:apdi="http://ns.apple.com/pixeldatainfo/1.0/")"
           R"( xmlns:depthData="http://ns.apple.com/depthData/1.0/" )" +
           attributes + ">" + content + "</rdf:Description></rdf:RDF></x:xmpmeta>";
}

inline std::string xmp_segment(const std::string& packet) {
    return jpeg_segment(0xE1, std::string("http://ns.adobe.com/xap/1.0/\0", 29) + packet);
}

inline const std::string kGuid = "0123456789ABCDEF0123456789ABCDEF";

/// One piece of extended XMP.
inline std::string extension_segment(const std::string& piece, std::size_t offset,
                                     std::size_t total, const std::string& guid = kGuid) {
    return jpeg_segment(0xE1, std::string("http://ns.adobe.com/xmp/extension/\0", 35) + guid +
                                  big_endian(total, 4) + big_endian(offset, 4) + piece);
}

/// Extended XMP in pieces, the last one first.
inline std::string extension_segments(const std::string& packet, const std::string& guid = kGuid) {
    constexpr std::size_t kPiece = 40000;
    std::string segments;
    for (std::size_t at = 0; at < packet.size(); at += kPiece)
        segments = extension_segment(packet.substr(at, kPiece), at, packet.size(), guid) + segments;
    return segments;
}

/// A JPEG that carries GDepth: what describes it in its XMP, `data` in extended XMP.
inline ByteVector gdepth_jpeg(const std::string& description, const std::string& data,
                              const ByteVector& photo = plain_jpeg()) {
    return with_segments(
        photo, xmp_segment(xmp_packet(description + " xmpNote:HasExtendedXMP=\"" + kGuid + "\"")) +
                   extension_segments(xmp_packet(data)));
}

// ---- HEIC and AVIF

inline std::string box(const std::string& name, const std::string& content) {
    return big_endian(content.size() + 8, 4) + name + content;
}
inline std::string full_box(const std::string& name, const std::string& content,
                            std::uint32_t version_and_flags = 0) {
    return box(name, big_endian(version_and_flags, 4) + content);
}

struct HeifItem {
    std::string type;     ///< "av01", "hvc1", "mime"
    std::string payload;  ///< coded picture or metadata
    std::vector<std::string> properties = {};
};

struct HeifReference {
    std::string type;  ///< "auxl", "cdsc"
    std::size_t from;  ///< items are counted from 1
    std::size_t to;
};

/// The picture of fuzz/corpus/photo/ramp.avif or .heic: 64 x 64, losslessly coded, sample 4 x at
/// column x. `properties` come on top of what decodes it.
inline HeifItem ramp_item(const std::string& codec, std::vector<std::string> properties = {}) {
    const std::string file =
        as_string(corpus(codec == "av01" ? "photo/ramp.avif" : "photo/ramp.heic"));
    const auto box_at = [&](const std::string& name) {
        const std::size_t at = file.find(name) - 4;
        std::size_t size = 0;
        for (std::size_t i = 0; i < 4; ++i)
            size = size << 8 | static_cast<unsigned char>(file[at + i]);
        return file.substr(at, size);
    };
    for (const char* name : {codec == "av01" ? "av1C" : "hvcC", "ispe", "pixi"})
        properties.push_back(box_at(name));
    return {codec, box_at("mdat").substr(8), std::move(properties)};
}

/// A HEIC or AVIF file; the first item is the primary one.
inline ByteVector heif_file(const std::vector<HeifItem>& items,
                            const std::vector<HeifReference>& references,
                            const std::string& groups = "") {
    std::string infos, properties, associations, data;
    std::size_t property_count = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string id = big_endian(i + 1, 2);
        const std::string kind = items[i].type == "mime"
                                     ? std::string("\0application/rdf+xml\0", 21)
                                     : std::string(1, '\0');
        infos += full_box("infe", id + big_endian(0, 2) + items[i].type + kind, 0x02000000);
        std::string list;
        for (const std::string& property : items[i].properties) {
            properties += property;
            list += big_endian(++property_count, 1);
        }
        associations += id + big_endian(items[i].properties.size(), 1) + list;
    }
    std::string links;
    for (const HeifReference& link : references)
        links +=
            box(link.type, big_endian(link.from, 2) + big_endian(1, 2) + big_endian(link.to, 2));
    // The same twice: places depend on lengths, not the other way round
    const std::string brand = items[0].type == "av01" ? "avif" : "heic";
    const std::string head = box("ftyp", brand + big_endian(0, 4) + "mif1" + brand);
    std::string meta;
    for (std::size_t start = 0, pass = 0; pass < 2; ++pass) {
        std::string places;
        std::size_t at = start;
        for (std::size_t i = 0; i < items.size(); ++i) {
            places += big_endian(i + 1, 2) + big_endian(0, 2) + big_endian(1, 2) +
                      big_endian(at, 4) + big_endian(items[i].payload.size(), 4);
            at += items[i].payload.size();
        }
        const std::string count = big_endian(items.size(), 2);
        meta = full_box(
            "meta",
            full_box("hdlr", big_endian(0, 4) + "pict" + std::string(13, '\0')) +
                full_box("pitm", big_endian(1, 2)) +
                full_box("iloc", std::string("\x44\0", 2) + count + places) +
                full_box("iinf", count + infos) + (links.empty() ? "" : full_box("iref", links)) +
                box("iprp", box("ipco", properties) +
                                full_box("ipma", big_endian(items.size(), 4) + associations)) +
                (groups.empty() ? "" : box("grpl", groups)));
        start = head.size() + meta.size() + 8;
    }
    for (const HeifItem& item : items)
        data += item.payload;
    return as_bytes(head + meta + box("mdat", data));
}

/// The property that makes an item a depth image; `messages` are what its codec says of it.
inline std::string depth_property(const std::string& messages = "") {
    return full_box("auxC", std::string("urn:mpeg:hevc:2015:auxid:2\0", 27) + messages);
}

/// The codec's message about depth: type 0 to 3, and the ends of z, 0 where they are not said.
inline std::string depth_representation(unsigned type, double near, double far) {
    std::vector<bool> bits;
    const auto put = [&](std::uint64_t number, int count) {
        for (int i = count - 1; i >= 0; --i)
            bits.push_back((number >> i & 1) != 0);
    };
    const auto put_real = [&](double number) {
        constexpr int kMantissaBits = 24;
        const int exponent = std::ilogb(number);
        const double share = number / std::pow(2.0, exponent) - 1;
        put(0, 1), put(static_cast<std::uint64_t>(exponent + 31), 7), put(kMantissaBits - 1, 5);
        put(static_cast<std::uint64_t>(std::lround(share * (1 << kMantissaBits))), kMantissaBits);
    };
    put(near > 0, 1), put(far > 0, 1), put(0, 2);
    constexpr std::uint64_t kCodes[] = {1, 2, 3, 4};  // Exp-Golomb: 1, 010, 011, 00100
    constexpr int kLengths[] = {1, 3, 3, 5};
    put(kCodes[type], kLengths[type]);
    if (near > 0)
        put_real(near);
    if (far > 0)
        put_real(far);
    std::string payload;
    for (std::size_t i = 0; i < bits.size(); ++i) {
        if (i % 8 == 0)
            payload += '\0';
        payload.back() = static_cast<char>(payload.back() | (bits[i] ? 0x80 >> i % 8 : 0));
    }
    constexpr int kPrefixMessage = 39 << 1, kDepthRepresentation = 177;
    const std::string unit = big_endian(kPrefixMessage, 1) + "\x01" +
                             big_endian(kDepthRepresentation, 1) + big_endian(payload.size(), 1) +
                             payload;
    return big_endian(unit.size() + 4, 4) + big_endian(unit.size(), 4) + unit;
}

}  // namespace unflat
