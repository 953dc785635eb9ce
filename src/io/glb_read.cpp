// SPDX-License-Identifier: MIT
// Reads back what encode_glb wrote, and nothing else: lengths are never believed.
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "io/json.h"
#include "io/mesh_files.h"
#include "io/texture_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include <meshoptimizer.h>

namespace unflat {

namespace {

using nlohmann::json;
using Path = std::filesystem::path;

constexpr std::uint32_t kMagic = 0x46546C67, kJsonChunk = 0x4E4F534A, kBinaryChunk = 0x004E4942;
constexpr std::size_t kMaxJsonBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxElements = 100'000'000;  // vertices, or indices
constexpr float kMaxNumber = 1e9F;                 // of a place or a step [scene units]
constexpr std::size_t kColourNumbers = 4;          // red, green, blue, opacity
constexpr const char* kForeign = "it is a glTF scene that unflat did not make";

std::uint32_t word(Bytes bytes, std::size_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

// The chunks of a file
struct Chunks {
    Bytes text, binary;
};

Chunks split(Bytes bytes) {
    constexpr std::size_t kHeader = 12, kChunkHeader = 8;
    if (bytes.size() < kHeader + kChunkHeader || word(bytes, 0) != kMagic || word(bytes, 4) != 2)
        throw Malformed("it is not a binary glTF 2.0 file");
    if (word(bytes, 8) != bytes.size())
        throw Malformed("it is cut short, or longer than it says");
    Chunks chunks;
    for (std::size_t at = kHeader; at < bytes.size();) {
        if (bytes.size() - at < kChunkHeader)
            throw Malformed("a chunk is cut short");
        const std::size_t size = word(bytes, at);
        const std::uint32_t type = word(bytes, at + 4);
        at += kChunkHeader;
        if (size > bytes.size() - at)
            throw Malformed("a chunk is longer than the file");
        (type == kJsonChunk ? chunks.text : chunks.binary) = bytes.subspan(at, size);
        if (type != kJsonChunk && type != kBinaryChunk)
            throw Malformed("it has a chunk of another kind");
        at += size;
    }
    return chunks;
}

const json& member(const json& object, const char* name) {
    if (!object.is_object() || !object.contains(name))
        throw Malformed(std::string("its scene has no \"") + name + "\"");
    return object.at(name);
}

const json& element(const json& scene, const char* list, std::size_t index) {
    const json& array = member(scene, list);
    if (!array.is_array() || index >= array.size())
        throw Malformed(std::string("its scene has too few \"") + list + "\"");
    return array.at(index);
}

std::size_t whole(const json& object, const char* name, std::size_t most) {
    const json& value = member(object, name);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
        throw Malformed(std::string("\"") + name + "\" is not a whole number in range");
    return value.get<std::size_t>();
}

cv::Vec3f triple(const json& value, const std::string& what) {
    if (!value.is_array() || value.size() != 3)
        throw Malformed(what + " is not three numbers");
    constexpr auto kMost = static_cast<double>(kMaxNumber);
    cv::Vec3f result;
    for (int k = 0; k < 3; ++k)
        result[k] = read_number(value.at(static_cast<std::size_t>(k)), -kMost, kMost, what);
    return result;
}

// Numbers of an accessor, as they are stored
struct Elements {
    std::vector<std::byte> bytes;
    std::size_t count = 0, stride = 0;
    std::size_t first = 0;  // of them in their view
    bool is_float = false;

    float number(std::size_t i, std::size_t k) const {
        if (is_float) {
            float value = 0;
            std::memcpy(&value, bytes.data() + i * stride + k * sizeof value, sizeof value);
            return value;
        }
        std::uint16_t value = 0;
        std::memcpy(&value, bytes.data() + i * stride + k * sizeof value, sizeof value);
        return static_cast<float>(value);
    }
};

class GlbReader {
public:
    GlbReader(const json& scene, Bytes binary) : scene_(scene), binary_(binary) {}

    StoredAsset read() {
        StoredAsset stored;
        read_notes(stored);
        read_mesh(stored.asset);
        return stored;
    }

private:
    void read_notes(StoredAsset& stored) const {
        const json& root = element(scene_, "scenes", 0);
        if (!root.contains("extras") || !root.at("extras").is_object() ||
            !root.at("extras").contains("unflat"))
            throw Malformed(kForeign);
        const json& extras = root.at("extras").at("unflat");
        const json& photo = member(extras, "photo");
        const json& principal = member(extras, "principal_point");
        if (!photo.is_array() || photo.size() != 2 || !principal.is_array() ||
            principal.size() != 2)
            throw Malformed("\"photo\" or \"principal_point\" is not two numbers");
        constexpr double kMaxSide = 65'536;
        Camera& camera = stored.asset.mesh.camera;
        camera.size = {static_cast<int>(read_number(photo.at(0), 1, kMaxSide, "\"photo\"")),
                       static_cast<int>(read_number(photo.at(1), 1, kMaxSide, "\"photo\""))};
        camera.focal = read_number(member(extras, "focal_px"), 1e-3, 1e9, "\"focal_px\"");
        camera.cx = read_number(principal.at(0), -1e6, 1e6, "\"principal_point\"");
        camera.cy = read_number(principal.at(1), -1e6, 1e6, "\"principal_point\"");

        const json& range = member(extras, "safe_range");
        const cv::Vec3f low = triple(member(range, "min"), "\"min\"");
        const cv::Vec3f high = triple(member(range, "max"), "\"max\"");
        stored.asset.safe_range = {{low[0], -high[1], -high[2]}, {high[0], -low[1], -low[2]}};
        AssetNotes& notes = stored.notes;
        notes.focus_depth = read_number(member(extras, "focus_depth"), 0, 1e30, "\"focus_depth\"");
        notes.true_scale = member(extras, "true_scale").get<bool>();
        notes.version = member(extras, "version").get<std::string>();
        notes.title = member(extras, "title").get<std::string>();
        const json& made = member(extras, "made");
        notes.fill = member(made, "fill").get<std::string>();
        notes.networks = member(made, "networks").get<std::vector<std::string>>();
        for (const auto& [name, value] : member(made, "options").items())
            notes.options.emplace_back(name, value.get<std::string>());
    }

    void read_mesh(Asset& asset) const {
        const json& primitives = member(element(scene_, "meshes", 0), "primitives");
        const json& opaque = element(element(scene_, "meshes", 0), "primitives", 0);
        read_vertices(member(opaque, "attributes"), asset);
        read_triangles(whole(opaque, "indices", kMaxElements), 0, asset.mesh);
        if (primitives.size() > 1)
            read_soft_edges(primitives.at(1), asset);
        read_texture(asset);
    }

    // Appends vertices but for those that are there: both parts are of one list, and overlap.
    // @return the first one's place in it
    std::size_t read_vertices(const json& attributes, Asset& asset) const {
        const Elements positions = elements(whole(attributes, "POSITION", kMaxElements), 3);
        const Elements uvs = elements(whole(attributes, "TEXCOORD_0", kMaxElements), 2);
        if (uvs.count != positions.count || uvs.first != positions.first)
            throw Malformed("positions and texture coordinates differ in number");
        const std::size_t known = asset.mesh.positions.size(), first = positions.first;
        if (first > known || first + positions.count < known)
            throw Malformed("its vertices are not one list");
        read_positions(positions, known - first, asset);
        const float uv_step = positions.is_float ? 1 : read_uv_step();
        for (std::size_t i = known - first; i < uvs.count; ++i)
            asset.mesh.uvs.emplace_back(uvs.number(i, 0) * uv_step, uvs.number(i, 1) * uv_step);
        return first;
    }

    void read_positions(const Elements& stored, std::size_t begin, Asset& asset) const {
        cv::Vec3f origin(0, 0, 0), step(1, 1, 1);
        if (!stored.is_float) {
            const json& node = element(scene_, "nodes", 0);
            origin = triple(member(node, "translation"), "\"translation\"");
            step = triple(member(node, "scale"), "\"scale\"");
            constexpr float kMost = 65535;
            asset.grid = {
                {origin[0], -(origin[1] + kMost * step[1]), -(origin[2] + kMost * step[2])}, step};
        }
        for (std::size_t i = begin; i < stored.count; ++i) {
            cv::Vec3f p;
            for (int k = 0; k < 3; ++k)
                p[k] = origin[k] + step[k] * stored.number(i, static_cast<std::size_t>(k));
            p = {p[0], -p[1], -p[2]};
            if (!(std::abs(p[0]) < kMaxNumber && std::abs(p[1]) < kMaxNumber && p[2] > 0 &&
                  p[2] < kMaxNumber))
                throw Malformed("a vertex is not before the photo's camera");
            asset.mesh.positions.push_back(p);
        }
    }

    float read_uv_step() const {
        const json& material = element(scene_, "materials", 0);
        const json& texture = member(member(material, "pbrMetallicRoughness"), "baseColorTexture");
        const json& scale =
            member(member(member(texture, "extensions"), "KHR_texture_transform"), "scale");
        if (!scale.is_array() || scale.empty())
            throw Malformed("\"scale\" is not two numbers");
        return read_number(scale.at(0), 0, 1, "\"scale\"");
    }

    // Appends triangles whose vertices are counted from one on
    void read_triangles(std::size_t accessor, std::size_t first, Mesh& mesh) const {
        const Elements stored = elements(accessor, 1);
        if (stored.count % 3 != 0)
            throw Malformed("its indices do not make whole triangles");
        const std::size_t before = mesh.triangles.size();
        mesh.triangles.resize(before + stored.count / 3);
        for (std::size_t i = 0; i < stored.count; ++i) {
            std::uint32_t index = 0;
            std::memcpy(&index, stored.bytes.data() + i * stored.stride, stored.stride);
            if (index >= mesh.positions.size() - first)
                throw Malformed("an index is out of range");
            mesh.triangles[before + i / 3][i % 3] = index + static_cast<std::uint32_t>(first);
        }
    }

    void read_soft_edges(const json& primitive, Asset& asset) const {
        const json& attributes = member(primitive, "attributes");
        const std::size_t first = read_vertices(attributes, asset);
        const Elements colours =
            elements(whole(attributes, "COLOR_0", kMaxElements), kColourNumbers);
        Mesh& mesh = asset.mesh;
        if (colours.count != mesh.positions.size() - first)
            throw Malformed("positions and opacities differ in number");
        constexpr std::uint8_t kOpaque = 255;
        mesh.opacity.assign(first, kOpaque);
        for (std::size_t i = 0; i < colours.count; ++i)
            mesh.opacity.push_back(
                std::to_integer<std::uint8_t>(colours.bytes[(i + 1) * colours.stride - 1]));
        const std::size_t opaque = mesh.triangles.size();
        read_triangles(whole(primitive, "indices", kMaxElements), first, mesh);
        mesh.blended_triangles = mesh.triangles.size() - opaque;
    }

    void read_texture(Asset& asset) const {
        const json& image = element(scene_, "images", 0);
        const Bytes bytes = view_bytes(whole(image, "bufferView", kMaxElements));
        asset.texture.assign(bytes.begin(), bytes.end());
        asset.mesh.atlas = decode_texture(bytes);
    }

    Bytes slice(const json& view) const {
        const std::size_t offset =
            view.contains("byteOffset") ? whole(view, "byteOffset", binary_.size()) : 0;
        return binary_.subspan(offset, whole(view, "byteLength", binary_.size() - offset));
    }

    Bytes view_bytes(std::size_t index) const {
        const json& view = element(scene_, "bufferViews", index);
        if (whole(view, "buffer", 0) != 0)
            throw Malformed("a buffer is not in the file");
        return slice(view);
    }

    // The type of an accessor of ours follows from what it is for
    Elements elements(std::size_t index, std::size_t numbers) const {
        const json& accessor = element(scene_, "accessors", index);
        constexpr std::size_t kByte = 5121, kShort = 5123, kInt = 5125, kFloat = 5126;
        Elements result;
        result.count = whole(accessor, "count", kMaxElements);
        const std::size_t type = whole(accessor, "componentType", kFloat);
        result.is_float = type == kFloat;
        const bool is_colour = numbers == kColourNumbers;
        if (is_colour ? type != kByte : type != kShort && type != (numbers == 1 ? kInt : kFloat))
            throw Malformed("numbers of a type that unflat does not write");
        const std::size_t number = is_colour ? 1 : type == kShort ? 2 : 4;
        result.stride = numbers == 1 ? number : (numbers * number + 3) / 4 * 4;
        if (accessor.contains("byteOffset"))
            result.first = whole(accessor, "byteOffset", kMaxElements) / result.stride;
        const std::size_t view_index = whole(accessor, "bufferView", kMaxElements);
        const json& view = element(scene_, "bufferViews", view_index);
        if (view.contains("extensions")) {
            decompress(view.at("extensions"), numbers == 1, result);
            return result;
        }
        const Bytes bytes = view_bytes(view_index);
        if (bytes.size() < (result.first + result.count) * result.stride)
            throw Malformed("an accessor is longer than its view");
        result.bytes.assign(
            bytes.begin() + static_cast<std::ptrdiff_t>(result.first * result.stride), bytes.end());
        return result;
    }

    void decompress(const json& extensions, bool triangles, Elements& result) const {
        const json& coded = member(extensions, "EXT_meshopt_compression");
        const Bytes bytes = slice(coded);
        const std::size_t count = whole(coded, "count", kMaxElements);
        if (count < result.first + result.count ||
            whole(coded, "byteStride", 256) != result.stride || (triangles && count % 3))
            throw Malformed("compressed numbers do not fit their accessor");
        // At least a bit is coded per vertex and per triangle
        constexpr std::size_t kMostPerByte = 64;
        if (count / kMostPerByte > bytes.size())
            throw Malformed("compressed numbers are cut short");
        result.bytes.resize(count * result.stride);
        const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
        const int failed = triangles
                               ? meshopt_decodeIndexBuffer(result.bytes.data(), count,
                                                           result.stride, data, bytes.size())
                               : meshopt_decodeVertexBuffer(result.bytes.data(), count,
                                                            result.stride, data, bytes.size());
        if (failed)
            throw Malformed("compressed numbers are damaged");
        result.bytes.erase(
            result.bytes.begin(),
            result.bytes.begin() + static_cast<std::ptrdiff_t>(result.first * result.stride));
    }

    const json& scene_;
    Bytes binary_;
};

}  // namespace

StoredAsset decode_asset(std::span<const std::byte> bytes, const std::string& name) {
    try {
        const Chunks chunks = split(bytes);
        return parse_json(chunks.text, kMaxJsonBytes, [&](const json& scene) {
            return GlbReader(scene, chunks.binary).read();
        });
    } catch (const Malformed& reason) {
        throw Error(ErrorKind::Unreadable, "cannot read '" + name + "': " + reason.what() +
                                               "; a .glb that unflat has made is accepted");
    }
}

StoredAsset read_asset(const Path& file) {
    return decode_asset(read_bytes(file), file.string());
}

}  // namespace unflat
