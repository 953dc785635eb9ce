// SPDX-License-Identifier: MIT
// USDZ: a stage as text and its texture in a zip file whose members are not compressed and begin at
// multiples of 64 bytes (https://openusd.org/release/spec_usdz.html).
#include "io/mesh_files.h"
#include "io/number_text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace unflat {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::uint32_t kLocalHeader = 0x04034B50, kCentralHeader = 0x02014B50,
                        kEndOfZip = 0x06054B50;
constexpr std::uint16_t kZipVersion = 10;                  // no compression, no folders
constexpr std::uint16_t kFirstDay = 1 | 1 << 5;            // 1980-01-01: no file tells the time
constexpr std::uint32_t kChecksumPolynomial = 0xEDB88320;  // of CRC-32

// ---- Text

template <int size>
void append_tuple(std::string& text, const cv::Vec<float, size>& values) {
    for (int k = 0; k < size; ++k) {
        text += k == 0 ? "(" : ", ";
        append_number(text, values[k]);
    }
    text += ")";
}

template <typename List, typename Append>
void append_list(std::string& text, const char* name, const List& list, const Append& append) {
    text += name;
    text += " = [";
    bool first = true;
    for (const auto& item : list) {
        text += first ? "" : ", ";
        first = false;
        append(item);
    }
    text += "]";
}

std::string mesh_text(const Mesh& mesh) {
    std::string text;
    constexpr float kMax = std::numeric_limits<float>::max();
    cv::Vec3f low(kMax, kMax, kMax), high(-kMax, -kMax, -kMax);
    for (const cv::Vec3f& position : mesh.positions) {
        const cv::Vec3f p = file_from_photo(position);
        for (int k = 0; k < 3; ++k) {
            low[k] = std::min(low[k], p[k]);
            high[k] = std::max(high[k], p[k]);
        }
    }
    const std::array<cv::Vec3f, 2> extent{low, high};
    append_list(text, "        float3[] extent", extent,
                [&](const cv::Vec3f& p) { append_tuple(text, p); });
    append_list(text, "\n        int[] faceVertexCounts", mesh.triangles,
                [&](const auto&) { text += '3'; });
    append_list(text, "\n        int[] faceVertexIndices", mesh.triangles, [&](const auto& face) {
        for (std::size_t k = 0; k < 3; ++k) {
            text += k == 0 ? "" : ", ";
            append_number(text, face[k]);
        }
    });
    append_list(text, "\n        point3f[] points", mesh.positions,
                [&](const cv::Vec3f& p) { append_tuple(text, file_from_photo(p)); });
    append_list(text, "\n        texCoord2f[] primvars:st", mesh.uvs,
                [&](const cv::Vec2f& uv) { append_tuple(text, cv::Vec2f(uv[0], 1 - uv[1])); });
    return text + " (\n            interpolation = \"vertex\"\n        )\n";
}

std::string stage_text(const Mesh& mesh, const std::string& texture) {
    return R"(#usda 1.0
(
    defaultPrim = "Photo"
    metersPerUnit = 1
    upAxis = "Y"
)

def Xform "Photo" (
    kind = "component"
)
{
    def Mesh "Surface" (
        prepend apiSchemas = ["MaterialBindingAPI"]
    )
    {
        uniform bool doubleSided = 1
        uniform token subdivisionScheme = "none"
        rel material:binding = </Photo/Material>
)" + mesh_text(mesh) +
           R"(    }

    def Material "Material"
    {
        token outputs:surface.connect = </Photo/Material/Shader.outputs:surface>

        def Shader "Shader"
        {
            uniform token info:id = "UsdPreviewSurface"
            color3f inputs:diffuseColor = (0, 0, 0)
            color3f inputs:emissiveColor.connect = </Photo/Material/Texture.outputs:rgb>
            float inputs:metallic = 0
            float inputs:roughness = 1
            token outputs:surface
        }

        def Shader "Texture"
        {
            uniform token info:id = "UsdUVTexture"
            asset inputs:file = @)" +
           texture + R"(@
            token inputs:sourceColorSpace = "sRGB"
            float2 inputs:st.connect = </Photo/Material/Coordinates.outputs:result>
            token inputs:wrapS = "clamp"
            token inputs:wrapT = "clamp"
            float3 outputs:rgb
        }

        def Shader "Coordinates"
        {
            uniform token info:id = "UsdPrimvarReader_float2"
            string inputs:varname = "st"
            float2 outputs:result
        }
    }
}
)";
}

