// SPDX-License-Identifier: MIT
#include "render/screen.h"

#include "core/parallel.h"
#include "render/clip.h"

#include <algorithm>
#include <cmath>

namespace unflat {

namespace {

constexpr int kVerticesPerRange = 8192;
constexpr int kTrianglesPerRange = 8192;

/// p_camera = R^T (p_photo - position), in double.
class CameraFromPhoto {
public:
    explicit CameraFromPhoto(const Pose& pose)
        : rotation_(cv::Matx33d(photo_from_camera(pose)).t()), position_(pose.position) {}

    cv::Vec3d operator()(const cv::Vec3f& p) const {
        return rotation_ * (cv::Vec3d(p) - position_);
    }

private:
    cv::Matx33d rotation_;
    cv::Vec3d position_;
};

/// Front faces are counter-clockwise; y points down.
bool shows_its_front(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c) {
    const std::int64_t b_u = b.u - a.u, b_v = b.v - a.v;
    const std::int64_t c_u = c.u - a.u, c_v = c.v - a.v;
    return b_u * c_v - c_u * b_v < 0;
}

}  // namespace

ScreenMesh::ScreenMesh(const RenderMesh& mesh, const View& view)
    : mesh_(mesh),
      size_(view.camera.size),
      tile_columns_((size_.width + kTileSide - 1) / kTileSide),
      tile_rows_((size_.height + kTileSide - 1) / kTileSide) {
    project_vertices(view);
    place_triangles();

    // Few triangles if any reach behind the camera or far beyond the view; of those the rims of
    // soft edges, a few pixels wide, are left out
    for (std::uint32_t i = 0; i < mesh.mesh->triangles.size(); ++i)
        if (placings_[i].needs_clipping && !is_blended(i))
            clip(i, view);
    sort_into_tiles();
}

void ScreenMesh::project_vertices(const View& view) {
    const Mesh& mesh = *mesh_.mesh;
    const CameraFromPhoto camera_from_photo(view.pose);
    const auto atlas_width = static_cast<float>(mesh.atlas.cols);
    const auto atlas_height = static_cast<float>(mesh.atlas.rows);
    vertices_.resize(mesh.positions.size());
    textures_.resize(mesh.positions.size());
    const auto project_range = [&](int first, int last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
            textures_[i] = {.s = mesh.uvs[i][0] * atlas_width - 0.5F,
                            .t = mesh.uvs[i][1] * atlas_height - 0.5F,
                            .photo_z = mesh.positions[i][2]};
            const cv::Vec3d p = camera_from_photo(mesh.positions[i]);
            if (p[2] >= mesh_.near_z)
                project_vertex(i, view.camera, p);
        }
    };
    parallel_ranges(static_cast<int>(vertices_.size()), kVerticesPerRange, project_range);
}

void ScreenMesh::project_vertex(std::size_t index, const Camera& camera, const cv::Vec3d& p) {
    const double w = 1 / p[2];
    VertexTexture& texture = textures_[index];
    texture.u = static_cast<double>(camera.focal) * p[0] * w + static_cast<double>(camera.cx);
    texture.v = static_cast<double>(camera.focal) * p[1] * w + static_cast<double>(camera.cy);
    vertices_[index] = {.u = cvRound(texture.u * kPixelSteps),
                        .v = cvRound(texture.v * kPixelSteps),
                        .w = static_cast<float>(w)};
}

/// False also for values that are not numbers.
bool ScreenMesh::lies_within(double guard, std::uint32_t vertex) const {
    const VertexTexture& texture = textures_[vertex];
    return std::abs(texture.u) <= guard && std::abs(texture.v) <= guard;
}

bool ScreenMesh::needs_clipping(const ScreenFace& face) const {
    int behind = 0;
    bool far_off = false;
    for (const std::uint32_t corner : face.corners) {
        behind += vertices_[corner].w > 0 ? 0 : 1;
        far_off |= !lies_within(kGuard, corner);
    }
    return behind < 3 && (behind > 0 || far_off);
}

void ScreenMesh::place_triangles() {
    placings_.resize(mesh_.mesh->triangles.size());
    const auto place_range = [&](int first, int last) {
        for (auto i = static_cast<std::uint32_t>(first); i < static_cast<std::uint32_t>(last); ++i)
            placings_[i] = place(face(i), mesh_.borders[i], kGuard);
    };
    parallel_ranges(static_cast<int>(placings_.size()), kTrianglesPerRange, place_range);
}

