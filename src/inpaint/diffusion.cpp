// SPDX-License-Identifier: MIT
// Hidden depth and colour by diffusion: harmonic inside the synthesis region, fixed at the context,
// free at depth edges. Depth additionally follows the slope of the context, so that floors and
// walls go on.
#include "unflat/inpaint.h"

#include "inpaint/diffusion_system.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <opencv2/core.hpp>

namespace unflat {

namespace {

using Unknown = DiffusionSystem::Unknown;

constexpr int kSweeps = 24;  // pairs of sweeps; bands of 40 px have settled by then
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
Values<Channels> solve(const DiffusionSystem& system, const Known& known, const Offset& offset) {
    using Value = cv::Vec<float, Channels>;
    Values<Channels> values(system.unknowns.size());

    // Mean of what the neighbours with an index below `limit` suggest
    const auto mean = [&](std::size_t i, std::size_t limit) {
        const Unknown& unknown = system.unknowns[i];
        Value sum = Value::all(0);
        int count = 0;
        for (int d = 0; d < 4; ++d) {
            const std::int32_t code = unknown.neighbours[static_cast<std::size_t>(d)];
            if (code == DiffusionSystem::kNone ||
                (code >= 0 && static_cast<std::size_t>(code) >= limit))
                continue;
            sum += (code >= 0 ? values[static_cast<std::size_t>(code)] : known(-2 - code)) +
                   offset(i, code, d);
            ++count;
        }
        return count > 0 ? sum * (1.0F / static_cast<float>(count)) : sum;
    };

    // First guess: ring after ring, from what is nearer to the context
    for (std::size_t i = 0; i < system.reached; ++i)
        values[i] = mean(i, i);

    // Symmetric successive over-relaxation, outwards and back
    const auto relax = [&](std::size_t i) {
        values[i] += (mean(i, system.reached) - values[i]) * kOverRelaxation;
    };
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
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

// Slopes of the context, diffused into the synthesis region
Values<2> diffuse_slopes(const InpaintPatch& patch, const DiffusionSystem& system) {
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
        no_offset<2>);
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
        Synthesis result{.disparity = diffuse_disparity(patch)};
        diffuse_color(patch).convertTo(result.rgb, CV_8U);
        return result;
    }
};

}  // namespace

bool InpaintPatch::joined(int x, int y, bool down) const {
    const int other_x = x + (down ? 0 : 1), other_y = y + (down ? 1 : 0);
    return other_x < role.cols && other_y < role.rows && role_at(x, y) != Role::Outside &&
           role_at(other_x, other_y) != Role::Outside && !(cuts(y, x) & (down ? 2 : 1));
}

DiffusionSystem::DiffusionSystem(const InpaintPatch& patch) : width(patch.role.cols) {
    const int height = patch.role.rows;
    cv::Mat_<std::int32_t> index(patch.role.size(), kNone);

    const auto joined = [&](int x, int y, int direction) {
        switch (static_cast<Direction>(direction)) {
            case Direction::Right:
                return patch.joined(x, y, false);
            case Direction::Down:
                return patch.joined(x, y, true);
            case Direction::Left:
                return x > 0 && patch.joined(x - 1, y, false);
            case Direction::Up:
                return y > 0 && patch.joined(x, y - 1, true);
        }
        return false;
    };
    const auto add = [&](int x, int y) {
        index(y, x) = static_cast<std::int32_t>(unknowns.size());
        unknowns.push_back({.pixel = y * width + x});
    };

    // The first ring touches the context
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            if (patch.role_at(x, y) != Role::Synthesis)
                continue;
            for (int d = 0; d < 4; ++d) {
                const cv::Point q = cv::Point(x, y) + step_of(static_cast<Direction>(d));
                if (joined(x, y, d) && patch.role_at(q.x, q.y) == Role::Context) {
                    add(x, y);
                    break;
                }
            }
        }

    // Further rings touch an earlier one
    const auto grow = [&](std::size_t first) {
        for (std::size_t i = first; i < unknowns.size(); ++i)
            for (int d = 0; d < 4; ++d) {
                const int x = unknowns[i].pixel % width, y = unknowns[i].pixel / width;
                const cv::Point q = cv::Point(x, y) + step_of(static_cast<Direction>(d));
                if (joined(x, y, d) && patch.role_at(q.x, q.y) == Role::Synthesis &&
                    index(q) == kNone)
                    add(q.x, q.y);
            }
    };
    grow(0);
    reached = unknowns.size();

    // What no context reaches comes last
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            if (patch.role_at(x, y) == Role::Synthesis && index(y, x) == kNone)
                add(x, y);

    for (Unknown& unknown : unknowns)
        for (int d = 0; d < 4; ++d) {
            const int x = unknown.pixel % width, y = unknown.pixel / width;
            if (!joined(x, y, d))
                continue;
            const cv::Point q = cv::Point(x, y) + step_of(static_cast<Direction>(d));
            unknown.neighbours[static_cast<std::size_t>(d)] =
                patch.role_at(q.x, q.y) == Role::Context ? -2 - (q.y * width + q.x) : index(q);
            ++unknown.neighbour_count;
        }
}

cv::Mat_<float> diffuse_disparity(const InpaintPatch& patch) {
    const DiffusionSystem system(patch);
    const Values<2> slopes = diffuse_slopes(patch, system);

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
    const float lowest = std::max(span[0] - patch.threshold, span[0] / 2);
    const float highest = span[1] + patch.threshold;
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

cv::Mat_<cv::Vec3f> diffuse_color(const InpaintPatch& patch) {
    const DiffusionSystem system(patch);
    const Values<3> values = solve<3>(
        system,
        [&](int pixel) { return cv::Vec3f(patch.rgb(pixel / system.width, pixel % system.width)); },
        no_offset<3>);

    // Where no context is joined there is no better guess than the mean of all of it
    cv::Mat context;
    cv::compare(patch.role, static_cast<int>(Role::Context), context, cv::CMP_EQ);
    const cv::Scalar mean = cv::mean(patch.rgb, context);
    const cv::Vec3f fallback(static_cast<float>(mean[0]), static_cast<float>(mean[1]),
                             static_cast<float>(mean[2]));
    cv::Mat_<cv::Vec3f> color(patch.role.size(), cv::Vec3f(0, 0, 0));
    for (std::size_t i = 0; i < system.unknowns.size(); ++i) {
        const int x = system.unknowns[i].pixel % system.width;
        const int y = system.unknowns[i].pixel / system.width;
        color(y, x) = i < system.reached ? values[i] : fallback;
    }
    return color;
}

std::unique_ptr<Inpainter> make_diffusion_inpainter() {
    return std::make_unique<DiffusionInpainter>();
}

}  // namespace unflat
