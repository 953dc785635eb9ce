// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "io/jpeg.h"
#include "io/mesh_files.h"
#include "io/texture_codec.h"

namespace unflat {

namespace {

using Path = std::filesystem::path;

Path beside(const Path& file, const char* extension) {
    return Path(file).replace_extension(extension);
}

// Files that belong together: all are complete before the first one appears under its name
void write_together(const std::vector<Path>& files,
                    const std::vector<std::span<const std::byte>>& contents) {
    std::vector<std::unique_ptr<OutputFile>> outputs;
    for (std::size_t i = 0; i < files.size(); ++i) {
        outputs.push_back(std::make_unique<OutputFile>(files[i]));
        outputs.back()->write(contents[i]);
        outputs.back()->close();
    }
    for (const auto& output : outputs)
        output->commit();
}

// A mesh in a file that has its texture beside it
std::vector<Path> write_with_texture(const Mesh& mesh, std::span<const std::byte> jpeg,
                                     const Path& file) {
    const Path texture = beside(file, ".jpg");
    if (lower_extension(file) == ".ply") {
        const std::vector<Path> files{file, texture};
        const std::vector<std::byte> ply = encode_ply(mesh, texture.filename().string());
        write_together(files, {ply, jpeg});
        return files;
    }
    const Path library = beside(file, ".mtl");
    const std::vector<Path> files{file, library, texture};
    const std::string obj = encode_obj(mesh, library.filename().string());
    const std::string mtl = encode_mtl(texture.filename().string());
    write_together(files, {std::as_bytes(std::span(obj)), std::as_bytes(std::span(mtl)), jpeg});
    return files;
}

void check_mesh(const Mesh& mesh) {
    require(
        !mesh.positions.empty() && mesh.positions.size() == mesh.uvs.size() && !mesh.atlas.empty(),
        "a mesh without vertices or texture cannot be written");
}

void check_asset(const Asset& asset) {
    check_mesh(asset.mesh);
    require(!asset.texture.empty(), "an asset without texture cannot be written");
}

[[noreturn]] void refuse_ending(const Path& file, const std::string& accepted) {
    throw Error(ErrorKind::Unsupported,
                "cannot write '" + file.string() + "': a mesh is written as " + accepted);
}

}  // namespace

std::vector<Path> write_mesh(const Mesh& mesh, const Path& file, const WriteMeshOptions& options) {
    check_mesh(mesh);
    require(options.texture_quality >= 1 && options.texture_quality <= 100,
            "write_mesh: the texture's quality must lie between 1 and 100");
    const std::string extension = lower_extension(file);
    if (extension != ".glb" && extension != ".ply" && extension != ".obj")
        refuse_ending(file, ".glb, .ply or .obj");

    const std::vector<std::byte> jpeg = encode_jpeg(mesh.atlas, options.texture_quality);
    if (extension != ".glb")
        return write_with_texture(mesh, jpeg, file);
    write_bytes(file, encode_glb({.mesh = mesh, .texture = jpeg, .extras = {}}));
    return {file};
}

std::vector<std::byte> encode_asset(const Asset& asset, const AssetNotes& notes,
                                    const WriteAssetOptions& options) {
    check_asset(asset);
    const bool on_grid = asset.grid.step[0] > 0;
    return encode_glb({.mesh = asset.mesh,
                       .texture = asset.texture,
                       .grid = on_grid ? &asset.grid : nullptr,
                       .compress = options.compress,
                       .extras = describe_asset(asset, notes)});
}

std::vector<Path> write_asset(const Asset& asset, const Path& file, const AssetNotes& notes,
                              const WriteAssetOptions& options) {
    check_asset(asset);
    const std::string extension = lower_extension(file);
    if (extension != ".glb" && is_webp(asset.texture))
        refuse_ending(file, ".glb if its texture is a WebP");
    if (extension == ".ply" || extension == ".obj")
        return write_with_texture(asset.mesh, asset.texture, file);
    if (extension == ".usdz") {
        write_bytes(file, encode_usdz(asset.mesh, asset.texture));
        return {file};
    }
    if (extension != ".glb")
        refuse_ending(file, ".glb, .usdz, .ply or .obj");
    write_bytes(file, encode_asset(asset, notes, options));
    return {file};
}

}  // namespace unflat
