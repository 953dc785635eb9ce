// SPDX-License-Identifier: MIT
#include "inpaint/exemplar_blend.h"

#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace unflat::exemplar {

namespace {

constexpr int kScaleLevel = 2;  // cells of 4 x 4 pixels
constexpr int kSweeps = 12;
constexpr float kOverRelaxation = 1.6F;

// Synthesis pixels in the order of their steps from the context.
std::vector<int> outward(const Level& level) {
    std::vector<int> order;
    for (const int p : level.targets)
        if (level.steps[at(p)] > 0)
            order.push_back(p);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return level.steps[at(a)] < level.steps[at(b)]; });
    return order;
}

// Harmonic in the synthesis region, the context's colours at its border, free elsewhere.
std::vector<cv::Vec4f> diffuse(const Level& level) {
    std::vector<cv::Vec4f> values(level.texels.begin(), level.texels.end());
    const std::vector<int> order = outward(level);
    const auto mean = [&](int p, int last_step) {
        cv::Vec4f sum;
        int count = 0;
        const auto add = [&](int q, bool joined) {
            const bool known = level.role_at(q) == Role::Context;
            const int step = level.steps[at(q)];
            if (joined && (known || (step > 0 && step <= last_step))) {
                sum += values[at(q)];
                ++count;
            }
        };
        add(p + 1, level.joined(p, false));
        add(p - 1, level.joined(p - 1, false));
        add(p + level.width, level.joined(p, true));
        add(p - level.width, level.joined(p - level.width, true));
        return count > 0 ? sum / static_cast<float>(count) : sum;
    };
    for (const int p : order)
        values[at(p)] = mean(p, level.steps[at(p)] - 1);
    const auto relax = [&](int p) {
        values[at(p)] += (mean(p, 1 << 20) - values[at(p)]) * kOverRelaxation;
    };
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
        std::for_each(order.begin(), order.end(), relax);
        std::for_each(order.rbegin(), order.rend(), relax);
    }
    return values;
}

// The position in a level that is coarser by the factor 2^shift.
int parent_of(const Level& fine, int position, const Level& coarse, int shift) {
    const int x = (position % fine.width - kMargin) >> shift;
    const int y = (position / fine.width - kMargin) >> shift;
    return (y + kMargin) * coarse.width + x + kMargin;
}

// Diffused minus mean synthesised colour of each cell; 0 in the context.
std::vector<cv::Vec4f> cell_errors(const Level& fine, const Level& coarse, int shift,
                                   const std::vector<Texel>& image) {
    std::vector<cv::Vec4f> sums(at(coarse.size()));
    std::vector<int> counts(at(coarse.size()), 0);
    for (const int p : fine.targets)
        if (fine.role_at(p) == Role::Synthesis) {
            const int cell = parent_of(fine, p, coarse, shift);
            sums[at(cell)] += cv::Vec4f(image[at(p)]);
            ++counts[at(cell)];
        }
    const std::vector<cv::Vec4f> smooth = diffuse(coarse);
    for (int p = 0; p < coarse.size(); ++p) {
        const bool open = coarse.role_at(p) == Role::Synthesis && coarse.steps[at(p)] > 0;
        sums[at(p)] = open && counts[at(p)] > 0
                          ? smooth[at(p)] - sums[at(p)] / static_cast<float>(counts[at(p)])
                          : cv::Vec4f();
    }
    return sums;
}

}  // namespace

void blend_low_frequencies(std::span<const Level> levels, float share, std::vector<Texel>& image) {
    const int shift = std::min(kScaleLevel, static_cast<int>(levels.size()) - 1);
    const Level& fine = levels.front();
    const Level& coarse = levels[at(shift)];
    const std::vector<cv::Vec4f> errors = cell_errors(fine, coarse, shift, image);
    const float scale = 1.F / static_cast<float>(1 << shift);
    const auto adapt = [&](int p) {
        // Bilinear between the centres of cells, over cells of this surface alone
        const float u = (static_cast<float>(p % fine.width - kMargin) + 0.5F) * scale - 0.5F;
        const float v = (static_cast<float>(p / fine.width - kMargin) + 0.5F) * scale - 0.5F;
        const float left = std::floor(u), top = std::floor(v);
        cv::Vec4f sum;
        float total = 0;
        for (int k = 0; k < 4; ++k) {
            const int dx = k % 2, dy = k / 2;
            const int cell = (static_cast<int>(top) + dy + kMargin) * coarse.width +
                             static_cast<int>(left) + dx + kMargin;
            if (coarse.role_at(cell) == Role::Outside)
                continue;
            const float weight = (dx ? u - left : 1 - u + left) * (dy ? v - top : 1 - v + top);
            sum += errors[at(cell)] * weight;
            total += weight;
        }
        if (total <= 0)
            return;
        Texel& texel = image[at(p)];
        for (int c = 0; c < 4; ++c)
            texel[c] = cv::saturate_cast<std::uint8_t>(static_cast<float>(texel[c]) +
                                                       sum[c] * (share / total));
    };
    parallel_ranges(static_cast<int>(fine.targets.size()), 8192, [&](int first, int last) {
        for (int i = first; i < last; ++i)
            if (fine.role_at(fine.targets[at(i)]) == Role::Synthesis)
                adapt(fine.targets[at(i)]);
    });
}

}  // namespace unflat::exemplar
