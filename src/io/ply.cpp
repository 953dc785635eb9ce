// SPDX-License-Identifier: MIT
#include "io/mesh_files.h"

#include <bit>

namespace unflat {

namespace {

static_assert(std::endian::native == std::endian::little, "the files are little-endian");

template <typename T>
void append(std::vector<std::byte>& bytes, const T& value) {
    const auto raw = std::as_bytes(std::span(&value, 1));
    bytes.insert(bytes.end(), raw.begin(), raw.end());
}

}  // namespace

std::vector<std::byte> encode_ply(const Mesh& mesh, const std::string& texture_name) {
    const std::string header =
        "ply\nformat binary_little_endian 1.0\ncomment made by unflat\ncomment TextureFile " +
        texture_name + "\nelement vertex " + std::to_string(mesh.positions.size()) +
        "\nproperty float x\nproperty float y\nproperty float z\nproperty float s\n"
        "property float t\nelement face " +
        std::to_string(mesh.triangles.size()) +
        "\nproperty list uchar uint vertex_indices\nend_header\n";
    std::vector<std::byte> bytes;
    constexpr std::size_t kVertexBytes = 20, kFaceBytes = 13;
    bytes.reserve(header.size() + kVertexBytes * mesh.positions.size() +
                  kFaceBytes * mesh.triangles.size());
    for (const char c : header)
        bytes.push_back(static_cast<std::byte>(c));

    // t counts from the texture's lower border
    for (std::size_t i = 0; i < mesh.positions.size(); ++i) {
        append(bytes, file_from_photo(mesh.positions[i]));
        append(bytes, cv::Vec2f(mesh.uvs[i][0], 1 - mesh.uvs[i][1]));
    }
    for (const auto& triangle : mesh.triangles) {
        append(bytes, std::uint8_t{3});
        append(bytes, triangle);
    }
    return bytes;
}

}  // namespace unflat
