// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

#include "io/file.h"
#include "scenes.h"

#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace unflat {
namespace {

namespace fs = std::filesystem;

class MeshFiles : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() /
                  ("unflat-" +
                   std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) +
                   "-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    fs::path folder_;
};

// A disc in front of a plane
Mesh disc_mesh() {
    const Photo photo = waves({40, 24});
    const DisparityMap map = disc({40, 24}, 0.5F, 2, {20, 12}, 8);
    DepthEdges edges{.size = {40, 24}, .threshold = 0.04F};
    edges.edges.resize(1);
    for (int y = 0; y < 24; ++y)
        for (int x = 0; x + 1 < 40; ++x)
            if (map.values(y, x) != map.values(y, x + 1)) {
                const bool near_left = map.values(y, x) > map.values(y, x + 1);
                const int left = y * 40 + x;
                edges.edges[0].cracks.push_back(near_left ? Crack{left, left + 1, Direction::Right}
                                                          : Crack{left + 1, left, Direction::Left});
            }
    return build_mesh(lift(photo, map, edges));
}

template <typename T>
T number_at(std::span<const std::byte> bytes, std::size_t offset) {
    T value;
    std::memcpy(&value, bytes.subspan(offset).data(), sizeof value);
    return value;
}

TEST_F(MeshFiles, GlbParsesBack) {
    const Mesh mesh = disc_mesh();
    const fs::path file = folder_ / "a.glb";
    EXPECT_EQ(write_mesh(mesh, file), std::vector<fs::path>{file});

    const std::vector<std::byte> bytes = read_bytes(file);
    EXPECT_EQ(number_at<std::uint32_t>(bytes, 0), 0x46546C67U);
    EXPECT_EQ(number_at<std::uint32_t>(bytes, 8), bytes.size());
    const auto json_size = number_at<std::uint32_t>(bytes, 12);
    const auto json = nlohmann::json::parse(
        std::string(reinterpret_cast<const char*>(bytes.data()) + 20, json_size));
    EXPECT_EQ(json["asset"]["generator"], "unflat");
    EXPECT_EQ(json["accessors"][0]["count"], mesh.positions.size());
    EXPECT_EQ(json["accessors"][2]["count"], 3 * mesh.triangles.size());
    EXPECT_NEAR(json["cameras"][0]["perspective"]["yfov"].get<double>(),
                2 * std::atan(24.0 / 2 / 40), 1e-9);

    // Positions look along -z with y up; all lie between min and max
    const std::size_t start = 20 + json_size + 8;
    for (std::size_t i = 0; i < mesh.positions.size(); ++i)
        for (std::size_t k = 0; k < 3; ++k) {
            const auto value = number_at<float>(bytes, start + 12 * i + 4 * k);
            EXPECT_EQ(value, (k == 0 ? 1.F : -1.F) * mesh.positions[i][static_cast<int>(k)]);
            EXPECT_GE(value, json["accessors"][0]["min"][k].get<float>());
            EXPECT_LE(value, json["accessors"][0]["max"][k].get<float>());
        }

    // The texture is a JPEG
    const auto& view = json["bufferViews"][json["images"][0]["bufferView"].get<std::size_t>()];
    EXPECT_EQ(number_at<std::uint16_t>(bytes, start + view["byteOffset"].get<std::size_t>()),
              0xD8FF);
}

TEST_F(MeshFiles, PlyHasWhatItsHeaderSays) {
    const Mesh mesh = disc_mesh();
    const std::vector<fs::path> files = write_mesh(mesh, folder_ / "a.ply");
    ASSERT_EQ(files, (std::vector<fs::path>{folder_ / "a.ply", folder_ / "a.jpg"}));
    const std::vector<std::byte> bytes = read_bytes(files[0]);
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::size_t header = text.find("end_header\n") + 11;
    EXPECT_NE(text.find("comment TextureFile a.jpg\n"), std::string::npos);
    EXPECT_NE(text.find("element vertex " + std::to_string(mesh.positions.size()) + "\n"),
              std::string::npos);
    EXPECT_NE(text.find("element face " + std::to_string(mesh.triangles.size()) + "\n"),
              std::string::npos);
    EXPECT_EQ(bytes.size(), header + 20 * mesh.positions.size() + 13 * mesh.triangles.size());
    EXPECT_EQ(number_at<float>(bytes, header + 4), -mesh.positions[0][1]);
    EXPECT_EQ(number_at<float>(bytes, header + 16), 1 - mesh.uvs[0][1]);
}

TEST_F(MeshFiles, ObjNamesItsMaterialAndTexture) {
    const Mesh mesh = disc_mesh();
    const std::vector<fs::path> files = write_mesh(mesh, folder_ / "a.obj");
    ASSERT_EQ(files.size(), 3U);
    const auto text_of = [](const fs::path& file) {
        const std::vector<std::byte> bytes = read_bytes(file);
        return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    const std::string obj = text_of(files[0]);
    EXPECT_NE(obj.find("mtllib a.mtl\n"), std::string::npos);
    EXPECT_NE(text_of(files[1]).find("map_Kd a.jpg\n"), std::string::npos);
    std::size_t vertices = 0, faces = 0;
    for (std::size_t at = 0; at != std::string::npos; at = obj.find('\n', at + 1)) {
        vertices += obj.compare(at, 3, "\nv ") == 0;
        faces += obj.compare(at, 3, "\nf ") == 0;
    }
    EXPECT_EQ(vertices, mesh.positions.size());
    EXPECT_EQ(faces, mesh.triangles.size());
}

TEST_F(MeshFiles, OtherEndingsAreNotSupported) {
    try {
        write_mesh(disc_mesh(), folder_ / "a.stl");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
        EXPECT_NE(std::string(error.what()).find("a.stl"), std::string::npos);
    }
}

TEST_F(MeshFiles, NothingIsLeftWhereNothingCanBeWritten) {
    fs::create_directories(folder_ / "a.jpg");  // stands in the texture's way
    try {
        write_mesh(disc_mesh(), folder_ / "a.ply");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unwritable);
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

// A disk that fills up shows itself as late as when a small file is closed
TEST_F(MeshFiles, NoneOfFilesThatBelongTogetherAppearsWhereTheDiskFillsUp) {
    if (!fs::exists("/dev/full"))
        GTEST_SKIP() << "this system has no /dev/full";
    for (const std::string name : {"scene.obj", "scene.mtl", "scene.jpg"}) {
        fs::create_symlink("/dev/full",
                           folder_ / ("." + name + "." + std::to_string(::getpid()) + ".partial"));
        try {
            write_mesh(disc_mesh(), folder_ / "scene.obj");
            ADD_FAILURE() << name << " was written";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::Unwritable);
            EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
        }
        EXPECT_TRUE(fs::is_empty(folder_)) << name;
    }
}

TEST_F(MeshFiles, ValidatorFindsNothing) {
    const fs::path validator = fs::path(UNFLAT_GLTF_CHECK);
    if (!fs::exists(validator / "node_modules") || std::system("node --version > /dev/null 2>&1"))
        GTEST_SKIP() << "gltf-validator is not installed: npm ci in tests/gltf";
    const fs::path file = folder_ / "a.glb";
    write_mesh(disc_mesh(), file);
    const std::string command =
        "node '" + (validator / "validate.mjs").string() + "' '" + file.string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace unflat
