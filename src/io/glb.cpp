// SPDX-License-Identifier: MIT
#include "io/mesh_files.h"
#include "io/texture_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include <meshoptimizer.h>
#include <nlohmann/json.hpp>

namespace unflat {

namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "glTF stores little-endian numbers");

// Numbers of the glTF 2.0 specification
enum : int {
    kUnsignedByte = 5121,
    kUnsignedShort = 5123,
    kUnsignedInt = 5125,
    kFloat = 5126,
    kArrayBuffer = 34962,
    kElementArrayBuffer = 34963,
    kLinear = 9729,
    kLinearMipmapLinear = 9987,
    kClampToEdge = 33071,
    kTriangles = 4,
};
constexpr const char* kMeshopt = "EXT_meshopt_compression";
constexpr const char* kQuantization = "KHR_mesh_quantization";
constexpr const char* kTransform = "KHR_texture_transform";
constexpr const char* kWebP = "EXT_texture_webp";
constexpr float kMostSteps = 65535;     // of positions and texture coordinates
constexpr float kUvStep = 1.F / 32768;  // as the asset's vertices are rounded
constexpr std::uint32_t kMagic = 0x46546C67, kVersion = 2;
constexpr std::uint32_t kJsonChunk = 0x4E4F534A, kBinaryChunk = 0x004E4942;

// The binary chunk and the views into it
class Buffer {
public:
    explicit Buffer(bool compress) : compress_(compress) {}

    // @return the index of the view
    int add_plain(std::span<const std::byte> bytes) {
        const std::size_t offset = append(bytes);
        views_.push_back({{"buffer", 0}, {"byteOffset", offset}, {"byteLength", bytes.size()}});
        return static_cast<int>(views_.size()) - 1;
    }

    // Vertices of one attribute, `stride` bytes each
    int add_attribute(std::span<const std::byte> bytes, std::size_t stride) {
        const std::size_t count = bytes.size() / stride;
        if (!compress_)
            return add_view(bytes, kArrayBuffer, stride);
        std::vector<unsigned char> coded(meshopt_encodeVertexBufferBound(count, stride));
        coded.resize(
            meshopt_encodeVertexBuffer(coded.data(), coded.size(), bytes.data(), count, stride));
        return add_compressed(coded, bytes.size(), stride, count, "ATTRIBUTES", kArrayBuffer);
    }

    // Indices of triangles, of `stride` bytes each
    int add_triangles(const std::vector<std::uint32_t>& indices, std::size_t vertex_count,
                      std::span<const std::byte> bytes, std::size_t stride) {
        if (!compress_)
            return add_view(bytes, kElementArrayBuffer, 0);
        std::vector<unsigned char> coded(
            meshopt_encodeIndexBufferBound(indices.size(), vertex_count));
        coded.resize(
            meshopt_encodeIndexBuffer(coded.data(), coded.size(), indices.data(), indices.size()));
        return add_compressed(coded, bytes.size(), stride, indices.size(), "TRIANGLES",
                              kElementArrayBuffer);
    }

    const std::vector<std::byte>& bytes() const { return bytes_; }
    const json& views() const { return views_; }

    json buffers() const {
        json buffers = json::array({{{"byteLength", bytes_.size()}}});
        if (compress_)  // where what was compressed stands for those who unpack it
            buffers.push_back({{"byteLength", unpacked_bytes_},
                               {"extensions", {{kMeshopt, {{"fallback", true}}}}}});
        return buffers;
    }

private:
    std::size_t append(std::span<const std::byte> bytes) {
        bytes_.resize((bytes_.size() + 3) / 4 * 4);
        const std::size_t offset = bytes_.size();
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return offset;
    }

    int add_view(std::span<const std::byte> bytes, int target, std::size_t stride) {
        const int view = add_plain(bytes);
        views_.back()["target"] = target;
        if (stride > 0)
            views_.back()["byteStride"] = stride;
        return view;
    }

    int add_compressed(const std::vector<unsigned char>& coded, std::size_t byte_count,
                       std::size_t stride, std::size_t count, const char* mode, int target) {
        json view = {{"buffer", 1},
                     {"byteOffset", unpacked_bytes_},
                     {"byteLength", byte_count},
                     {"target", target}};
        if (target == kArrayBuffer)
            view["byteStride"] = stride;
        view["extensions"][kMeshopt] = {{"buffer", 0},
                                        {"byteOffset", append(std::as_bytes(std::span(coded)))},
                                        {"byteLength", coded.size()},
                                        {"byteStride", stride},
                                        {"count", count},
                                        {"mode", mode}};
        views_.push_back(view);
        unpacked_bytes_ += (byte_count + 3) / 4 * 4;
        return static_cast<int>(views_.size()) - 1;
    }

