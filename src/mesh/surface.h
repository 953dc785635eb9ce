// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/mesh.h"

#include "mesh/charts.h"
#include "mesh/corners.h"

#include <array>
#include <cstdint>
#include <vector>

namespace unflat {

/// Triangles over the photo's plane, before they get texture coordinates: a point is one place of
/// the surface, whatever charts meet there. In (x, y, disparity) planes of space are planes.
struct Surface {
    struct Point {
        float x = 0;          ///< in the photo's raster [pixels]
        float y = 0;          ///< in the photo's raster [pixels]
        float disparity = 1;  ///< [1 / scene units]
    };
    struct Face {
        std::array<std::uint32_t, 3> points;  ///< counter-clockwise on the screen
        std::int32_t chart = 0;
    };
    std::vector<Point> points;
    std::vector<Face> faces;
};

/// Twice the area of a triangle on the photo's plane [pixels^2]; > 0 if it is counter-clockwise on
/// the screen (where y points down).
inline float doubled_area(const Surface::Point& a, const Surface::Point& b,
                          const Surface::Point& c) {
    return (c.x - a.x) * (b.y - a.y) - (b.x - a.x) * (c.y - a.y);
}

/// True if a viewer that interpolates texture coordinates in space shifts the texture by at most
/// `uv_error` inside a triangle: L (r - 1) / (2 (r + 1)) <= uv_error with L its longest side on the
/// photo and r its farthest over its nearest depth.
bool keeps_texture(const Surface::Point& a, const Surface::Point& b, const Surface::Point& c,
                   float uv_error);

/// Two triangles for every pixel.
Surface square_surface(const Ldi& ldi, const CornerVertices& corners, const Charts& charts);

/// What the order of triangles and vertices is good for.
enum class MeshOrder { AsFound, ForCaches };

/// Gives vertices to a surface, one for each chart that meets at a point, orders them for graphics
/// processors if asked to, and lifts them into space. Degenerate triangles and unused points are
/// dropped.
Mesh mesh_from_surface(const Surface& surface, const Camera& camera, const Charts& charts,
                       MeshOrder order);

}  // namespace unflat
