// SPDX-License-Identifier: MIT
// Hidden colour from exemplars: squares of the context, matched from coarse to fine.
#include "unflat/error.h"
#include "unflat/inpaint.h"

#include "inpaint/exemplar_blend.h"
#include "inpaint/exemplar_level.h"
#include "inpaint/exemplar_match.h"
#include "inpaint/exemplar_vote.h"

#include <algorithm>
#include <utility>

namespace unflat {

namespace {

using namespace exemplar;

constexpr int kShallow = 4;       // steps from the context that squares bridge at once
constexpr int kCoarseSweeps = 2;  // of PatchMatch per round
constexpr int kCoarseReach = 16;  // of the random search [pixels of the level]
constexpr int kFinestRounds = 2;  // most is settled by then; the finest level costs most
constexpr int kFinestSweeps = 1;
constexpr int kFinestReach = 4;
constexpr float kSmoothShare = 0.25F;  // docs/algorithms/exemplar.md tells how it was found

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

// Alternates matching and voting on one level; returns the last votes
std::vector<cv::Vec4f> settle(const Level& level, bool finest, int iterations, std::uint32_t seed,
                              Matches& matches, std::vector<Texel>& image) {
    const int rounds = finest ? kFinestRounds : iterations;
    const int sweeps = finest ? kFinestSweeps : kCoarseSweeps;
    const int reach = finest ? kFinestReach : kCoarseReach;
    std::vector<cv::Vec4f> votes;
    for (int round = 0; round < rounds; ++round) {
        measure_matches(level, image, matches);
        for (int sweep = 0; sweep < sweeps; ++sweep)
            improve_matches(level, image, matches, seed, sweeps * round + sweep, reach);
        votes = vote(level, image, matches, {});
        apply_votes(level, votes, image);
    }
    return votes;
}

std::vector<cv::Vec4f> synthesise(const std::vector<Level>& levels, int iterations,
                                  std::uint32_t seed) {
    std::vector<Texel> image = levels.back().texels;
    Matches matches = peel(levels.back(), image, {});
    std::vector<cv::Vec4f> votes;
    for (std::size_t n = levels.size(); n-- > 0;) {
        const Level& level = levels[n];
        const std::uint32_t level_seed = mix(seed, static_cast<std::uint32_t>(n));
        if (n + 1 < levels.size()) {
            // Matches alone go down a level: votes from them are sharp, enlarged colours are not
            matches = refine_matches(levels[n + 1], matches, level, level_seed);
            image = level.texels;
            apply_votes(level, vote(level, image, matches, {.sharpness = 0, .trust = 1}), image);
        }
        votes = settle(level, n == 0, iterations, level_seed, matches, image);
    }
    return votes;
}

class ExemplarInpainter final : public Inpainter {
public:
    explicit ExemplarInpainter(const ExemplarOptions& options) : options_(options) {
        require(options.patch_side == 3 || options.patch_side == 5 || options.patch_side == 7,
                "the side of the compared squares must be 3, 5 or 7");
        require(options.iterations >= 1, "exemplars need at least one iteration per level");
        require(options.min_level_side >= 1, "the coarsest level needs a side of at least 1");
    }

    Synthesis inpaint(const InpaintPatch& patch) const override {
        Synthesis result{.rgb = cv::Mat_<cv::Vec3b>(patch.role.size(), cv::Vec3b(0, 0, 0)),
                         .disparity = diffuse_disparity(patch)};
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
                fill(std::move(surface), mix(patch.seed, static_cast<std::uint32_t>(label)),
                     result.rgb);
        }
        if (!without_exemplars.empty())
            diffuse(patch, surfaces.labels, without_exemplars, result.rgb);
        return result;
    }

private:
    void fill(Level surface, std::uint32_t seed, cv::Mat_<cv::Vec3b>& rgb) const {
        const std::vector<Level> levels = make_pyramid(std::move(surface), options_);
        const Level& level = levels.front();
        std::vector<cv::Vec4f> colours = synthesise(levels, options_.iterations, seed);
        blend_low_frequencies(levels, kSmoothShare, colours);
        for (const int p : level.targets)
            if (level.role_at(p) == Role::Synthesis) {
                cv::Vec3b& to =
                    rgb(level.origin.y + p / level.width, level.origin.x + p % level.width);
                for (int c = 0; c < 3; ++c)
                    to[c] = cv::saturate_cast<std::uint8_t>(colours[at(p)][c]);
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
