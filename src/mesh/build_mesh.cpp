// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/mesh.h"

#include "core/checkpoint.h"
#include "mesh/charts.h"
#include "mesh/corners.h"
#include "mesh/surface.h"

#include <cmath>

namespace unflat {

namespace {

void check(const Ldi& ldi, const MeshOptions& options) {
    require(!ldi.camera.size.empty() && ldi.pixels.size() >= ldi.photo_pixel_count(),
            "build_mesh: the layered depth image holds no photo");
    require(ldi.camera.focal > 0, "build_mesh: the focal length must be > 0");
    require(options.error >= 0 && options.uv_error > 0 && options.motion >= 0,
            "build_mesh: error and motion must be >= 0, uv_error > 0");
    require(options.padding >= 1 && options.max_atlas_side >= 1,
            "build_mesh: padding and max_atlas_side must be >= 1");
}

}  // namespace

Mesh build_mesh(const Ldi& ldi, const MeshOptions& options, Progress* progress) {
    check(ldi, options);
    checkpoint(progress, "mesh", 0);
    Charts charts = find_charts(ldi);
    pack_charts(charts, options.padding, options.max_atlas_side);
    checkpoint(progress, "mesh", 0.1);
    const CornerVertices corners = find_corner_vertices(ldi, 0);
    const Surface surface = square_surface(ldi, corners, charts);
    checkpoint(progress, "mesh", 0.7);
    Mesh mesh = mesh_from_surface(surface, ldi.camera, charts);
    checkpoint(progress, "mesh", 0.9);
    mesh.atlas = paint_atlas(ldi, charts, options.padding);
    checkpoint(progress, "mesh", 1);
    return mesh;
}

}  // namespace unflat