    bool compress_;
    std::vector<std::byte> bytes_;
    std::size_t unpacked_bytes_ = 0;
    json views_ = json::array();
};

// Vertices as numbers of one type, three or two each, padded to whole words
template <typename Number, int Size>
using Row = std::array<Number, (Size * sizeof(Number) + 3) / 4 * 4 / sizeof(Number)>;

template <typename Number, int Size>
json attribute_accessor(const std::vector<Row<Number, Size>>& rows, int component_type,
                        Buffer& buffer) {
    return {{"bufferView",
             buffer.add_attribute(std::as_bytes(std::span(rows)), sizeof(Row<Number, Size>))},
            {"componentType", component_type},
            {"count", rows.size()},
            {"type", Size == 3 ? "VEC3" : "VEC2"}};
}

// glTF wants to know what positions span
template <typename Number>
void add_bounds(std::span<const Row<Number, 3>> rows, json& accessor) {
    Row<Number, 3> low = rows.front(), high = rows.front();
    for (const Row<Number, 3>& row : rows)
        for (std::size_t k = 0; k < 3; ++k) {
            low[k] = std::min(low[k], row[k]);
            high[k] = std::max(high[k], row[k]);
        }
    accessor["min"] = {low[0], low[1], low[2]};
    accessor["max"] = {high[0], high[1], high[2]};
}

// Steps of the grid as the file counts them, whose y and z point the other way
std::uint16_t steps_in_file(const PositionGrid& grid, const cv::Vec3f& p, int axis) {
    const float steps = std::round((p[axis] - grid.origin[axis]) / grid.step[axis]);
    const auto whole = static_cast<std::uint16_t>(std::clamp(steps, 0.F, kMostSteps));
    return axis == 0 ? whole : static_cast<std::uint16_t>(kMostSteps - whole);
}

