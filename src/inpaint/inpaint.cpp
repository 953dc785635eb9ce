// SPDX-License-Identifier: MIT
#include "unflat/inpaint.h"

#include "unflat/error.h"

#include "core/checkpoint.h"
#include "core/parallel.h"
#include "inpaint/reach.h"
#include "inpaint/regions.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace unflat {

namespace {

constexpr const char* kStage = "inpaint";
constexpr float kTangentLength = 10;      // cracks that tell an edge's direction [at 1024 px]
constexpr int kLargePatchArea = 1 << 16;  // patches above this use all threads one by one

void check(const InpaintOptions& options) {
    require(options.context_steps >= 1 && options.synthesis_steps >= 0,
            "inpaint: context_steps must be >= 1 and synthesis_steps >= 0");
    require(options.border_limit >= 0 && options.border_limit <= 1,
            "inpaint: border_limit must be 0..1 of the long side");
    require(options.max_rounds >= 0 && options.max_rounds <= 255,
            "inpaint: max_rounds must be 0..255");
}

cv::Vec2f disparity_span(const Ldi& ldi) {
    cv::Vec2f span(std::numeric_limits<float>::max(), 0);
    for (const LdiPixel& pixel : ldi.pixels) {
        span[0] = std::min(span[0], pixel.disparity);
        span[1] = std::max(span[1], pixel.disparity);
    }
    return span;
}

std::vector<InpaintPatch> patches_of(std::span<const PatchPlan> plans) {
    std::vector<InpaintPatch> patches;
    for (const PatchPlan& plan : plans)
        patches.push_back(plan.patch);
    return patches;
}

}  // namespace

// Large patches one after another, for they are worked on by several threads inside; small ones
// several at a time
std::vector<Synthesis> Inpainter::inpaint_all(std::span<const InpaintPatch> patches,
                                              const std::function<void(double)>& step) const {
    std::vector<Synthesis> results(patches.size());
    std::vector<std::size_t> small;
    for (std::size_t i = 0; i < patches.size(); ++i) {
        if (patches[i].role.total() < kLargePatchArea) {
            small.push_back(i);
            continue;
        }
        step(static_cast<double>(i) / static_cast<double>(patches.size()));
        results[i] = inpaint(patches[i]);
    }
    constexpr std::size_t kBatch = 64;  // between two looks at the wish to stop
    for (std::size_t first = 0; first < small.size(); first += kBatch) {
        step(1);
        const std::size_t count = std::min(kBatch, small.size() - first);
        parallel_ranges(static_cast<int>(count), 1, [&](int i, int) {
            const std::size_t patch = small[first + static_cast<std::size_t>(i)];
            results[patch] = inpaint(patches[patch]);
        });
    }
    return results;
}

Ldi inpaint(Ldi ldi, const DepthEdges& edges, const Inpainter& inpainter,
            const InpaintOptions& options, Progress* progress) {
    check(options);
    checkpoint(progress, kStage, 0);
    const float long_side =
        static_cast<float>(std::max(ldi.camera.size.width, ldi.camera.size.height));
    const float scale = long_side / 1024;

    // Measure how far the motion lets the camera look behind things and beyond the border
    cv::Vec2f span = disparity_span(ldi);
    span[1] += border_headroom(ldi);
    const Reach reach(ldi.camera, options.views, span, options.border_limit * long_side);
    enlarge_canvas(ldi, reach.visible_area(span[0], span[1]));

    // Begin at the far sides of the photo's depth edges and at its border
    std::vector<OpenCrack> cracks =
        find_open_cracks(ldi, edges, reach, options.synthesis_steps * scale);
    const int tangent_length = static_cast<int>(std::lround(kTangentLength * scale));
    Barriers barriers = continue_edges(ldi, edges, std::max(2, tangent_length));

    for (int round = 1; round <= options.max_rounds; ++round) {
        // Grow the synthesis regions and cut out the patches
        const SynthesisRegion region = grow_synthesis(ldi, cracks, barriers, reach);
        if (region.pixels.empty())
            break;
        std::vector<PatchPlan> plans =
            plan_patches(ldi, cracks, region,
                         std::max(1, static_cast<int>(std::lround(options.context_steps * scale))));
        for (std::size_t i = 0; i < plans.size(); ++i)
            plans[i].patch.seed = options.seed + static_cast<std::uint32_t>(i);

        // Fill them; most of the work is in the first round
        const double done = 1 - std::pow(0.3, round - 1);
        const std::vector<InpaintPatch> patches = patches_of(plans);
        const std::vector<Synthesis> results = inpainter.inpaint_all(patches, [&](double share) {
            checkpoint(progress, kStage, done + 0.7 * (1 - done) * share);
        });
        if (options.observer)
            options.observer->on_round(round, patches, results);

        // Merge them and go on where that opened new depth edges
        cracks = merge_round(ldi, cracks, region, plans, results, reach, round);
        std::fill(barriers.begin(), barriers.end(), std::uint8_t{0});
    }
    checkpoint(progress, kStage, 1);
    return ldi;
}

}  // namespace unflat
