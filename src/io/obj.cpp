// SPDX-License-Identifier: MIT
#include "io/mesh_files.h"
#include "io/number_text.h"

namespace unflat {

namespace {

template <int size>
void append_line(std::string& text, const char* keyword, const cv::Vec<float, size>& values) {
    text += keyword;
    for (int k = 0; k < size; ++k) {
        text += ' ';
        append_number(text, values[k]);
    }
    text += '\n';
}

}  // namespace

std::string encode_obj(const Mesh& mesh, const std::string& library_name) {
    std::string text = "# made by unflat\nmtllib " + library_name + "\n";
    constexpr std::size_t kBytesPerElement = 64;  // a good guess for a vertex or a triangle
    text.reserve(kBytesPerElement * (mesh.positions.size() + mesh.triangles.size()));
    for (const cv::Vec3f& position : mesh.positions)
        append_line(text, "v", file_from_photo(position));
    for (const cv::Vec2f& uv : mesh.uvs)
        append_line(text, "vt", cv::Vec2f(uv[0], 1 - uv[1]));
    text += "usemtl photo\n";
    for (const auto& triangle : mesh.triangles) {
        text += 'f';
        for (const std::uint32_t vertex : triangle) {
            text += ' ';
            append_number(text, vertex + 1);
            text += '/';
            append_number(text, vertex + 1);
        }
        text += '\n';
    }
    return text;
}

std::string encode_mtl(const std::string& texture_name) {
    return "# made by unflat\nnewmtl photo\nKd 1 1 1\nillum 0\nmap_Kd " + texture_name + "\n";
}

}  // namespace unflat
