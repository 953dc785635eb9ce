// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/inpaint.h"

#include "core/parallel.h"
#include "inpaint/exemplar_level.h"
#include "inpaint/exemplar_match.h"
#include "inpaint/exemplar_vote.h"

#include <algorithm>
#include <utility>

namespace unflat {

namespace {

using namespace exemplar;

std::size_t at(int position) {
    return static_cast<std::size_t>(position);
}

int deepest_step(const Level& level) {
    return level.steps.empty() ? 0 : *std::max_element(level.steps.begin(), level.steps.end());
}

bool has(const Level& level, Role role) {
    return std::find(level.role.begin(), level.role.end(), static_cast<std::uint8_t>(role)) !=
           level.role.end();
}

// Finest first. The coarsest is where the synthesis region is about as deep as a square.
std::vector<Level> make_pyramid(Level finest, const ExemplarOptions& options) {
    std::vector<Level> levels;
    levels.push_back(std::move(finest));
    prepare_squares(levels.back(), options.patch_side);
    while (deepest_step(levels.back()) > options.patch_side / 2 &&
           std::max(levels.back().width, levels.back().height) - 2 * kMargin >=
               2 * options.min_level_side) {
        Level coarse = half_scale(levels.back());
        if (!has(coarse, Role::Context) || !has(coarse, Role::Synthesis))
            break;
        prepare_squares(coarse, options.patch_side);
        if (coarse.side < levels.back().side)
            break;
        levels.push_back(std::move(coarse));
    }
    return levels;
}

std::vector<cv::Vec4f> synthesise(const std::vector<Level>& levels, const ExemplarOptions& options,
                                  std::uint32_t seed) {
    VoteOptions voting{.sharpness = 1.F, .trust = 1.2F};
    std::vector<Texel> image = levels.back().texels;
    Matches matches = peel(levels.back(), image, voting);
    std::vector<cv::Vec4f> votes;
    const int count = static_cast<int>(levels.size());
    for (int n = count - 1; n >= 0; --n) {
        const Level& level = levels[at(n)];
        const std::uint32_t level_seed = mix(seed, static_cast<std::uint32_t>(n));
        if (n != count - 1) {
            const Level& coarse = levels[at(n + 1)];
            matches = refine_matches(coarse, matches, level, level_seed);
            matches.distance.assign(level.targets.size(), 0);
            image = level.texels;
            VoteOptions even{.sharpness = 0, .trust = 1};
            apply_votes(level, vote(level, image, matches, even), image);
        }
        const int rounds = n == 0 ? 2 : options.iterations;
        for (int round = 0; round < rounds; ++round) {
            measure_matches(level, image, matches);
            const int sweeps = n == 0 ? 1 : 2;
            for (int sweep = 0; sweep < sweeps; ++sweep)
                improve_matches(level, image, matches, level_seed, sweeps * round + sweep,
                                n == 0 ? 4 : 16);
            if (n == 0 && round + 1 == rounds)
                voting.sharpness = 0.5F;
            votes = vote(level, image, matches, voting);
            apply_votes(level, votes, image);
        }
    }
    return votes;
}

class ExemplarInpainter final : public Inpainter {
public:
    explicit ExemplarInpainter(const ExemplarOptions& options) : options_(options) {
        require(options.patch_side % 2 == 1 && options.patch_side >= 1 &&
                    options.patch_side <= kMaxSide,
                "the side of compared squares must be 1, 3, 5 or 7");
        require(options.iterations >= 1, "exemplars need at least one iteration");
        require(options.min_level_side >= 1, "the coarsest level needs a side of 1 or more");
    }

    Synthesis inpaint(const InpaintPatch& patch) const override {
        Synthesis result{.rgb = cv::Mat_<cv::Vec3b>(patch.role.size(), cv::Vec3b()),
                         .disparity = diffuse_disparity(patch)};
        diffuse_color(patch).convertTo(result.rgb, CV_8UC3);
        const Surfaces surfaces = find_surfaces(patch);
        for (int label = 1; label < static_cast<int>(surfaces.boxes.size()); ++label) {
            Level surface = cut_out(patch, surfaces.labels, label, surfaces.boxes[at(label)]);
            if (has(surface, Role::Context) && has(surface, Role::Synthesis))
                fill(std::move(surface), mix(patch.seed, static_cast<std::uint32_t>(label)),
                     result.rgb);
        }
        return result;
    }

private:
    void fill(Level surface, std::uint32_t seed, cv::Mat_<cv::Vec3b>& rgb) const {
        const std::vector<Level> levels = make_pyramid(std::move(surface), options_);
        const Level& level = levels.front();
        const std::vector<cv::Vec4f> colours = synthesise(levels, options_, seed);
        for (const int p : level.targets)
            if (level.role_at(p) == Role::Synthesis) {
                const cv::Vec4f& c = colours[at(p)];
                rgb(level.origin.y + p / level.width, level.origin.x + p % level.width) = {
                    cv::saturate_cast<std::uint8_t>(c[0]), cv::saturate_cast<std::uint8_t>(c[1]),
                    cv::saturate_cast<std::uint8_t>(c[2])};
            }
    }

    ExemplarOptions options_;
};

}  // namespace

std::unique_ptr<Inpainter> make_exemplar_inpainter(const ExemplarOptions& options) {
    return std::make_unique<ExemplarInpainter>(options);
}

}  // namespace unflat
