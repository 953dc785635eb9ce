// SPDX-License-Identifier: MIT
// Hidden depth and colour by diffusion: harmonic inside the synthesis region, fixed at the context,
// free at depth edges. Depth additionally follows the slope of the context, so that floors and
// walls go on.
#include "unflat/inpaint.h"

#include "core/parallel.h"
#include "inpaint/diffusion_system.h"
#include "inpaint/tinted_context.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <opencv2/core.hpp>

namespace unflat {

namespace {

using Unknown = DiffusionSystem::Unknown;

constexpr int kSweeps = 8;  // pairs of sweeps; bands of 40 px have settled by then
constexpr float kOverRelaxation = 1.6F;
constexpr int kSlopeRadius = 8;  // half side of the window in which slopes are measured [px]

// The values of all unknowns, `Channels` per pixel
template <int Channels>
using Values = std::vector<cv::Vec<float, Channels>>;

/// Solves for all unknowns that are joined to some context.
/// @param known value of a context pixel by its index.
/// @param offset what a value is expected to change by on the way from a neighbour: called with the
///        unknown, its neighbour code and the direction towards that neighbour.
template <int Channels, typename Known, typename Offset>
Values<Channels> solve(const DiffusionSystem& system, const Known& known, const Offset& offset,
                       int sweeps = kSweeps) {
    using Value = cv::Vec<float, Channels>;
    Values<Channels> values(system.unknowns.size());

    // Mean of what the neighbours in rings below `limit` suggest
    const auto mean = [&](std::size_t i, std::int32_t limit) {
        const Unknown& unknown = system.unknowns[i];
        Value sum = Value::all(0);
        int count = 0;
        for (int d = 0; d < 4; ++d) {
            const std::int32_t code = unknown.neighbours[static_cast<std::size_t>(d)];
            if (code == DiffusionSystem::kNone ||
                (code >= 0 && system.unknowns[static_cast<std::size_t>(code)].ring >= limit))
                continue;
            sum += (code >= 0 ? values[static_cast<std::size_t>(code)] : known(-2 - code)) +
                   offset(i, code, d);
            ++count;
        }
        return count > 0 ? sum * (1.0F / static_cast<float>(count)) : sum;
    };

    // First guess: ring after ring, from what is nearer to the context
    for (std::size_t i = 0; i < system.reached; ++i)
        values[i] = mean(i, system.unknowns[i].ring);

    constexpr std::int32_t kAllRings = std::numeric_limits<std::int32_t>::max();

    // Symmetric successive over-relaxation, outwards and back
    const auto relax = [&](std::size_t i) {
        values[i] += (mean(i, kAllRings) - values[i]) * kOverRelaxation;
    };
    for (int sweep = 0; sweep < sweeps; ++sweep) {
        for (std::size_t i = 0; i < system.reached; ++i)
            relax(i);
        for (std::size_t i = system.reached; i-- > 0;)
            relax(i);
    }
    return values;
}

template <int Channels>
constexpr auto no_offset =
    [](std::size_t, std::int32_t, int) { return cv::Vec<float, Channels>::all(0); };

// Mean change of disparity per pixel to the right and down, around a context pixel
cv::Vec2f slope_around(const InpaintPatch& patch, int x, int y) {
    const int x0 = std::max(0, x - kSlopeRadius),
              x1 = std::min(patch.role.cols - 1, x + kSlopeRadius);
    const int y0 = std::max(0, y - kSlopeRadius),
              y1 = std::min(patch.role.rows - 1, y + kSlopeRadius);
    cv::Vec2f sum(0, 0);
    cv::Vec2f count(0, 0);
    const auto context = [&](int i, int j) { return patch.role_at(i, j) == Role::Context; };
    for (int j = y0; j <= y1; ++j)
        for (int i = x0; i <= x1; ++i) {
            if (!context(i, j))
                continue;
            const float here = patch.disparity(j, i);
            if (i < x1 && context(i + 1, j) && patch.joined(i, j, false)) {
                sum[0] += patch.disparity(j, i + 1) - here;
                ++count[0];
            }
            if (j < y1 && context(i, j + 1) && patch.joined(i, j, true)) {
                sum[1] += patch.disparity(j + 1, i) - here;
                ++count[1];
            }
        }
    // A few pixels say little about a slope: let it fade out instead of being carried far
    constexpr float kTrusted = 40;
    return {sum[0] / std::max(count[0], kTrusted), sum[1] / std::max(count[1], kTrusted)};
}

// Slopes of the context, carried into the synthesis region
Values<2> carry_slopes(const InpaintPatch& patch, const DiffusionSystem& system) {
    cv::Mat_<cv::Vec2f> slopes(patch.role.size(), cv::Vec2f(0, 0));
    cv::Mat_<std::uint8_t> measured(patch.role.size(), std::uint8_t{0});
    for (const Unknown& unknown : system.unknowns)
        for (const std::int32_t code : unknown.neighbours) {
            if (code >= DiffusionSystem::kNone)
                continue;
            const int pixel = -2 - code;
            const int x = pixel % system.width, y = pixel / system.width;
            if (measured(y, x))
                continue;
            measured(y, x) = 1;
            slopes(y, x) = slope_around(patch, x, y);
        }
    return solve<2>(
        system, [&](int pixel) { return slopes(pixel / system.width, pixel % system.width); },
        no_offset<2>, 0);
}

// Span of the context's disparities; hidden surfaces leave it by a step at most
cv::Vec2f context_span(const InpaintPatch& patch) {
    cv::Vec2f span(std::numeric_limits<float>::max(), 0);
    for (int y = 0; y < patch.role.rows; ++y)
        for (int x = 0; x < patch.role.cols; ++x)
            if (patch.role_at(x, y) == Role::Context) {
                span[0] = std::min(span[0], patch.disparity(y, x));
                span[1] = std::max(span[1], patch.disparity(y, x));
            }
    return span;
}

class DiffusionInpainter final : public Inpainter {
public:
    Synthesis inpaint(const InpaintPatch& patch) const override {
        Synthesis result;
        parallel_ranges(2, 1, [&](int task, int) {
            if (task == 0)
                result.disparity = diffuse_disparity(patch);
            else
                diffuse_color(without_tinted_context(patch)).convertTo(result.rgb, CV_8U);
        });
        return result;
    }
};

}  // namespace

cv::Mat_<float> diffuse_disparity(const InpaintPatch& patch) {
    const DiffusionSystem system(patch);
    const Values<2> slopes = carry_slopes(patch, system);

    // A value is expected to change along the slope on the way from a neighbour
    const auto offset = [&](std::size_t i, std::int32_t code, int direction) {
        const cv::Vec2f slope =
            code >= 0 ? (slopes[i] + slopes[static_cast<std::size_t>(code)]) * 0.5F : slopes[i];
        const cv::Point step = step_of(static_cast<Direction>(direction));
        return cv::Vec<float, 1>(
            -(slope[0] * static_cast<float>(step.x) + slope[1] * static_cast<float>(step.y)));
    };
    const auto known = [&](int pixel) {
        return cv::Vec<float, 1>(patch.disparity(pixel / system.width, pixel % system.width));
    };
    const Values<1> values = solve<1>(system, known, offset);

    const cv::Vec2f span = context_span(patch);
    const float lowest = std::max(span[0] - patch.threshold, patch.min_disparity);
    const float highest = std::max(span[1] + patch.threshold, lowest);
    cv::Mat_<float> disparity(patch.role.size(), 0.0F);
    for (std::size_t i = 0; i < system.unknowns.size(); ++i) {
        const int x = system.unknowns[i].pixel % system.width;
        const int y = system.unknowns[i].pixel / system.width;
        const float value =
            i < system.reached ? std::clamp(values[i][0], lowest, highest) : patch.disparity(y, x);
        disparity(y, x) = std::min(value, patch.max_disparity(y, x));
    }
    return disparity;
}

std::unique_ptr<Inpainter> make_diffusion_inpainter() {
    return std::make_unique<DiffusionInpainter>();
}

}  // namespace unflat
