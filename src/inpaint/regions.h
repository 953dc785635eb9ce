// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/inpaint.h"
#include "unflat/ldi.h"

#include "inpaint/reach.h"

#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// The far side of a crack, from which a hidden surface is to be continued.
struct OpenCrack {
    std::int32_t far_pixel = -1;
    std::int32_t near_pixel = -1;  ///< -1: the crack is the photo's border
    Direction near_from_far = Direction::Right;
    float reach = 0;       ///< how far it is continued [pixels]
    bool is_rest = false;  ///< goes on where a region ended too early
};

/// A position of the synthesis region.
struct SynthesisPixel {
    std::int32_t x = 0;
    std::int32_t y = 0;
    float guess = 0;          ///< disparity of the far pixel from which it was reached
    float max_disparity = 0;  ///< it lies behind what is in front of it
    float distance = 0;       ///< from that far pixel [pixels]
    std::int32_t crack = -1;  ///< the open crack to which that far pixel belongs
};

/// The synthesis regions of all open cracks of a round; one pixel per position at most.
struct SynthesisRegion {
    std::vector<SynthesisPixel> pixels;
    std::vector<std::int32_t> index;  ///< per canvas position: into `pixels`, or -1
};

/// Steps on the canvas that growth may not take: bit 0, to the right neighbour; bit 1, to the
/// lower.
using Barriers = std::vector<std::uint8_t>;

/// Slopes may carry what continues a border pixel nearer or farther by so much, not more [1 / scene
/// units].
float border_headroom(const Ldi& ldi);

/// True if a pixel may be linked to a hidden one in this direction: it has no neighbour there, or
/// one across a step so large that the link is a stretched skin (a depth edge too short to be cut).
bool can_join(const Ldi& ldi, const LdiPixel& pixel, Direction direction);

/// Open cracks of a photo: the far sides of its depth edges and its border.
/// @param least_reach synthesis regions are at least this deep [pixels], but not more than three
/// times as deep as the motion shows.
std::vector<OpenCrack> find_open_cracks(const Ldi& ldi, const DepthEdges& edges, const Reach& reach,
                                        float least_reach);

/// Continues depth edges that end at an occluder, or at the photo's border, straight on in the
/// direction of their last `tangent_length` cracks, for as long as they stay hidden.
Barriers continue_edges(const Ldi& ldi, const DepthEdges& edges, int tangent_length);

/// Grows the synthesis regions of all open cracks at once, each position to the crack that is
/// nearest: into the hidden direction, under what is nearer, never in front of anything, as far as
/// each crack's reach; across a barrier only where nobody could come otherwise.
SynthesisRegion grow_synthesis(const Ldi& ldi, std::span<const OpenCrack> cracks,
                               const Barriers& barriers, const Reach& reach);

/// A patch and what its positions are.
struct PatchPlan {
    InpaintPatch patch;
    cv::Mat_<std::int32_t> index;  ///< context: LDI pixel; synthesis: into SynthesisRegion::pixels;
                                   ///< -1 outside
};

/// Cuts the round's problems out of the LDI: one patch per surface of the synthesis region,
/// with the context that follows links from the far sides for `context_steps`.
std::vector<PatchPlan> plan_patches(const Ldi& ldi, std::span<const OpenCrack> cracks,
                                    const SynthesisRegion& region, int context_steps);

/// True if two neighbouring synthesis pixels seem to belong to one surface.
bool seem_joined(const SynthesisPixel& a, const SynthesisPixel& b, float threshold);

/// Adds what was synthesised from open cracks to the LDI and links it.
/// @return the cracks that this opened.
std::vector<OpenCrack> merge_round(Ldi& ldi, std::span<const OpenCrack> cracks,
                                   const SynthesisRegion& region, std::span<const PatchPlan> plans,
                                   std::span<const Synthesis> results, const Reach& reach,
                                   int round);

}  // namespace unflat
