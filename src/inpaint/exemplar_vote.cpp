// SPDX-License-Identifier: MIT
#include "inpaint/exemplar_vote.h"

#include "core/parallel.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace unflat::exemplar {

namespace {

constexpr float kNoise = 4;  // mean squared difference per texel that means "equal"

float weight_of(const Level& level, const Matches& matches, int target,
                const VoteOptions& options) {
    const float mean = static_cast<float>(matches.cost[at(target)]) /
                       static_cast<float>(std::popcount(level.masks[at(target)]));
    const auto steps = static_cast<float>(level.steps[at(level.targets[at(target)])]);
    return std::pow(mean + kNoise, -options.sharpness) * std::pow(options.trust, -steps);
}

// The weighted mean of the votes for one pixel, over targets that `counts`.
template <typename Counts>
cv::Vec4f mean_vote(const Level& level, const std::vector<Texel>& image, const Matches& matches,
                    const std::vector<float>& weights, int position, const Counts& counts) {
    const int half = level.half(), side = level.side;
    cv::Vec4f sum;
    float total = 0;
    for (int dy = -half; dy <= half; ++dy)
        for (int dx = -half; dx <= half; ++dx) {
            const int step = dy * level.width + dx;  // from the centre of a square to the pixel
            const int target = level.target_index(position - step);
            if (target < 0 || !counts(target))
                continue;
            const int bit = (dy + half) * side + dx + half;
            if (!((level.masks[at(target)] >> bit) & 1U))
                continue;
            const float weight = weights[at(target)];
            const Texel& texel = image[at(matches.source[at(target)] + step)];
            for (int c = 0; c < 4; ++c)
                sum[c] += weight * static_cast<float>(texel[c]);
            total += weight;
        }
    return total > 0 ? sum / total : sum;
}

std::vector<std::vector<int>> synthesis_by_step(const Level& level) {
    std::vector<std::vector<int>> shells;
    for (int p = 0; p < level.size(); ++p) {
        const std::size_t step = level.steps[at(p)];
        if (step == 0)
            continue;
        if (shells.size() < step)
            shells.resize(step);
        shells[step - 1].push_back(p);
    }
    return shells;
}

// What of a target's square is filled before the pixels of this step.
Mask filled_mask(const Level& level, int target, int step) {
    Mask mask = level.masks[at(target)];
    const int half = level.half(), side = level.side, centre = level.targets[at(target)];
    for (int dy = -half; dy <= half; ++dy)
        for (int dx = -half; dx <= half; ++dx)
            if (level.steps[at(centre + dy * level.width + dx)] >= step)
                mask &= ~(Mask{1} << ((dy + half) * side + dx + half));
    return mask;
}

Texel rounded(const cv::Vec4f& value) {
    Texel texel;
    for (int c = 0; c < 4; ++c)
        texel[c] = cv::saturate_cast<std::uint8_t>(value[c]);
    return texel;
}

}  // namespace

std::vector<cv::Vec4f> vote(const Level& level, const std::vector<Texel>& image,
                            const Matches& matches, const VoteOptions& options) {
    std::vector<float> weights(level.targets.size());
    std::vector<cv::Vec4f> votes(at(level.size()));
    const auto all = [](int) { return true; };
    parallel_ranges(static_cast<int>(weights.size()), 4096, [&](int first, int last) {
        for (int i = first; i < last; ++i)
            weights[at(i)] = weight_of(level, matches, i, options);
    });
    parallel_ranges(static_cast<int>(weights.size()), 1024, [&](int first, int last) {
        for (int i = first; i < last; ++i) {
            const int position = level.targets[at(i)];
            if (level.role_at(position) == Role::Synthesis)
                votes[at(position)] = mean_vote(level, image, matches, weights, position, all);
        }
    });
    return votes;
}

void apply_votes(const Level& level, const std::vector<cv::Vec4f>& votes,
                 std::vector<Texel>& image) {
    for (const int position : level.targets)
        if (level.role_at(position) == Role::Synthesis)
            image[at(position)] = rounded(votes[at(position)]);
}

Matches peel(const Level& level, std::vector<Texel>& image, const VoteOptions& options) {
    Matches matches{.source = std::vector<int>(level.targets.size(), -1),
                    .cost = std::vector<int>(level.targets.size(), 0)};
    std::vector<float> weights(level.targets.size(), 0.F);
    const auto match = [&](int target, Mask mask) {
        std::vector<int> hints;
        const int position = level.targets[at(target)];
        for (const int step : {1, -1, level.width, -level.width}) {
            const int neighbour = level.target_index(position - step);
            if (neighbour >= 0 && matches.source[at(neighbour)] >= 0)
                hints.push_back(matches.source[at(neighbour)] + step);
        }
        const Match best = search_source(level, image, position, mask, hints);
        matches.source[at(target)] = best.source;
        matches.cost[at(target)] = best.cost;
        weights[at(target)] = weight_of(level, matches, target, options);
    };

    const auto shells = synthesis_by_step(level);
    for (std::size_t i = 0; i < shells.size(); ++i) {
        const int step = static_cast<int>(i) + 1;
        for (const int position : shells[i]) {
            const int target = level.target_index(position);
            match(target, filled_mask(level, target, step));
        }
        const auto matched = [&](int target) { return matches.source[at(target)] >= 0; };
        for (const int position : shells[i])
            image[at(position)] =
                rounded(mean_vote(level, image, matches, weights, position, matched));
    }
    for (int i = 0; i < static_cast<int>(level.targets.size()); ++i)
        if (matches.source[at(i)] < 0)
            match(i, level.masks[at(i)]);
    return matches;
}

}  // namespace unflat::exemplar
