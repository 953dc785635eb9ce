// SPDX-License-Identifier: MIT
// A mesh as one view sees it: projected, clipped where needed, sorted into the view's tiles.
#pragma once

#include "unflat/camera.h"
#include "unflat/mesh.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace unflat {

/// Side of the square tiles in which a view is drawn: the visibility of a tile fits into the
/// second-level cache [pixels].
inline constexpr int kTileSide = 64;

/// Positions are rounded to this many steps per pixel before coverage is decided, exactly.
inline constexpr int kPixelSteps = 256;

/// Largest distance of a projected vertex from the view's top-left corner [pixels]: its edge
/// functions in pixel steps are below 2^53, so doubles hold them exactly.
inline constexpr double kGuard = 100'000;

/// Largest side of a view [pixels].
inline constexpr int kMaxViewSide = 65'536;

/// A vertex on the screen, as far as coverage and depth need it.
struct ScreenVertex {
    std::int32_t u = 0, v = 0;  ///< [pixel steps]
    float w = 0;                ///< 1/z; 0 if the vertex is not in front of the camera
};

/// The rest of it, which colours need.
struct VertexTexture {
    double u = 0, v = 0;  ///< place on the screen before it was rounded [pixels]
    float s = 0, t = 0;   ///< place in the atlas, 0 = centre of the first texel [texels]
    float photo_z = 0;    ///< depth in the photo's camera frame [scene units]
};

/// Where in the atlas the surface of a triangle ends; a set of bits.
using SurfaceEnds = std::uint8_t;
inline constexpr SurfaceEnds kEndsAtEdge =
    1;  ///< << k: at the slanted edge from corner k to the next
inline constexpr SurfaceEnds kEndsAtLeastS = 8;      ///< at its leftmost texels
inline constexpr SurfaceEnds kEndsAtGreatestS = 16;  ///< at its rightmost texels
inline constexpr SurfaceEnds kEndsAtLeastT = 32;     ///< at its uppermost texels
inline constexpr SurfaceEnds kEndsAtGreatestT = 64;  ///< at its lowest texels

/// Edges of a triangle: bit k is the one from corner k to the next.
using EdgeSet = std::uint8_t;
inline constexpr EdgeSet kAllEdges = 7;

struct ScreenFace {
    std::array<std::uint32_t, 3> corners{};  ///< indices of vertices
    SurfaceEnds ends = 0;
};

/// What does not depend on the view.
struct RenderMesh {
    const Mesh* mesh = nullptr;
    std::vector<SurfaceEnds> ends;  ///< per triangle
    std::vector<EdgeSet> borders;   ///< per triangle: edges that are not shared with exactly one
                                    ///< other triangle of the same orientation
    double near_z = 0;              ///< nothing nearer to the camera is drawn [scene units]
};

/// Checks a mesh and finds where its surfaces end. Cost: linear in triangles.
/// @throws Error{InvalidInput} if an index or a size does not fit.
RenderMesh prepare_mesh(const Mesh& mesh);

/// A projected mesh with its triangles listed per tile.
class ScreenMesh {
public:
    /// The work is shared between threads; the result does not depend on their number.
    ScreenMesh(const RenderMesh& mesh, const View& view);

    int tile_columns() const { return tile_columns_; }
    int tile_rows() const { return tile_rows_; }

    /// Opaque triangles whose bounding box meets a tile, in order.
    std::span<const std::uint32_t> triangles_of_tile(int tile) const {
        const auto i = static_cast<std::size_t>(tile);
        return std::span(tile_triangles_)
            .subspan(tile_begins_[i], tile_blended_[i] - tile_begins_[i]);
    }

    /// The same for triangles that are blended with what is behind them.
    std::span<const std::uint32_t> blended_of_tile(int tile) const {
        const auto i = static_cast<std::size_t>(tile);
        return std::span(tile_triangles_)
            .subspan(tile_blended_[i], tile_begins_[i + 1] - tile_blended_[i]);
    }

    ScreenFace face(std::uint32_t triangle) const {
        const std::size_t own_count = mesh_.mesh->triangles.size();
        if (triangle < own_count)
            return {mesh_.mesh->triangles[triangle], mesh_.ends[triangle]};
        return clipped_faces_[triangle - own_count];
    }

    const std::array<std::uint32_t, 3>& corners(std::uint32_t triangle) const {
        const std::size_t own_count = mesh_.mesh->triangles.size();
        return triangle < own_count ? mesh_.mesh->triangles[triangle]
                                    : clipped_faces_[triangle - own_count].corners;
    }

    const ScreenVertex& vertex(std::uint32_t index) const { return vertices_[index]; }
    const VertexTexture& texture(std::uint32_t index) const { return textures_[index]; }
    /// Of a vertex of a blended triangle; 1 is opaque.
    float opacity(std::uint32_t index) const {
        return static_cast<float>(mesh_.mesh->opacity[index]) / 255;
    }

    /// Edges of a triangle beyond which the view may show something else: the surface ends there,
    /// or the triangle turns its back to the camera and so may lie over or under its neighbour.
    EdgeSet borders(std::uint32_t triangle) const { return placings_[triangle].borders; }

private:
    /// Where a triangle lies.
    struct Placing {
        std::uint16_t left = 1, top = 1;      ///< first of the tiles that its bounding box meets
        std::uint16_t right = 0, bottom = 0;  ///< last of them; none if before the first
        EdgeSet borders = 0;
        bool needs_clipping = false;
    };

    void project_vertices(const View& view);
    void project_vertex(std::size_t index, const Camera& camera, const cv::Vec3d& p);
    bool lies_within(double guard, std::uint32_t vertex) const;
    void place_triangles();
    Placing place(const ScreenFace& face, EdgeSet borders, double guard) const;
    bool needs_clipping(const ScreenFace& face) const;
    void clip(std::uint32_t triangle, const View& view);
    bool is_blended(std::size_t triangle) const {
        const std::size_t own_count = mesh_.mesh->triangles.size();
        return triangle < own_count && triangle >= own_count - mesh_.mesh->blended_triangles;
    }
    void sort_into_tiles();

    const RenderMesh& mesh_;
    cv::Size size_;
    int tile_columns_ = 0;
    int tile_rows_ = 0;
    std::vector<ScreenVertex> vertices_;   ///< the mesh's, then those made by clipping
    std::vector<VertexTexture> textures_;  ///< of the same
    std::vector<ScreenFace> clipped_faces_;
    std::vector<Placing> placings_;  ///< of the mesh's triangles, then of clipped ones
    std::vector<std::uint32_t> tile_begins_;
    std::vector<std::uint32_t> tile_blended_;  ///< per tile: where its blended triangles begin
    std::vector<std::uint32_t> tile_triangles_;
};

}  // namespace unflat
