// SPDX-License-Identifier: MIT
#include "io/jpeg_layout.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>

namespace unflat {

namespace {

constexpr std::uint8_t kStart = 0xD8, kEnd = 0xD9, kScan = 0xDA, kApp1 = 0xE1;
// Markers without a length: TEM, and the restarts within a scan
constexpr std::uint8_t kTem = 0x01, kFirstRestart = 0xD0, kLastRestart = 0xD7;

constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
constexpr std::string_view kExtendedXmp("http://ns.adobe.com/xmp/extension/\0", 35);
constexpr std::size_t kGuidBytes = 32;

// Extended XMP of the greatest size has some 2000
constexpr std::size_t kMostSegments = 10000;

// A photo of 50 megapixels and its depth are some 20 MiB in base64
constexpr std::size_t kMostExtendedXmp = std::size_t{128} << 20;

std::uint8_t at(Bytes bytes, std::size_t index) {
    return std::to_integer<std::uint8_t>(bytes[index]);
}

std::size_t big_endian(Bytes bytes) {
    std::size_t number = 0;
    for (const std::byte b : bytes)
        number = number << 8 | std::to_integer<std::size_t>(b);
    return number;
}

std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool has_no_length(std::uint8_t marker) {
    return marker == kTem || marker == kStart ||
           (marker >= kFirstRestart && marker <= kLastRestart);
}

// Behind the coded data of a scan: at the next marker that is no restart
std::size_t skip_scan(Bytes bytes, std::size_t position) {
    for (; position + 1 < bytes.size(); ++position) {
        const void* mark = std::memchr(&bytes[position], 0xFF, bytes.size() - 1 - position);
        if (!mark)
            break;
        position = static_cast<std::size_t>(static_cast<const std::byte*>(mark) - bytes.data());
        const std::uint8_t marker = at(bytes, position + 1);
        if (marker != 0 && marker != 0xFF && (marker < kFirstRestart || marker > kLastRestart))
            return position;
    }
    return bytes.size();
}

// One piece of extended XMP: where it belongs in the whole
struct Piece {
    std::size_t whole = 0;
    std::size_t offset = 0;
    std::string_view text;
};

std::map<std::string, std::vector<Piece>> find_pieces(const JpegLayout& layout) {
    std::map<std::string, std::vector<Piece>> pieces;
    constexpr std::size_t kNumberBytes = 4;
    constexpr std::size_t kHeader = kExtendedXmp.size() + kGuidBytes + 2 * kNumberBytes;
    for (const JpegSegment& segment : layout.segments) {
        if (segment.marker != kApp1 || segment.content.size() < kHeader ||
            !as_text(segment.content).starts_with(kExtendedXmp))
            continue;
        const Bytes numbers = segment.content.subspan(kExtendedXmp.size() + kGuidBytes);
        pieces[std::string(as_text(segment.content).substr(kExtendedXmp.size(), kGuidBytes))]
            .push_back({.whole = big_endian(numbers.first(kNumberBytes)),
                        .offset = big_endian(numbers.subspan(kNumberBytes, kNumberBytes)),
                        .text = as_text(segment.content).substr(kHeader)});
    }
    return pieces;
}

// Nothing is allocated for what is not there: lengths are compared first
std::string assemble(std::vector<Piece> pieces) {
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.offset < b.offset; });
    std::size_t size = 0;
    for (const Piece& piece : pieces) {
        if (piece.offset != size)
            throw Malformed("its extended XMP has gaps or overlaps");
        size += piece.text.size();
    }
    if (size != pieces.front().whole)
        throw Malformed("its extended XMP has " + std::to_string(size) + " of " +
                        std::to_string(pieces.front().whole) + " bytes");
    if (size > kMostExtendedXmp)
        throw Malformed("its extended XMP has more than " + std::to_string(kMostExtendedXmp >> 20) +
                        " MiB");
    std::string text;
    text.reserve(size);
    for (const Piece& piece : pieces)
        text += piece.text;
    return text;
}

void add_extension(const JpegLayout& layout, Xmp& xmp) {
    std::map<std::string, std::vector<Piece>> pieces = find_pieces(layout);
    const auto named = xmp.text("xmpNote:HasExtendedXMP");
    if (pieces.empty()) {
        if (named)
            throw Malformed("its extended XMP is missing");
        return;
    }
    // Editors leave extensions of earlier versions behind: only the named one counts
    auto found = named ? pieces.find(std::string(*named)) : pieces.begin();
    if (found == pieces.end() || (!named && pieces.size() > 1))
        throw Malformed("its extended XMP is not the one that its XMP names");
    const std::string packet = assemble(std::move(found->second));
    try {
        xmp.add_packet(packet);
    } catch (const Malformed& malformed) {
        throw Malformed("its extended XMP cannot be read (" + std::string(malformed.what()) + ")");
    }
}

}  // namespace

JpegLayout find_layout(Bytes bytes) {
    JpegLayout layout{.end = bytes.size()};
    std::size_t position = 0;
    while (position + 1 < bytes.size() && layout.segments.size() < kMostSegments) {
        if (at(bytes, position) != 0xFF) {
            ++position;  // decoders skip stray bytes between segments as well
            continue;
        }
        const std::uint8_t marker = at(bytes, position + 1);
        position += marker == 0xFF ? 1 : 2;
        if (marker == 0xFF || marker == 0 || has_no_length(marker))
            continue;
        if (marker == kEnd) {
            layout.end = position;
            break;
        }
        constexpr std::size_t kLengthBytes = 2;
        if (position + kLengthBytes > bytes.size())
            break;
        const std::size_t length = big_endian(bytes.subspan(position, kLengthBytes));
        if (length < kLengthBytes || length > bytes.size() - position)
            break;
        layout.segments.push_back({marker,
                                   bytes.subspan(position + kLengthBytes, length - kLengthBytes),
                                   position + kLengthBytes});
        position += length;
        if (marker == kScan)
            position = skip_scan(bytes, position);
    }
    return layout;
}

Xmp read_xmp(const JpegLayout& layout, std::vector<std::string>& warnings) {
    Xmp xmp;
    try {
        for (const JpegSegment& segment : layout.segments)
            if (segment.marker == kApp1 && as_text(segment.content).starts_with(kXmp)) {
                xmp.add_packet(as_text(segment.content).substr(kXmp.size()));
                break;
            }
    } catch (const Malformed& malformed) {
        warnings.push_back("its XMP was ignored: " + std::string(malformed.what()));
        return xmp;
    }
    try {
        add_extension(layout, xmp);
    } catch (const Malformed& malformed) {
        // Of no interest where there is no depth
        if (xmp.find("GDepth:Format") || xmp.find("GDepth:Near") || xmp.find("GDepth:Mime"))
            warnings.push_back("some of its XMP was ignored: " + std::string(malformed.what()));
    }
    return xmp;
}

}  // namespace unflat
