// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"
#include "unflat/io.h"
#include "unflat/mesh.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

namespace unflat {

/// A point of the photo's camera frame in the frame of mesh files: x right, y up, looking along -z.
inline cv::Vec3f file_from_photo(const cv::Vec3f& p) {
    return {p[0], -p[1], -p[2]};
}

/// What goes into a binary glTF file.
struct GlbContent {
    const Mesh& mesh;
    std::span<const std::byte> texture;  ///< a JPEG or a WebP
    const PositionGrid* grid = nullptr;  ///< of its positions, which are then stored in 16 bits
    bool compress = false;               ///< by EXT_meshopt_compression
    nlohmann::json extras;               ///< what is said of the scene, or null
};

/// A binary glTF 2.0 file: one unlit mesh with its embedded texture and the photo's camera.
std::vector<std::byte> encode_glb(const GlbContent& content);

/// What a file says of an asset and how it was made (docs/gltf.md).
nlohmann::json describe_asset(const Asset& asset, const AssetNotes& notes);

/// A USDZ package: the mesh as text, unlit, and its texture.
std::vector<std::byte> encode_usdz(const Mesh& mesh, std::span<const std::byte> jpeg);

/// A binary little-endian PLY file; its texture stands in another file, beside it.
std::vector<std::byte> encode_ply(const Mesh& mesh, const std::string& texture_name);

/// Wavefront OBJ text that uses the only material of a library.
std::string encode_obj(const Mesh& mesh, const std::string& library_name);

/// The library that goes with encode_obj.
std::string encode_mtl(const std::string& texture_name);

}  // namespace unflat
