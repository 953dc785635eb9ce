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

/// @param atlas what of the vertex does not depend on the view: s, t and photo_z.
ScreenVertex project_vertex(const Camera& camera, const cv::Vec3d& p, const ScreenVertex& atlas) {
    const double w = 1 / p[2];
    return {.u = static_cast<double>(camera.focal) * p[0] * w + static_cast<double>(camera.cx),
            .v = static_cast<double>(camera.focal) * p[1] * w + static_cast<double>(camera.cy),
            .w = static_cast<float>(w),
            .s = atlas.s,
            .t = atlas.t,
            .photo_z = atlas.photo_z};
}

/// False also for values that are not numbers.
bool lies_within(double guard, const ScreenVertex& vertex) {
    return std::abs(vertex.u) <= guard && std::abs(vertex.v) <= guard;
}

}  // namespace

ScreenMesh::ScreenMesh(const RenderMesh& mesh, const View& view)
    : mesh_(mesh),
      size_(view.camera.size),
      tile_columns_((size_.width + kTileSide - 1) / kTileSide),
      tile_rows_((size_.height + kTileSide - 1) / kTileSide) {
    project_vertices(view);
    place_triangles();

    // Few triangles if any reach behind the camera or far beyond the view
    for (std::uint32_t i = 0; i < mesh.mesh->triangles.size(); ++i)
        if (needs_clipping(face(i)))
            clip(i, view);
    sort_into_tiles();
}

void ScreenMesh::project_vertices(const View& view) {
    const Mesh& mesh = *mesh_.mesh;
    const CameraFromPhoto camera_from_photo(view.pose);
    const auto atlas_width = static_cast<float>(mesh.atlas.cols);
    const auto atlas_height = static_cast<float>(mesh.atlas.rows);
    vertices_.resize(mesh.positions.size());
    const auto project_range = [&](int first, int last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
            const cv::Vec3d p = camera_from_photo(mesh.positions[i]);
            vertices_[i] = {.s = mesh.uvs[i][0] * atlas_width - 0.5F,
                            .t = mesh.uvs[i][1] * atlas_height - 0.5F,
                            .photo_z = mesh.positions[i][2]};
            if (p[2] >= mesh_.near_z)
                vertices_[i] = project_vertex(view.camera, p, vertices_[i]);
        }
    };
    parallel_ranges(static_cast<int>(vertices_.size()), kVerticesPerRange, project_range);
}

bool ScreenMesh::needs_clipping(const ScreenFace& face) const {
    int behind = 0;
    bool far_off = false;
    for (const std::uint32_t corner : face.corners) {
        behind += vertices_[corner].w > 0 ? 0 : 1;
        far_off |= !lies_within(kGuard, vertices_[corner]);
    }
    return behind < 3 && (behind > 0 || far_off);
}

void ScreenMesh::place_triangles() {
    boxes_.resize(mesh_.mesh->triangles.size());
    const auto place_range = [&](int first, int last) {
        for (int i = first; i < last; ++i)
            boxes_[static_cast<std::size_t>(i)] =
                tile_box(face(static_cast<std::uint32_t>(i)), kGuard);
    };
    parallel_ranges(static_cast<int>(boxes_.size()), kTrianglesPerRange, place_range);
}

ScreenMesh::TileBox ScreenMesh::tile_box(const ScreenFace& face, double guard) const {
    const ScreenVertex& a = vertices_[face.corners[0]];
    const ScreenVertex& b = vertices_[face.corners[1]];
    const ScreenVertex& c = vertices_[face.corners[2]];
    const bool in_front = a.w > 0 && b.w > 0 && c.w > 0;
    if (!in_front || !lies_within(guard, a) || !lies_within(guard, b) || !lies_within(guard, c))
        return {};

    // One pixel more on every side than the rounded corners can reach
    const double left = std::min({a.u, b.u, c.u}) - 1, right = std::max({a.u, b.u, c.u}) + 1;
    const double top = std::min({a.v, b.v, c.v}) - 1, bottom = std::max({a.v, b.v, c.v}) + 1;
    if (right < 0 || bottom < 0 || left > size_.width || top > size_.height)
        return {};
    const auto tile_of = [](double position, int tile_count) {
        const int tile = static_cast<int>(std::max(position, 0.0)) / kTileSide;
        return static_cast<std::uint16_t>(std::min(tile, tile_count - 1));
    };
    return {.left = tile_of(left, tile_columns_),
            .top = tile_of(top, tile_rows_),
            .right = tile_of(right, tile_columns_),
            .bottom = tile_of(bottom, tile_rows_)};
}