ScreenMesh::Placing ScreenMesh::place(const ScreenFace& face, EdgeSet borders, double guard) const {
    const ScreenVertex& a = vertices_[face.corners[0]];
    const ScreenVertex& b = vertices_[face.corners[1]];
    const ScreenVertex& c = vertices_[face.corners[2]];
    const bool is_whole = std::all_of(face.corners.begin(), face.corners.end(), [&](auto corner) {
        return vertices_[corner].w > 0 && lies_within(guard, corner);
    });
    if (!is_whole)
        return {.needs_clipping = needs_clipping(face)};

    const auto [left, right] = std::minmax({a.u, b.u, c.u});
    const auto [top, bottom] = std::minmax({a.v, b.v, c.v});
    if (right < 0 || bottom < 0 || left > size_.width * kPixelSteps ||
        top > size_.height * kPixelSteps)
        return {};
    const auto tile_of = [](std::int32_t steps, int tile_count) {
        const int tile = std::max(steps, 0) / (kTileSide * kPixelSteps);
        return static_cast<std::uint16_t>(std::min(tile, tile_count - 1));
    };
    return {.left = tile_of(left, tile_columns_),
            .top = tile_of(top, tile_rows_),
            .right = tile_of(right, tile_columns_),
            .bottom = tile_of(bottom, tile_rows_),
            .borders = shows_its_front(a, b, c) ? borders : kAllEdges};
}

void ScreenMesh::clip(std::uint32_t triangle, const View& view) {
    // Lift the triangle into the camera's frame
    const ScreenFace whole = face(triangle);
    const CameraFromPhoto camera_from_photo(view.pose);
    ClipPolygon polygon;
    const bool is_seen_by_photo =
        std::all_of(whole.corners.begin(), whole.corners.end(),
                    [&](std::uint32_t corner) { return textures_[corner].photo_z > 0; });
    for (const std::uint32_t corner : whole.corners) {
        const VertexTexture& texture = textures_[corner];
        const double photo_z = is_seen_by_photo ? static_cast<double>(texture.photo_z) : 1;
        polygon.push_back({.position = camera_from_photo(mesh_.mesh->positions[corner]),
                           .atlas = {static_cast<double>(texture.s) * photo_z,
                                     static_cast<double>(texture.t) * photo_z, photo_z}});
    }
    clip_polygon(polygon, view.camera, mesh_.near_z, kGuard);

    // Add what is left as a fan; its corners may be beyond the guard by a rounding
    const auto first = static_cast<std::uint32_t>(vertices_.size());
    for (const ClipVertex& vertex : polygon) {
        const double photo_z = vertex.atlas[2];
        textures_.push_back({.s = static_cast<float>(vertex.atlas[0] / photo_z),
                             .t = static_cast<float>(vertex.atlas[1] / photo_z),
                             .photo_z = static_cast<float>(photo_z)});
        vertices_.emplace_back();
        project_vertex(vertices_.size() - 1, view.camera, vertex.position);
        if (!std::isfinite(textures_.back().u) || !std::isfinite(textures_.back().v))
            return;
    }
    for (std::size_t i = 1; i + 1 < polygon.size(); ++i) {
        const ScreenFace piece{.corners = {first, first + static_cast<std::uint32_t>(i),
                                           first + static_cast<std::uint32_t>(i) + 1}};
        clipped_faces_.push_back(piece);
        placings_.push_back(place(piece, kAllEdges, kGuard + 1));
    }
}

void ScreenMesh::sort_into_tiles() {
    // Count, sum up, fill: the order of the triangles is kept, but blended ones come last
    const auto tile_count =
        static_cast<std::size_t>(tile_columns_) * static_cast<std::size_t>(tile_rows_);
    tile_begins_.assign(tile_count + 1, 0);
    const auto for_each_tile = [&](const Placing& placing, auto&& action) {
        for (int row = placing.top; row <= placing.bottom; ++row)
            for (int column = placing.left; column <= placing.right; ++column)
                action(static_cast<std::size_t>(row) * static_cast<std::size_t>(tile_columns_) +
                       static_cast<std::size_t>(column));
    };
    for (const Placing& placing : placings_)
        for_each_tile(placing, [&](std::size_t tile) { ++tile_begins_[tile + 1]; });
    for (std::size_t i = 1; i < tile_begins_.size(); ++i)
        tile_begins_[i] += tile_begins_[i - 1];
    tile_triangles_.resize(tile_begins_.back());
    std::vector<std::uint32_t> ends(tile_begins_.begin(), tile_begins_.end() - 1);
    const auto fill = [&](bool blended) {
        for (std::size_t i = 0; i < placings_.size(); ++i)
            if (is_blended(i) == blended)
                for_each_tile(placings_[i], [&](std::size_t tile) {
                    tile_triangles_[ends[tile]++] = static_cast<std::uint32_t>(i);
                });
    };
    fill(false);
    tile_blended_ = ends;
    fill(true);
}

}  // namespace unflat
