// SPDX-License-Identifier: MIT
#include "inpaint/exemplar_vote.h"

#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>

#include <opencv2/core/hal/intrin.hpp>

namespace unflat::exemplar {

namespace {

constexpr float kNoise = 4;     // mean squared difference per texel that means "equal"
constexpr float kTrust = 2.5F;  // factor on the weight per step towards the context
constexpr int kPeelGrain = 16;  // exhaustive searches per unit of work
constexpr int kFarthestStep =
    64;  // beyond it all are trusted alike, and weights stay normal floats

// Weights by steps from the context
class Trust {
public:
    Trust() {
        for (int step = 0; step <= kFarthestStep; ++step)
            by_step_[at(step)] = std::pow(kTrust, static_cast<float>(-step));
    }
    float operator()(int steps) const { return by_step_[at(std::min(steps, kFarthestStep))]; }

private:
    std::array<float, kFarthestStep + 1> by_step_{};
};

float weight_of(const Level& level, const Matches& matches, int target, const Trust& trust) {
    const float mean = static_cast<float>(matches.cost[at(target)]) /
                       static_cast<float>(std::popcount(level.masks[at(target)]));
    return trust(level.steps[at(level.targets[at(target)])]) / (mean + kNoise);
}

// The weighted mean of the votes for one pixel; targets of weight 0 do not vote.
Texel mean_vote(const Level& level, const std::vector<Texel>& image, const Matches& matches,
                const std::vector<float>& weights, int position) {
    const int half = level.half(), side = level.side;
    cv::v_float32x4 sum = cv::v_setzero_f32();
    float total = 0;
    for (int dy = -half; dy <= half; ++dy) {
        const int* beside = level.target_at.data() + position - dy * level.width;
        const int bit = (dy + half) * side + half;
        for (int dx = -half; dx <= half; ++dx) {
            const int target = beside[-dx];
            if (target < 0 || !((level.masks[at(target)] >> (bit + dx)) & 1U))
                continue;
            // From the centre of the square to the pixel, here and in its source
            const int step = dy * level.width + dx;
            const float weight = weights[at(target)];
            if (weight <= 0)
                continue;
            const std::uint8_t* texel = image[at(matches.source[at(target)] + step)].val;
            sum += cv::v_cvt_f32(cv::v_reinterpret_as_s32(cv::v_load_expand_q(texel))) *
                   cv::v_setall_f32(weight);
            total += weight;
        }
    }
    std::array<float, 4> mean{};
    cv::v_store(mean.data(), sum);
    Texel texel;
    for (int c = 0; total > 0 && c < 4; ++c)
        texel[c] = cv::saturate_cast<std::uint8_t>(mean[at(c)] / total);
    return texel;
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

}  // namespace

void vote(const Level& level, const Matches& matches, std::vector<Texel>& image) {
    std::vector<float> weights(level.targets.size());
    const Trust trust;
    parallel_ranges(static_cast<int>(weights.size()), 4096, [&](int first, int last) {
        for (int i = first; i < last; ++i)
            weights[at(i)] = weight_of(level, matches, i, trust);
    });
    // Votes come from the context alone, so that they can be written where they are due at once
    parallel_ranges(static_cast<int>(weights.size()), 1024, [&](int first, int last) {
        for (int i = first; i < last; ++i) {
            const int position = level.targets[at(i)];
            if (level.role_at(position) == Role::Synthesis)
                image[at(position)] = mean_vote(level, image, matches, weights, position);
        }
    });
}

void copy_centres(const Level& level, const Matches& matches, std::vector<Texel>& image) {
    parallel_ranges(static_cast<int>(level.targets.size()), 8192, [&](int first, int last) {
        for (int i = first; i < last; ++i) {
            const int position = level.targets[at(i)];
            if (level.role_at(position) == Role::Synthesis)
                image[at(position)] = image[at(matches.source[at(i)])];
        }
    });
}

Matches peel(const Level& level, std::vector<Texel>& image) {
    const int target_count = static_cast<int>(level.targets.size());
    Matches matches{.source = std::vector<int>(level.targets.size(), -1),
                    .cost = std::vector<int>(level.targets.size(), 0)};
    std::vector<float> weights(level.targets.size(), 0.F);
    std::vector<int> hints(level.targets.size(), -1);  // sources of the shells before
    const Trust trust;
    const auto match = [&](int target, Mask mask) {
        const int position = level.targets[at(target)];
        std::array<int, 4> beside{};
        std::size_t count = 0;
        for (const int step : {1, -1, level.width, -level.width}) {
            const int neighbour = level.target_index(position - step);
            if (neighbour >= 0 && hints[at(neighbour)] >= 0)
                beside[count++] = hints[at(neighbour)] + step;
        }
        const Match best =
            search_source(level, image, position, mask, std::span(beside).first(count));
        matches.source[at(target)] = best.source;
        matches.cost[at(target)] = best.cost;
    };

    const auto shells = synthesis_by_step(level);
    for (std::size_t i = 0; i < shells.size(); ++i) {
        const int step = static_cast<int>(i) + 1;
        const std::vector<int>& shell = shells[i];
        parallel_ranges(static_cast<int>(shell.size()), kPeelGrain, [&](int first, int last) {
            for (int n = first; n < last; ++n) {
                const int target = level.target_index(shell[at(n)]);
                match(target, filled_mask(level, target, step));
            }
        });
        for (const int position : shell) {
            const int target = level.target_index(position);
            hints[at(target)] = matches.source[at(target)];
            weights[at(target)] = weight_of(level, matches, target, trust);
        }
        for (const int position : shell)
            image[at(position)] = mean_vote(level, image, matches, weights, position);
    }
    parallel_ranges(target_count, kPeelGrain, [&](int first, int last) {
        for (int i = first; i < last; ++i)
            if (hints[at(i)] < 0)
                match(i, level.masks[at(i)]);
    });
    return matches;
}

}  // namespace unflat::exemplar
