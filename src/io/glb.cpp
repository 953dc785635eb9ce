// SPDX-License-Identifier: MIT
#include "io/mesh_files.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <nlohmann/json.hpp>

namespace unflat {

namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "glTF stores little-endian numbers");

// Numbers of the glTF 2.0 specification
enum : int {
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
constexpr std::uint32_t kMagic = 0x46546C67, kVersion = 2;
constexpr std::uint32_t kJsonChunk = 0x4E4F534A, kBinaryChunk = 0x004E4942;

// The binary chunk and the views into it
class Buffer {
public:
    // @return the index of the view
    int add(std::span<const std::byte> bytes, int target = 0) {
        bytes_.resize((bytes_.size() + 3) / 4 * 4);
        json view = {{"buffer", 0}, {"byteOffset", bytes_.size()}, {"byteLength", bytes.size()}};
        if (target)
            view["target"] = target;
        views_.push_back(view);
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return static_cast<int>(views_.size()) - 1;
    }
    const std::vector<std::byte>& bytes() const { return bytes_; }
    const json& views() const { return views_; }

private:
    std::vector<std::byte> bytes_;
    json views_ = json::array();
};

json position_accessor(const Mesh& mesh, Buffer& buffer) {
    constexpr float kMax = std::numeric_limits<float>::max();
    cv::Vec3f low(kMax, kMax, kMax), high(-kMax, -kMax, -kMax);
    std::vector<cv::Vec3f> positions(mesh.positions.size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
        positions[i] = file_from_photo(mesh.positions[i]);
        for (int k = 0; k < 3; ++k) {
            low[k] = std::min(low[k], positions[i][k]);
            high[k] = std::max(high[k], positions[i][k]);
        }
    }
    return {{"bufferView", buffer.add(std::as_bytes(std::span(positions)), kArrayBuffer)},
            {"componentType", kFloat},
            {"count", positions.size()},
            {"type", "VEC3"},
            {"min", {low[0], low[1], low[2]}},
            {"max", {high[0], high[1], high[2]}}};
}

json uv_accessor(const Mesh& mesh, Buffer& buffer) {
    return {{"bufferView", buffer.add(std::as_bytes(std::span(mesh.uvs)), kArrayBuffer)},
            {"componentType", kFloat},
            {"count", mesh.uvs.size()},
            {"type", "VEC2"}};
}

// 16 bits where they do; the largest number is reserved
json index_accessor(const Mesh& mesh, Buffer& buffer) {
    json accessor = {{"count", 3 * mesh.triangles.size()}, {"type", "SCALAR"}};
    if (mesh.positions.size() <= std::numeric_limits<std::uint16_t>::max()) {
        std::vector<std::array<std::uint16_t, 3>> triangles(mesh.triangles.size());
        for (std::size_t i = 0; i < triangles.size(); ++i)
            for (std::size_t k = 0; k < 3; ++k)
                triangles[i][k] = static_cast<std::uint16_t>(mesh.triangles[i][k]);
        accessor["componentType"] = kUnsignedShort;
        accessor["bufferView"] =
            buffer.add(std::as_bytes(std::span(triangles)), kElementArrayBuffer);
    } else {
        accessor["componentType"] = kUnsignedInt;
        accessor["bufferView"] =
            buffer.add(std::as_bytes(std::span(mesh.triangles)), kElementArrayBuffer);
    }
    return accessor;
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

json material_object() {
    return {{"name", "photo"},
            {"doubleSided", true},
            {"pbrMetallicRoughness",
             {{"baseColorTexture", {{"index", 0}}}, {"metallicFactor", 0}, {"roughnessFactor", 1}}},
            {"extensions", {{"KHR_materials_unlit", json::object()}}}};
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

std::vector<std::byte> encode_glb(const Mesh& mesh, std::span<const std::byte> jpeg) {
    // Describe the scene
    Buffer buffer;
    json scene = {
        {"asset", {{"version", "2.0"}, {"generator", "unflat"}}},
        {"extensionsUsed", {"KHR_materials_unlit"}},
        {"scene", 0},
        {"scenes", {{{"nodes", {0, 1}}}}},
        {"nodes", {{{"name", "photo"}, {"mesh", 0}}, {{"name", "camera"}, {"camera", 0}}}},
        {"materials", {material_object()}},
        {"textures", {{{"sampler", 0}, {"source", 0}}}},
        {"samplers",
         {{{"magFilter", kLinear},
           {"minFilter", kLinearMipmapLinear},
           {"wrapS", kClampToEdge},
           {"wrapT", kClampToEdge}}}}};
    scene["cameras"] = json::array({camera_object(mesh)});
    scene["accessors"] = json::array(
        {position_accessor(mesh, buffer), uv_accessor(mesh, buffer), index_accessor(mesh, buffer)});
    const json primitive = {{"attributes", {{"POSITION", 0}, {"TEXCOORD_0", 1}}},
                            {"indices", 2},
                            {"material", 0},
                            {"mode", kTriangles}};
    scene["meshes"] = json::array({{{"primitives", json::array({primitive})}}});
    scene["images"] = json::array({{{"bufferView", buffer.add(jpeg)}, {"mimeType", "image/jpeg"}}});
    scene["bufferViews"] = buffer.views();
    scene["buffers"] = json::array({{{"byteLength", buffer.bytes().size()}}});

    // Wrap it up
    const std::string text = scene.dump();
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