// ---- Zip

std::uint32_t checksum(std::span<const std::byte> bytes) {
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < made.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = value & 1 ? kChecksumPolynomial ^ value >> 1 : value >> 1;
            made[i] = value;
        }
        return made;
    }();
    std::uint32_t sum = ~0U;
    for (const std::byte b : bytes)
        sum = table[(sum ^ std::to_integer<std::uint32_t>(b)) & 0xFF] ^ sum >> 8;
    return ~sum;
}

class ZipWriter {
public:
    void add(const std::string& name, std::span<const std::byte> data) {
        Member member{name, static_cast<std::uint32_t>(bytes_.size()),
                      static_cast<std::uint32_t>(data.size()), checksum(data)};
        // A field of unknown meaning takes the place up to the next multiple of 64
        constexpr std::size_t kHeader = 30, kFieldHeader = 4;
        const std::size_t start = bytes_.size() + kHeader + name.size() + kFieldHeader;
        const std::size_t padding = (kAlignment - start % kAlignment) % kAlignment;
        put32(kLocalHeader);
        put_facts(member);
        put16(static_cast<std::uint16_t>(kFieldHeader + padding));
        put_text(name);
        constexpr std::uint16_t kPaddingField = 0x1986;
        put16(kPaddingField);
        put16(static_cast<std::uint16_t>(padding));
        bytes_.resize(bytes_.size() + padding);
        bytes_.insert(bytes_.end(), data.begin(), data.end());
        members_.push_back(std::move(member));
    }

    std::vector<std::byte> finish() {
        const auto start = static_cast<std::uint32_t>(bytes_.size());
        for (const Member& member : members_) {
            put32(kCentralHeader);
            put16(kZipVersion);
            put_facts(member);
            for (int i = 0; i < 4; ++i)  // extra field, comment, disk, kind of text
                put16(0);
            put32(0);
            put32(member.offset);
            put_text(member.name);
        }
        const auto size = static_cast<std::uint32_t>(bytes_.size()) - start;
        put32(kEndOfZip);
        put32(0);  // disks
        put16(static_cast<std::uint16_t>(members_.size()));
        put16(static_cast<std::uint16_t>(members_.size()));
        put32(size);
        put32(start);
        put16(0);
        return std::move(bytes_);
    }

private:
    struct Member {
        std::string name;
        std::uint32_t offset, size, sum;
    };
    // What both kinds of header say, from the version to the length of the name
    void put_facts(const Member& member) {
        put16(kZipVersion);
        put16(0);  // flags
        put16(0);  // not compressed
        put16(0);  // midnight
        put16(kFirstDay);
        put32(member.sum);
        put32(member.size);
        put32(member.size);
        put16(static_cast<std::uint16_t>(member.name.size()));
    }
    void put16(std::uint16_t value) { put(&value, sizeof value); }
    void put32(std::uint32_t value) { put(&value, sizeof value); }
    void put_text(const std::string& text) { put(text.data(), text.size()); }
    void put(const void* data, std::size_t size) {
        const auto* first = static_cast<const std::byte*>(data);
        bytes_.insert(bytes_.end(), first, first + size);
    }

    std::vector<std::byte> bytes_;
    std::vector<Member> members_;
};

}  // namespace

std::vector<std::byte> encode_usdz(const Mesh& mesh, std::span<const std::byte> jpeg) {
    const std::string stage = stage_text(mesh, "texture.jpg");
    ZipWriter zip;
    zip.add("photo.usda", std::as_bytes(std::span(stage)));  // the stage must come first
    zip.add("texture.jpg", jpeg);
    return zip.finish();
}

}  // namespace unflat
