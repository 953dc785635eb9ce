// SPDX-License-Identifier: MIT
#include "unflat/scene.h"

#include "unflat/error.h"

#include "core/checkpoint.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace unflat {

namespace {

// Runs one stage between its two reports, so that whoever watches can time it
template <typename Function>
auto stage(Progress* progress, std::string_view name, Function&& function) {
    checkpoint(progress, name, 0);
    auto result = std::forward<Function>(function)();
    checkpoint(progress, name, 1);
    return result;
}

std::unique_ptr<Inpainter> make_inpainter(Fill fill) {
    if (fill == Fill::Patch)
        return make_exemplar_inpainter();
    return make_diffusion_inpainter();  // a stretched scene still needs its border continued
}

// Edges of a photo in which everything hangs together, also what will be invented: no difference
// of disparity is a depth edge
DepthEdges without_edges(DepthEdges edges, const DisparityMap& disparity) {
    edges.edges.clear();
    edges.threshold = 2 * *std::max_element(disparity.values.begin(), disparity.values.end());
    return edges;
}

}  // namespace

Scene build_scene(Photo photo, const DepthMap& depth, const SceneOptions& options,
                  const Inpainter* inpainter, Progress* progress) {
    Scene scene{.photo = std::move(photo)};
    scene.disparity = stage(progress, "depth", [&] {
        return prepare_depth(scene.photo, depth, options.depth, progress);
    });
    scene.edges = stage(progress, "edges", [&] {
        const DepthEdges edges = find_depth_edges(scene.disparity, options.edges);
        scene.disparity = move_tinted_rims(scene.photo, scene.disparity, edges, options.rims);
        DepthEdges moved = find_depth_edges(scene.disparity, options.edges);
        scene.disparity = spread_healed_steps(scene.disparity, moved);
        return moved;
    });
    if (options.fill == Fill::Stretch)
        scene.edges = without_edges(std::move(scene.edges), scene.disparity);

    Motion motion = plan_motion(scene.photo.camera, scene.disparity, options.motion);
    scene.ldi =
        stage(progress, "lift", [&] { return lift(scene.photo, scene.disparity, scene.edges); });
    if (options.fill != Fill::None) {
        InpaintOptions inpaint_options = options.inpaint;
        inpaint_options.views = motion.views();
        const std::unique_ptr<Inpainter> own = inpainter ? nullptr : make_inpainter(options.fill);
        scene.ldi = stage(progress, "inpaint", [&] {
            return inpaint(std::move(scene.ldi), scene.edges, inpainter ? *inpainter : *own,
                           inpaint_options, progress);
        });
    }

    MeshOptions mesh_options = options.mesh;
    mesh_options.motion = motion.largest_shift;
    scene.mesh =
        stage(progress, "mesh", [&] { return build_mesh(scene.ldi, mesh_options, progress); });
    scene.paths = std::move(motion.paths);
    scene.poses = std::move(motion.poses);
    return scene;
}

}  // namespace unflat
