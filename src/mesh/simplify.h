// SPDX-License-Identifier: MIT
#pragma once

#include "mesh/surface.h"

#include <cstdint>
#include <vector>

namespace unflat {

/// Bounds of the simplification, in the units of the surface.
struct SimplifyBounds {
    float disparity = 0;  ///< largest change of disparity at a place [1 / scene units]
    float place = 0;      ///< largest shift of a border or seam on the photo [pixels]
    float uv_error = 0;   ///< as in MeshOptions
};

/// A surface that is being simplified. Every face carries the places that it must not stray from,
/// as a list of samples; point i, once removed, is sample i.
struct SampledSurface {
    struct Sample {
        Surface::Point place;
        std::int32_t next = -1;  ///< in the list of the same face, or -1
    };
    Surface surface;
    std::vector<Sample> samples;             ///< first those of the points, then others
    std::vector<std::int32_t> first_sample;  ///< per face, or -1
};

/// Triangulates squares of flat blocks of pixels instead of pixels. A block of 2^k x 2^k linked
/// pixels of a chart is flat if its vertices lie within `bounds.disparity` of a plane. Blocks that
/// meet share all vertices on their common side, so there is no T-junction.
/// Since all vertices are those of pixels, the surface stays within twice that bound.
/// Cost: linear in pixels.
/// Source: restricted quadtrees with fans, as Von Herzen and Barr 1987, without the restriction.
SampledSurface merge_flat_blocks(const Ldi& ldi, const CornerVertices& corners,
                                 const Charts& charts, const SimplifyBounds& bounds);

/// Removes points by collapsing edges as long as all samples stay within the bounds. Borders only
/// grow: a photo's pixel is never uncovered; what is not of the photo's chart never comes before
/// the photo. Seams between charts stay closed.
/// Cost: about linear in faces; works tile by tile in parallel.
/// Source: half-edge collapses after Hoppe 1996; the samples after Klein, Liebich and Strasser,
/// "Mesh reduction with error control", 1996.
void collapse_edges(SampledSurface& sampled, const Ldi& ldi, const SimplifyBounds& bounds);

/// Bisects edges until every triangle keeps its texture within `uv_error`; the surface itself does
/// not change. Source: longest-edge bisection, Rivara 1984.
void refine_for_texture(Surface& surface, float uv_error);

}  // namespace unflat