void ScreenMesh::clip(std::uint32_t triangle, const View& view) {
    // Lift the triangle into the camera's frame
    const ScreenFace whole = face(triangle);
    const CameraFromPhoto camera_from_photo(view.pose);
    ClipPolygon polygon;
    const bool is_seen_by_photo =
        std::all_of(whole.corners.begin(), whole.corners.end(),
                    [&](std::uint32_t corner) { return vertices_[corner].photo_z > 0; });
    for (const std::uint32_t corner : whole.corners) {
        const ScreenVertex& vertex = vertices_[corner];
        const double photo_z = is_seen_by_photo ? static_cast<double>(vertex.photo_z) : 1;
        polygon.push_back({.position = camera_from_photo(mesh_.mesh->positions[corner]),
                           .atlas = {static_cast<double>(vertex.s) * photo_z,
                                     static_cast<double>(vertex.t) * photo_z, photo_z}});
    }
    clip_polygon(polygon, view.camera, mesh_.near_z, kGuard);

    // Add what is left as a fan; its corners may be beyond the guard by a rounding
    const auto first = static_cast<std::uint32_t>(vertices_.size());
    for (const ClipVertex& vertex : polygon) {
        const double photo_z = vertex.atlas[2];
        const ScreenVertex atlas{.s = static_cast<float>(vertex.atlas[0] / photo_z),
                                 .t = static_cast<float>(vertex.atlas[1] / photo_z),
                                 .photo_z = static_cast<float>(photo_z)};
        vertices_.push_back(project_vertex(view.camera, vertex.position, atlas));
        if (!std::isfinite(vertices_.back().u) || !std::isfinite(vertices_.back().v))
            return;
    }
    for (std::size_t i = 1; i + 1 < polygon.size(); ++i) {
        const ScreenFace piece{.corners = {first, first + static_cast<std::uint32_t>(i),
                                           first + static_cast<std::uint32_t>(i) + 1}};
        clipped_faces_.push_back(piece);
        boxes_.push_back(tile_box(piece, kGuard + 1));
    }
}

void ScreenMesh::sort_into_tiles() {
    // Count, sum up, fill: the order of the triangles is kept
    const auto tile_count =
        static_cast<std::size_t>(tile_columns_) * static_cast<std::size_t>(tile_rows_);
    tile_begins_.assign(tile_count + 1, 0);
    const auto for_each_tile = [&](const TileBox& box, auto&& action) {
        for (int row = box.top; row <= box.bottom; ++row)
            for (int column = box.left; column <= box.right; ++column)
                action(static_cast<std::size_t>(row) * static_cast<std::size_t>(tile_columns_) +
                       static_cast<std::size_t>(column));
    };
    for (const TileBox& box : boxes_)
        for_each_tile(box, [&](std::size_t tile) { ++tile_begins_[tile + 1]; });
    for (std::size_t i = 1; i < tile_begins_.size(); ++i)
        tile_begins_[i] += tile_begins_[i - 1];
    tile_triangles_.resize(tile_begins_.back());
    std::vector<std::uint32_t> ends(tile_begins_.begin(), tile_begins_.end() - 1);
    for (std::size_t i = 0; i < boxes_.size(); ++i)
        for_each_tile(boxes_[i], [&](std::size_t tile) {
            tile_triangles_[ends[tile]++] = static_cast<std::uint32_t>(i);
        });
}

}  // namespace unflat