std::vector<Row<std::uint16_t, 3>> grid_rows(const GlbContent& content) {
    std::vector<Row<std::uint16_t, 3>> rows(content.mesh.positions.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (int k = 0; k < 3; ++k)
            rows[i][static_cast<std::size_t>(k)] =
                steps_in_file(*content.grid, content.mesh.positions[i], k);
    return rows;
}

std::vector<Row<float, 3>> float_rows(const GlbContent& content) {
    std::vector<Row<float, 3>> rows(content.mesh.positions.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const cv::Vec3f p = file_from_photo(content.mesh.positions[i]);
        rows[i] = {p[0], p[1], p[2]};
    }
    return rows;
}

void add_bounds(const GlbContent& content, std::size_t first, std::size_t end, json& accessor) {
    if (content.grid) {
        const auto rows = grid_rows(content);
        add_bounds<std::uint16_t>(std::span(rows).subspan(first, end - first), accessor);
    } else {
        const auto rows = float_rows(content);
        add_bounds<float>(std::span(rows).subspan(first, end - first), accessor);
    }
}

json position_accessor(const GlbContent& content, Buffer& buffer) {
    json accessor =
        content.grid
            ? attribute_accessor<std::uint16_t, 3>(grid_rows(content), kUnsignedShort, buffer)
            : attribute_accessor<float, 3>(float_rows(content), kFloat, buffer);
    add_bounds(content, 0, content.mesh.positions.size(), accessor);
    return accessor;
}

json uv_accessor(const GlbContent& content, Buffer& buffer) {
    const std::vector<cv::Vec2f>& uvs = content.mesh.uvs;
    if (content.grid) {
        std::vector<Row<std::uint16_t, 2>> rows(uvs.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
            for (int k = 0; k < 2; ++k)
                rows[i][static_cast<std::size_t>(k)] = static_cast<std::uint16_t>(
                    std::clamp(std::round(uvs[i][k] / kUvStep), 0.F, kMostSteps));
        return attribute_accessor<std::uint16_t, 2>(rows, kUnsignedShort, buffer);
    }
    std::vector<Row<float, 2>> rows(uvs.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = {uvs[i][0], uvs[i][1]};
    return attribute_accessor<float, 2>(rows, kFloat, buffer);
}

// 16 bits where they do; the largest number is reserved. Numbers count from `first_vertex`
json index_accessor(std::span<const std::array<std::uint32_t, 3>> triangles,
                    std::size_t vertex_count, std::uint32_t first_vertex, Buffer& buffer) {
    std::vector<std::uint32_t> indices;
    for (const auto& triangle : triangles)
        for (const std::uint32_t vertex : triangle)
            indices.push_back(vertex - first_vertex);
    json accessor = {{"count", indices.size()}, {"type", "SCALAR"}};
    if (vertex_count <= std::numeric_limits<std::uint16_t>::max()) {
        const std::vector<std::uint16_t> shorts(indices.begin(), indices.end());
        accessor["componentType"] = kUnsignedShort;
        accessor["bufferView"] = buffer.add_triangles(
            indices, vertex_count, std::as_bytes(std::span(shorts)), sizeof shorts[0]);
    } else {
        accessor["componentType"] = kUnsignedInt;
        accessor["bufferView"] = buffer.add_triangles(
            indices, vertex_count, std::as_bytes(std::span(indices)), sizeof indices[0]);
    }
    return accessor;
}

// The vertices from one on, in the view of all of them
json last_vertices(json accessor, std::size_t first, std::size_t stride) {
    accessor["byteOffset"] = first * stride;
    accessor["count"] = accessor["count"].get<std::size_t>() - first;
    return accessor;
}

// The first and the last vertex of triangles
std::pair<std::uint32_t, std::uint32_t> range_of(
    std::span<const std::array<std::uint32_t, 3>> triangles) {
    std::pair range{std::numeric_limits<std::uint32_t>::max(), 0U};
    for (const auto& triangle : triangles)
        for (const std::uint32_t vertex : triangle)
            range = {std::min(range.first, vertex), std::max(range.second, vertex)};
    return range;
}

// White of the vertices' opacity
json colour_accessor(std::span<const std::uint8_t> opacity, Buffer& buffer) {
    std::vector<std::array<std::uint8_t, 4>> rows;
    for (const std::uint8_t alpha : opacity)
        rows.push_back({255, 255, 255, alpha});
    return {{"bufferView", buffer.add_attribute(std::as_bytes(std::span(rows)), sizeof rows[0])},
            {"componentType", kUnsignedByte},
            {"normalized", true},
            {"count", rows.size()},
            {"type", "VEC4"}};
}

// What is opaque, and what is blended over it, which has the last vertices and a material of its
// own. Appends the accessors
json primitives_of(const GlbContent& content, json& accessors, Buffer& buffer) {
    const Mesh& mesh = content.mesh;
    const auto opaque =
        std::span(mesh.triangles).first(mesh.triangles.size() - mesh.blended_triangles);
    accessors = json::array({position_accessor(content, buffer), uv_accessor(content, buffer),
                             index_accessor(opaque, mesh.positions.size(), 0, buffer)});
    json primitives = json::array({{{"attributes", {{"POSITION", 0}, {"TEXCOORD_0", 1}}},
                                    {"indices", 2},
                                    {"material", 0},
                                    {"mode", kTriangles}}});
    const auto blended = std::span(mesh.triangles).last(mesh.blended_triangles);
    if (blended.empty())
        return primitives;
    const std::uint32_t first = range_of(blended).first, count = range_of(opaque).second + 1;
    const bool on_grid = content.grid != nullptr;
    json positions = last_vertices(accessors[0], first,
                                   on_grid ? sizeof(Row<std::uint16_t, 3>) : sizeof(Row<float, 3>));
    add_bounds(content, first, mesh.positions.size(), positions);
    accessors.push_back(positions);
    accessors.push_back(last_vertices(
        accessors[1], first, on_grid ? sizeof(Row<std::uint16_t, 2>) : sizeof(Row<float, 2>)));
    accessors[0]["count"] = accessors[1]["count"] = count;
    add_bounds(content, 0, count, accessors[0]);
    accessors.push_back(colour_accessor(std::span(mesh.opacity).subspan(first), buffer));
    accessors.push_back(index_accessor(blended, mesh.positions.size() - first, first, buffer));
    primitives.push_back({{"attributes", {{"POSITION", 3}, {"TEXCOORD_0", 4}, {"COLOR_0", 5}}},
                          {"indices", 6},
                          {"material", 1},
                          {"mode", kTriangles}});
    return primitives;
}

// The photo's camera; glTF has no place for a principal point off the centre
json camera_object(const Mesh& mesh) {
    const double focal = static_cast<double>(mesh.camera.focal);
    double nearest = std::numeric_limits<double>::max(), farthest = 0;
    for (const cv::Vec3f& p : mesh.positions) {
        nearest = std::min(nearest, static_cast<double>(p[2]));
        farthest = std::max(farthest, static_cast<double>(p[2]));
    }
    // Room for a viewer to move towards the scene and away from it
    constexpr double kNearShare = 0.05, kFarShare = 10;
    return {
        {"type", "perspective"},
        {"perspective",
         {{"yfov", 2 * std::atan(mesh.camera.size.height / (2 * focal))},
          {"aspectRatio", static_cast<double>(mesh.camera.size.width) / mesh.camera.size.height},
          {"znear", kNearShare * nearest},
          {"zfar", kFarShare * farthest}}}};
}

json material_object(const GlbContent& content, const char* name) {
    json texture = {{"index", 0}};
    if (content.grid)
        texture["extensions"][kTransform] = {{"scale", {kUvStep, kUvStep}}};
    return {{"name", name},
            {"doubleSided", true},
            {"pbrMetallicRoughness",
             {{"baseColorTexture", texture}, {"metallicFactor", 0}, {"roughnessFactor", 1}}},
            {"extensions", {{"KHR_materials_unlit", json::object()}}}};
}

// A texture without a source but its extension's: who does not know WebP could show nothing else
json texture_object(const GlbContent& content) {
    json texture = {{"sampler", 0}};
    if (is_webp(content.texture))
        texture["extensions"][kWebP] = {{"source", 0}};
    else
        texture["source"] = 0;
    return texture;
}

json mesh_node(const GlbContent& content) {
    json node = {{"name", "photo"}, {"mesh", 0}};
    if (!content.grid)
        return node;
    const PositionGrid& grid = *content.grid;
    const cv::Vec3f far = grid.at({kMostSteps, kMostSteps, kMostSteps});
    node["translation"] = {grid.origin[0], -far[1], -far[2]};
    node["scale"] = {grid.step[0], grid.step[1], grid.step[2]};
    return node;
}

void add_extensions(const GlbContent& content, json& scene) {
    json used = json::array({"KHR_materials_unlit"}), required = json::array();
    const auto require_extension = [&](const char* name) {
        used.push_back(name);
        required.push_back(name);
    };
    if (content.grid) {
        require_extension(kQuantization);
        require_extension(kTransform);
    }
    if (content.compress)
        require_extension(kMeshopt);
    if (is_webp(content.texture))
        require_extension(kWebP);
    scene["extensionsUsed"] = used;
    if (!required.empty())
        scene["extensionsRequired"] = required;
}

void append(std::vector<std::byte>& bytes, const void* data, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), first, first + size);
}

void append_chunk(std::vector<std::byte>& file, std::uint32_t type, std::span<const std::byte> data,
                  char fill) {
    const std::size_t padded = (data.size() + 3) / 4 * 4;
    const std::uint32_t header[2] = {static_cast<std::uint32_t>(padded), type};
    append(file, header, sizeof header);
    append(file, data.data(), data.size());
    file.resize(file.size() + padded - data.size(), static_cast<std::byte>(fill));
}

}  // namespace

