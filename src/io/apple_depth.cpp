// SPDX-License-Identifier: MIT
// What iPhones write: an auxiliary picture whose XMP says what its numbers mean, as an auxiliary
// image of HEIC (heif_depth.cpp), or as a JPEG behind the primary one (here).
#include "io/embedded.h"

#include <algorithm>
#include <array>

namespace unflat {

namespace {

constexpr std::uint8_t kApp2 = 0xE2;
constexpr std::string_view kMpf("MPF\0", 4);
constexpr std::uint16_t kEntriesTag = 0xB002;
constexpr std::size_t kEntryBytes = 16, kFieldBytes = 12;
// A photo has a depth map, a gain map and some mattes
constexpr std::size_t kMostPictures = 32;

// Numbers of a TIFF-like block; reading beyond its end gives 0
class Block {
public:
    explicit Block(Bytes bytes)
        : bytes_(bytes), is_little_endian_(!bytes.empty() && bytes[0] == std::byte{'I'}) {}

    std::size_t number(std::size_t at, std::size_t count) const {
        if (at > bytes_.size() || count > bytes_.size() - at)
            return 0;
        std::size_t result = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t place = is_little_endian_ ? at + count - 1 - i : at + i;
            result = result << 8 | std::to_integer<std::size_t>(bytes_[place]);
        }
        return result;
    }
    std::size_t size() const { return bytes_.size(); }

private:
    Bytes bytes_;
    bool is_little_endian_;
};

// Where the pictures of a Multi-Picture file begin, but for the first
std::vector<std::size_t> find_mpf_pictures(const JpegSegment& segment) {
    const Block block(segment.content.subspan(kMpf.size()));
    const std::size_t origin = segment.at + kMpf.size();
    constexpr std::size_t kDirectoryAt = 4;
    const std::size_t directory = block.number(kDirectoryAt, 4);
    const std::size_t field_count = std::min(block.number(directory, 2), kMostPictures);
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < field_count; ++i) {
        const std::size_t field = directory + 2 + i * kFieldBytes;
        if (block.number(field, 2) != kEntriesTag)
            continue;
        const std::size_t count = std::min(block.number(field + 4, 4) / kEntryBytes, kMostPictures);
        const std::size_t entries = block.number(field + 8, 4);
        for (std::size_t entry = 1; entry < count; ++entry)
            if (const std::size_t offset = block.number(entries + entry * kEntryBytes + 8, 4))
                starts.push_back(origin + offset);
    }
    return starts;
}

// Without an index that can be used: JPEGs that follow one another
std::vector<std::size_t> find_following(Bytes bytes, std::size_t end) {
    std::vector<std::size_t> starts;
    while (end < bytes.size() && starts.size() < kMostPictures &&
           recognise(bytes.subspan(end)) == Format::Jpeg) {
        starts.push_back(end);
        end += find_layout(bytes.subspan(end)).end;
    }
    return starts;
}

std::vector<std::size_t> find_pictures(Bytes bytes, const JpegLayout& layout) {
    for (const JpegSegment& segment : layout.segments)
        if (segment.marker == kApp2 && segment.content.size() > kMpf.size() &&
            std::equal(kMpf.begin(), kMpf.end(), segment.content.begin(),
                       [](char c, std::byte b) { return static_cast<std::byte>(c) == b; }))
            return find_mpf_pictures(segment);
    return find_following(bytes, layout.end);
}

std::string describe_accuracy(const Xmp& xmp) {
    const auto accuracy = xmp.text("depthData:Accuracy");
    if (!accuracy)
        return "";
    return *accuracy == "absolute" ? ", absolute" : ", of relative accuracy";
}

}  // namespace

std::optional<StoredDepth> read_apple_depth(const Xmp& xmp, double full_scale) {
    const auto type = xmp.text("apdi:AuxiliaryImageType");
    if (!type || (*type != "disparity" && *type != "depth"))
        return std::nullopt;
    StoredDepth depth;
    depth.info.format = "Apple";
    depth.info.kind = *type == "depth" ? DepthKind::Depth : DepthKind::InverseDepth;
    depth.info.unit = "m";
    const double int_least = xmp.number("apdi:IntMinValue").value_or(0);
    const double int_most = xmp.number("apdi:IntMaxValue").value_or(full_scale);
    const auto least = xmp.number("apdi:FloatMinValue"), most = xmp.number("apdi:FloatMaxValue");
    depth.info.convention = std::string(*type) + describe_accuracy(xmp);
    if (!least || !most || !(*most > *least) || !(int_most > int_least)) {
        const bool is_depth = depth.info.kind == DepthKind::Depth;
        depth.info.kind = DepthKind::Disparity;
        depth.info.unit.clear();
        depth.info.convention += ", its scale not usable: relative";
        depth.formula = DepthFormula::linear(DepthKind::Disparity, 0, is_depth ? -1 : 1);
        return depth;
    }
    const double factor = (*most - *least) / (int_most - int_least);
    depth.formula = DepthFormula::linear(depth.info.kind, *least - int_least * factor, factor);
    depth.info.convention +=
        ", " + in_digits(*least) + " to " + in_digits(*most) + (*type == "depth" ? " m" : " 1/m");
    const bool is_absolute = xmp.text("depthData:Accuracy").value_or("") == "absolute";
    depth.info.is_metric = is_absolute;
    if (*least > 0)
        depth.info.range = depth.info.kind == DepthKind::Depth ? DepthRange{*least, *most}
                                                               : DepthRange{1 / *most, 1 / *least};
    return depth;
}

std::optional<StoredLens> read_apple_lens(const Xmp& xmp) {
    // Columns first: focal lengths at 0 and 4, the principal point in the last column
    const std::vector<double> matrix = xmp.numbers("depthData:IntrinsicMatrix");
    const auto width = xmp.number("depthData:IntrinsicMatrixReferenceWidth");
    const auto height = xmp.number("depthData:IntrinsicMatrixReferenceHeight");
    constexpr std::size_t kMatrixSize = 9, kPrincipalX = 6, kPrincipalY = 7;
    if (matrix.size() != kMatrixSize || !width || !height || !(*width >= 1) || !(*height >= 1))
        return std::nullopt;
    return StoredLens{matrix[0], {matrix[kPrincipalX], matrix[kPrincipalY]}, {*width, *height}};
}

std::optional<StoredDepth> read_apple_jpeg(Bytes bytes, const JpegLayout& layout, Extent extent,
                                           std::optional<StoredLens>& lens) {
    for (const std::size_t start : find_pictures(bytes, layout)) {
        if (start >= bytes.size() || recognise(bytes.subspan(start)) != Format::Jpeg)
            continue;
        const Bytes rest = bytes.subspan(start);
        const JpegLayout inner = find_layout(rest);
        std::vector<std::string> ignored;
        const Xmp xmp = read_xmp(inner, ignored);
        if (xmp.empty() || !read_apple_depth(xmp, 255))
            continue;
        Picture picture;
        try {
            picture = decode_picture(rest.first(inner.end), extent);
        } catch (const Malformed& malformed) {
            throw Malformed("its depth cannot be read (" + std::string(malformed.what()) + ")");
        }
        std::optional<StoredDepth> depth =
            read_apple_depth(xmp, picture.bit_depth > 8 ? 65535 : 255);
        depth->info.size = picture.size;
        depth->picture = std::move(picture);
        lens = read_apple_lens(xmp);
        return depth;
    }
    return std::nullopt;
}

}  // namespace unflat
