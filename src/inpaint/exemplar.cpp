// SPDX-License-Identifier: MIT
// Hidden colour from exemplars: squares of the context, matched from coarse to fine.
#include "unflat/error.h"
#include "unflat/inpaint.h"

#include "inpaint/exemplar_blend.h"
#include "inpaint/exemplar_level.h"
#include "inpaint/exemplar_match.h"
#include "inpaint/exemplar_vote.h"
#include "inpaint/tinted_context.h"

#include <algorithm>
#include <future>
#include <utility>

#include <opencv2/core/utility.hpp>

namespace unflat {

namespace {

using namespace exemplar;

constexpr std::size_t kLargePatchArea = 1 << 16;  // worth a thread of its own

constexpr int kShallow = 4;            // steps from the context that squares bridge at once
constexpr float kSmoothShare = 0.25F;  // docs/algorithms/exemplar.md tells how it was found

// Work on a level. Most is settled at the coarse ones, and fine ones cost most.
struct Effort {
    int rounds;  // of matching and voting
    int sweeps;  // of PatchMatch per round
    int reach;   // of the random search [pixels of the level]
};

Effort effort_at(std::size_t level, int iterations) {
    constexpr Effort kFinest{.rounds = 1, .sweeps = 1, .reach = 0};
    if (level == 0)
        return kFinest;
    return {.rounds = iterations, .sweeps = level == 1 ? 1 : 2, .reach = level == 1 ? 8 : 16};
}

bool has(const Level& level, Role role) {
    return std::find(level.role.begin(), level.role.end(), static_cast<std::uint8_t>(role)) !=
           level.role.end();
}

int deepest_step(const Level& level) {
    return *std::max_element(level.steps.begin(), level.steps.end());
}

// Adds coarser levels until the synthesis region is about as deep as a square is wide
std::vector<Level> make_pyramid(Level finest, const ExemplarOptions& options) {
    std::vector<Level> levels;
    levels.push_back(std::move(finest));
    const auto long_side = [](const Level& level) {
        return std::max(level.width, level.height) - 2 * kMargin;
    };
    while (deepest_step(levels.back()) > kShallow &&
           long_side(levels.back()) >= 2 * options.min_level_side) {
        Level coarse = half_scale(levels.back());
        if (!has(coarse, Role::Context) || !has(coarse, Role::Synthesis))
            break;
        prepare_squares(coarse, options.patch_side);
        if (coarse.sources.empty())
            break;
        levels.push_back(std::move(coarse));
    }
    return levels;
}

// Alternates matching and voting on one level
void settle(const Level& level, const Effort& effort, std::uint32_t seed, Matches& matches,
            std::vector<Texel>& image) {
    for (int round = 0; round < effort.rounds; ++round) {
        measure_matches(level, image, matches);
        for (int sweep = 0; sweep < effort.sweeps; ++sweep)
            improve_matches(level, image, matches, seed, effort.sweeps * round + sweep,
                            effort.reach);
        vote(level, matches, image);
    }
}

// @return the finest level's texels, filled
std::vector<Texel> synthesise(const std::vector<Level>& levels, int iterations,
                              std::uint32_t seed) {
    std::vector<Texel> image = levels.back().texels;
    Matches matches = peel(levels.back(), image);
    for (std::size_t n = levels.size(); n-- > 0;) {
        const Level& level = levels[n];
        const std::uint32_t level_seed = mix(seed, static_cast<std::uint32_t>(n));
        if (n + 1 < levels.size()) {
            // Matches alone go down a level: copies by them are sharp, enlarged colours are not
            matches = refine_matches(levels[n + 1], matches, level, level_seed);
            image = level.texels;
            copy_centres(level, matches, image);
        }
        settle(level, effort_at(n, iterations), level_seed, matches, image);
    }
    return image;
}

class ExemplarInpainter final : public Inpainter {
public:
    explicit ExemplarInpainter(const ExemplarOptions& options) : options_(options) {
        require(options.patch_side == 3 || options.patch_side == 5 || options.patch_side == 7,
                "the side of the compared squares must be 3, 5 or 7");
        require(options.iterations >= 1, "exemplars need at least one iteration per level");
        require(options.min_level_side >= 1, "the coarsest level needs a side of at least 1");
    }

    Synthesis inpaint(const InpaintPatch& given) const override {
        const InpaintPatch patch = without_tinted_context(given);
        // Beside the colour, whose phases that cannot be divided it then hides
        const bool beside = patch.role.total() >= kLargePatchArea && cv::getNumThreads() > 1;
        std::future<cv::Mat_<float>> disparity =
            std::async(beside ? std::launch::async : std::launch::deferred,
                       [&] { return diffuse_disparity(patch); });
        cv::Mat_<cv::Vec3b> rgb = synthesise_colour(patch);
        return {.rgb = std::move(rgb), .disparity = disparity.get()};
    }

private:
    cv::Mat_<cv::Vec3b> synthesise_colour(const InpaintPatch& patch) const {
        cv::Mat_<cv::Vec3b> rgb(patch.role.size(), cv::Vec3b(0, 0, 0));
        const Surfaces surfaces = find_surfaces(patch);
        std::vector<int> without_exemplars;
        for (int label = 1; label < static_cast<int>(surfaces.boxes.size()); ++label) {
            Level surface = cut_out(patch, surfaces.labels, label, surfaces.boxes[at(label)]);
            if (!has(surface, Role::Synthesis))
                continue;
            prepare_squares(surface, options_.patch_side);
            if (surface.sources.empty())
                without_exemplars.push_back(label);
            else
                fill(std::move(surface), mix(patch.seed, static_cast<std::uint32_t>(label)), rgb);
        }
        if (!without_exemplars.empty())
            diffuse(patch, surfaces.labels, without_exemplars, rgb);
        return rgb;
    }

    void fill(Level surface, std::uint32_t seed, cv::Mat_<cv::Vec3b>& rgb) const {
        const std::vector<Level> levels = make_pyramid(std::move(surface), options_);
        const Level& level = levels.front();
        std::vector<Texel> image = synthesise(levels, options_.iterations, seed);
        blend_low_frequencies(levels, kSmoothShare, image);
        for (const int p : level.targets)
            if (level.role_at(p) == Role::Synthesis) {
                cv::Vec3b& to =
                    rgb(level.origin.y + p / level.width, level.origin.x + p % level.width);
                for (int c = 0; c < 3; ++c)
                    to[c] = image[at(p)][c];
            }
    }

    // Where there is no context, or too little to show a square of it
    static void diffuse(const InpaintPatch& patch, const cv::Mat_<int>& labels,
                        const std::vector<int>& chosen, cv::Mat_<cv::Vec3b>& rgb) {
        const cv::Mat_<cv::Vec3f> smooth = diffuse_color(patch);
        for (int y = 0; y < rgb.rows; ++y)
            for (int x = 0; x < rgb.cols; ++x)
                if (patch.role_at(x, y) == Role::Synthesis &&
                    std::binary_search(chosen.begin(), chosen.end(), labels(y, x)))
                    for (int c = 0; c < 3; ++c)
                        rgb(y, x)[c] = cv::saturate_cast<std::uint8_t>(smooth(y, x)[c]);
    }

    ExemplarOptions options_;
};

}  // namespace

std::unique_ptr<Inpainter> make_exemplar_inpainter(const ExemplarOptions& options) {
    return std::make_unique<ExemplarInpainter>(options);
}

}  // namespace unflat
