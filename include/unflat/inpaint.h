// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"
#include "unflat/ldi.h"
#include "unflat/progress.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

// ---- What an inpainter sees and gives back

/// What a position of a patch is.
enum class Role : std::uint8_t {
    Outside = 0,    ///< not part of the problem; its values mean nothing
    Context = 1,    ///< known: visible, or synthesised in an earlier round
    Synthesis = 2,  ///< to be invented
};

/// One inpainting problem, cut out of a layered depth image: one surface sheet (or several that
/// meet at depth edges), at most one pixel at a position. It holds the context and nothing of what
/// hides the synthesis region. All maps have the same size.
struct InpaintPatch {
    cv::Point origin;             ///< position of the patch's top-left pixel in the photo's raster
    cv::Mat_<std::uint8_t> role;  ///< Role of each pixel
    cv::Mat_<cv::Vec3b> rgb;      ///< sRGB in the context, 0 elsewhere
    cv::Mat_<float> disparity;    ///< in the context; in the synthesis region a first guess carried
                                  ///< over from where its growth began; 0 outside
    cv::Mat_<float> max_disparity;  ///< in the synthesis region: the result must stay below this,
                                    ///< to lie behind what is in front; 0 elsewhere
    float min_disparity = 0;        ///< the result should not fall below this: where the scene ends
    cv::Mat_<std::uint8_t> cuts;    ///< depth edges: bit 0, no link to the right neighbour; bit 1,
                                  ///< none to the lower one. In the synthesis region: edges of the
                                  ///< context, continued (docs/algorithms/regions.md)
    float threshold = 0;     ///< step of disparity that parts surfaces [1 / scene units]
    float range = 3;         ///< span of disparity [1 / scene units]
    std::uint32_t seed = 0;  ///< for inpainters that draw random numbers

    Role role_at(int x, int y) const { return static_cast<Role>(role(y, x)); }
    /// True if both pixels belong to the patch and no depth edge lies between (x, y) and its right
    /// (`down` false) or lower neighbour.
    bool joined(int x, int y, bool down) const;
};

/// What an inpainter invents, in maps of the size of the patch; read in the synthesis region only.
struct Synthesis {
    cv::Mat_<cv::Vec3b> rgb;
    cv::Mat_<float> disparity;  ///< finite and > 0; neighbours that differ by more than the patch's
                                ///< threshold become a depth edge, others are linked
};

/// Fills the synthesis region of a patch from its context alone. Called from several threads at
/// once; the same patch gives the same bytes.
class Inpainter {
public:
    virtual ~Inpainter() = default;
    virtual Synthesis inpaint(const InpaintPatch& patch) const = 0;

    /// Fills all patches of a round; for inpainters that do better when they see them together. By
    /// default each is filled on its own, several at a time.
    /// @param step is called now and then, from the calling thread, with the share that is done
    ///        [0..1]; what it throws ends the work.
    /// @return as many results, in the order of the patches.
    virtual std::vector<Synthesis> inpaint_all(std::span<const InpaintPatch> patches,
                                               const std::function<void(double)>& step) const;
};

/// Fills that need no network.
enum class Fill {
    Patch,      ///< exemplar-based texture over diffused depth
    Diffusion,  ///< colour and depth diffused from the context
    Stretch,    ///< nothing is cut; the surface is stretched across depth edges
    None,       ///< depth edges stay holes
};

/// Diffuses disparity (slanted surfaces continued) and colour into the synthesis region.
std::unique_ptr<Inpainter> make_diffusion_inpainter();

struct ExemplarOptions {
    int patch_side = 5;       ///< side of the compared squares [pixels]: 3, 5 or 7
    int iterations = 4;       ///< rounds of matching and voting per coarse level; the finest has 1
    int min_level_side = 24;  ///< long side of the coarsest level, at least [pixels]
};

/// Diffuses disparity and synthesises colour from exemplars of the context: PatchMatch with
/// voting from coarse to fine, each side of a depth edge from its own surface.
/// Source: Barnes et al. 2009 (PatchMatch); Wexler et al. 2007 (voting, coarse to fine).
/// Details: docs/algorithms/exemplar.md.
/// @throws Error{InvalidInput} if an option is out of range.
std::unique_ptr<Inpainter> make_exemplar_inpainter(const ExemplarOptions& options = {});

/// Disparity of the synthesis region by diffusion along slanted surfaces, not across cuts: what
/// both inpainters above use.
/// @return a map of the size of the patch, valid in the synthesis region, at most max_disparity.
cv::Mat_<float> diffuse_disparity(const InpaintPatch& patch);

/// Colour of the synthesis region by diffusion, not across cuts.
/// @return a map of the size of the patch, valid in the synthesis region.
cv::Mat_<cv::Vec3f> diffuse_color(const InpaintPatch& patch);

// ---- The stage

/// Watches the stage from inside; for pictures of the regions.
class InpaintObserver {
public:
    virtual ~InpaintObserver() = default;
    /// Called once per round, before its patches are merged.
    virtual void on_round(int round, std::span<const InpaintPatch> patches,
                          std::span<const Synthesis> results) = 0;
};

struct InpaintOptions {
    std::vector<View> views;     ///< the requested motion: where the camera will stand
    float context_steps = 100;   ///< growth of the context along links [steps at 1024 px]
    float synthesis_steps = 40;  ///< least growth under the occluder [steps at 1024 px], but not
                                 ///< beyond three times what the motion shows
    float border_limit = 0.25F;  ///< farthest continuation beyond the photo [of its long side]
    int max_rounds = 24;         ///< bound on repetitions
    std::uint32_t seed = 0;
    InpaintObserver* observer = nullptr;  ///< not owned
};

/// Invents what the camera can reach behind depth edges and beyond the photo's border: per round
/// the open depth edges, their context and synthesis regions, the inpainter's fill, the merge;
/// repeated on the edges of what was synthesised until nothing within reach is empty.
/// Pixels of the photo keep their colour and disparity.
/// @throws Error{Cancelled}, Error{InvalidInput} if an option is out of range.
/// Cost: linear in the area of the patches. Ends: a round adds at most one pixel per position of
/// the canvas, and there are at most `max_rounds`.
/// Source: Shih et al. 2020, sections 3.2 and 3.3.
Ldi inpaint(Ldi ldi, const DepthEdges& edges, const Inpainter& inpainter,
            const InpaintOptions& options = {}, Progress* progress = nullptr);

}  // namespace unflat
