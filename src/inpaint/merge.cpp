// SPDX-License-Identifier: MIT
#include "inpaint/regions.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace unflat {

namespace {

class Merger {
public:
    Merger(Ldi& ldi, const SynthesisRegion& region)
        : ldi_(ldi), region_(region), floor_(farthest_allowed(ldi)) {}

    std::vector<OpenCrack> merge(std::span<const PatchPlan> plans,
                                 std::span<const Synthesis> results, int round) {
        first_ = static_cast<std::int32_t>(ldi_.pixels.size());
        ldi_index_.assign(region_.pixels.size(), -1);
        for (std::size_t i = 0; i < plans.size(); ++i)
            add_pixels(plans[i], results[i], round);
        const auto last = static_cast<std::int32_t>(ldi_.pixels.size());
        for (std::int32_t i = first_; i < last; ++i)
            link_neighbours(i);
        for (std::int32_t i = first_; i < last; ++i)
            find_cracks(i);
        return std::move(cracks_);
    }

private:
    // Surfaces may recede beyond what the photo shows, but not on and on from round to round
    static float farthest_allowed(const Ldi& ldi) {
        float least = std::numeric_limits<float>::max();
        for (const LdiPixel& pixel : ldi.pixels)
            if (pixel.round == 0)
                least = std::min(least, pixel.disparity);
        return least / 2;
    }

    LdiPixel& pixel(std::int32_t index) { return ldi_.pixels[static_cast<std::size_t>(index)]; }

    void add_pixels(const PatchPlan& plan, const Synthesis& result, int round) {
        for (int y = 0; y < plan.index.rows; ++y)
            for (int x = 0; x < plan.index.cols; ++x) {
                if (plan.patch.role_at(x, y) != Role::Synthesis)
                    continue;
                const float behind =
                    std::min(result.disparity(y, x), plan.patch.max_disparity(y, x));
                const LdiPixel added{.x = plan.patch.origin.x + x,
                                     .y = plan.patch.origin.y + y,
                                     .disparity = std::max(behind, floor_),
                                     .rgb = result.rgb(y, x),
                                     .round = static_cast<std::uint8_t>(round)};
                ldi_index_[static_cast<std::size_t>(plan.index(y, x))] = add_pixel(ldi_, added);
            }
    }

    // Links a new pixel to what continues its surface: of another new pixel and the old ones that
    // can be joined the one that is closest in disparity. A new one can lie behind the very pixel
    // from which this one grew
    void link_neighbours(std::int32_t index) {
        for (int d = 0; d < 4; ++d) {
            const Direction direction = static_cast<Direction>(d);
            if (pixel(index).link(direction) != -1)
                continue;
            const cv::Point q = neighbour(index, direction);
            std::int32_t best = new_pixel_at(q);
            if (best != -1 && !continues(index, direction, best))
                best = -1;
            for (std::int32_t i = ldi_.front(q.x, q.y); i != -1; i = pixel(i).behind)
                if (i < first_ && continues(index, direction, i) &&
                    (best == -1 || step(index, i) < step(index, best)))
                    best = i;
            if (best == -1)
                continue;
            cut(ldi_, best, opposite(direction));  // a skin, if anything
            link(ldi_, index, direction, best);
        }
    }

    // Cracks at the free sides of a new pixel: where another new pixel took the position before it,
    // it goes on behind that one; what was there before and lies behind it goes on behind it
    void find_cracks(std::int32_t index) {
        for (int d = 0; d < 4; ++d) {
            const Direction direction = static_cast<Direction>(d);
            if (pixel(index).link(direction) != -1)
                continue;
            const cv::Point q = neighbour(index, direction);
            const std::int32_t beside = new_pixel_at(q);
            if (beside != -1 && is_behind(index, beside))
                cracks_.push_back(
                    {.far_pixel = index, .near_pixel = beside, .near_from_far = direction});
            for (std::int32_t i = ldi_.front(q.x, q.y); i != -1; i = pixel(i).behind) {
                if (i >= first_ || !is_behind(i, index) || pixel(i).link(opposite(direction)) != -1)
                    continue;
                cracks_.push_back(
                    {.far_pixel = i, .near_pixel = index, .near_from_far = opposite(direction)});
                break;
            }
        }
    }

    bool is_behind(std::int32_t far, std::int32_t near) {
        return pixel(far).disparity < pixel(near).disparity - ldi_.threshold;
    }

    cv::Point neighbour(std::int32_t index, Direction direction) {
        return cv::Point(pixel(index).x, pixel(index).y) + step_of(direction);
    }

    std::int32_t new_pixel_at(cv::Point p) const {
        if (!ldi_.contains(p.x, p.y))
            return -1;
        const std::int32_t i = region_.index[ldi_.position(p.x, p.y)];
        return i == -1 ? -1 : ldi_index_[static_cast<std::size_t>(i)];
    }

    float step(std::int32_t a, std::int32_t b) {
        return std::abs(pixel(a).disparity - pixel(b).disparity);
    }

    bool continues(std::int32_t index, Direction direction, std::int32_t other) {
        return can_join(ldi_, pixel(other), opposite(direction)) &&
               step(index, other) <= ldi_.threshold;
    }

    Ldi& ldi_;
    const SynthesisRegion& region_;
    float floor_ = 0;                      // least disparity [1 / scene units]
    std::int32_t first_ = 0;               // first pixel of this round
    std::vector<std::int32_t> ldi_index_;  // of every synthesis pixel
    std::vector<OpenCrack> cracks_;
};

}  // namespace

std::vector<OpenCrack> merge_round(Ldi& ldi, const SynthesisRegion& region,
                                   std::span<const PatchPlan> plans,
                                   std::span<const Synthesis> results, int round) {
    return Merger(ldi, region).merge(plans, results, round);
}

}  // namespace unflat
