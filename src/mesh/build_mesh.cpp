// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/mesh.h"

#include "core/checkpoint.h"
#include "mesh/charts.h"
#include "mesh/corners.h"
#include "mesh/simplify.h"
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

// What a bound in pixels of parallax means in disparity: a shift of the camera by `motion` moves a
// point by focal * motion * disparity
SimplifyBounds bounds_of(const Ldi& ldi, const MeshOptions& options) {
    const float parallax = ldi.camera.focal * options.motion;
    return {.disparity = parallax > 0 ? options.error / parallax : 0,
            .place = options.error,
            .uv_error = options.uv_error};
}

Surface simplified_surface(const Ldi& ldi, const CornerVertices& corners, const Charts& charts,
                           const SimplifyBounds& bounds, Progress* progress) {
    // Blocks may stray by twice their bound; what is left of the bound goes to the collapses
    constexpr float kBlockShare = 0.2F;
    SimplifyBounds block_bounds = bounds;
    block_bounds.disparity *= kBlockShare;
    SampledSurface sampled = merge_flat_blocks(ldi, corners, charts, block_bounds);
    checkpoint(progress, "mesh", 0.4);
    SimplifyBounds collapse_bounds = bounds;
    collapse_bounds.disparity *= 1 - 2 * kBlockShare;
    collapse_edges(sampled, ldi, collapse_bounds);
    checkpoint(progress, "mesh", 0.7);
    refine_for_texture(sampled.surface, bounds.uv_error);
    return std::move(sampled.surface);
}

}  // namespace

Mesh build_mesh(const Ldi& ldi, const MeshOptions& options, Progress* progress) {
    check(ldi, options);
    checkpoint(progress, "mesh", 0);
    Charts charts = find_charts(ldi);
    pack_charts(charts, options.padding, options.max_atlas_side);
    checkpoint(progress, "mesh", 0.1);
    // Hidden surfaces stay behind the photo even if both move by the bound
    const SimplifyBounds bounds = bounds_of(ldi, options);
    const CornerVertices corners = find_corner_vertices(ldi, 2 * bounds.disparity);
    checkpoint(progress, "mesh", 0.2);
    const Surface surface = options.error > 0
                                ? simplified_surface(ldi, corners, charts, bounds, progress)
                                : square_surface(ldi, corners, charts);
    checkpoint(progress, "mesh", 0.8);
    // A surface of all squares is for rendering here and now, which gains nothing from an order
    Mesh mesh = mesh_from_surface(surface, ldi.camera, charts,
                                  options.error > 0 ? MeshOrder::ForCaches : MeshOrder::AsFound);
    checkpoint(progress, "mesh", 0.9);
    mesh.atlas = paint_atlas(ldi, charts, options.padding);
    checkpoint(progress, "mesh", 1);
    return mesh;
}

}  // namespace unflat
