// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "io/jpeg.h"
#include "io/mesh_files.h"

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

void check(const Mesh& mesh, const WriteMeshOptions& options) {
    require(
        !mesh.positions.empty() && mesh.positions.size() == mesh.uvs.size() && !mesh.atlas.empty(),
        "write_mesh: the mesh has no vertices or no texture");
    require(options.texture_quality >= 1 && options.texture_quality <= 100,
            "write_mesh: the texture's quality must lie between 1 and 100");
}

}  // namespace

std::vector<std::byte> encode_mesh(const Mesh& mesh, const WriteMeshOptions& options) {
    check(mesh, options);
    return encode_glb(mesh, encode_jpeg(mesh.atlas, options.texture_quality));
}

std::vector<Path> write_mesh(const Mesh& mesh, const Path& file, const WriteMeshOptions& options) {
    check(mesh, options);
    const std::string extension = lower_extension(file);
    if (extension != ".glb" && extension != ".ply" && extension != ".obj")
        throw Error(ErrorKind::Unsupported, "cannot write '" + file.string() +
                                                "': a mesh is written as .glb, .ply or .obj");

    if (extension == ".glb") {
        write_bytes(file, encode_mesh(mesh, options));
        return {file};
    }
    const std::vector<std::byte> jpeg = encode_jpeg(mesh.atlas, options.texture_quality);
    const Path texture = beside(file, ".jpg");
    if (extension == ".ply") {
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

}  // namespace unflat