std::vector<std::byte> encode_glb(const GlbContent& content) {
    // Describe the scene
    Buffer buffer(content.compress);
    json scene = {{"asset", {{"version", "2.0"}, {"generator", "unflat"}}},
                  {"scene", 0},
                  {"scenes", {{{"nodes", {0, 1}}}}},
                  {"nodes", {mesh_node(content), {{"name", "photo camera"}, {"camera", 0}}}},
                  {"materials", json::array({material_object(content, "photo")})},
                  {"textures", {texture_object(content)}},
                  {"samplers",
                   {{{"magFilter", kLinear},
                     {"minFilter", kLinearMipmapLinear},
                     {"wrapS", kClampToEdge},
                     {"wrapT", kClampToEdge}}}}};
    add_extensions(content, scene);
    if (!content.extras.is_null())
        scene["scenes"][0]["extras"]["unflat"] = content.extras;
    scene["cameras"] = json::array({camera_object(content.mesh)});
    scene["meshes"] =
        json::array({{{"primitives", primitives_of(content, scene["accessors"], buffer)}}});
    if (content.mesh.blended_triangles > 0) {
        json soft = material_object(content, "soft edges");
        soft["alphaMode"] = "BLEND";
        scene["materials"].push_back(soft);
    }
    scene["images"] =
        json::array({{{"bufferView", buffer.add_plain(content.texture)},
                      {"mimeType", is_webp(content.texture) ? "image/webp" : "image/jpeg"}}});
    scene["bufferViews"] = buffer.views();
    scene["buffers"] = buffer.buffers();

    // Wrap it up
    const std::string text = scene.dump(-1, ' ', false, json::error_handler_t::replace);
    std::vector<std::byte> file;
    file.reserve(buffer.bytes().size() + text.size() + 64);
    const std::uint32_t header[3] = {kMagic, kVersion, 0};
    append(file, header, sizeof header);
    append_chunk(file, kJsonChunk, std::as_bytes(std::span(text)), ' ');
    append_chunk(file, kBinaryChunk, buffer.bytes(), '\0');
    const auto size = static_cast<std::uint32_t>(file.size());
    std::memcpy(file.data() + 2 * sizeof size, &size, sizeof size);
    return file;
}

}  // namespace unflat
