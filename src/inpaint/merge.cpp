// SPDX-License-Identifier: MIT
#include "inpaint/regions.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace unflat {

namespace {

class Merger {
public:
    Merger(Ldi& ldi, std::span<const OpenCrack> sources, const SynthesisRegion& region,
           const Reach& reach)
        : ldi_(ldi), sources_(sources), region_(region), reach_(reach) {}

    std::vector<OpenCrack> merge(std::span<const PatchPlan> plans,
                                 std::span<const Synthesis> results, int round) {
        first_ = static_cast<std::int32_t>(ldi_.pixels.size());
        ldi_index_.assign(region_.pixels.size(), -1);
        for (std::size_t i = 0; i < plans.size(); ++i)
            add_pixels(plans[i], results[i], round);
        const auto last = static_cast<std::int32_t>(ldi_.pixels.size());
        // First what suits each other best: a pixel that fits several must not be taken by one that
        // has no better choice before the one that it continues
        for (const bool must_be_mutual : {true, false})
            for (std::int32_t i = first_; i < last; ++i)
                link_neighbours(i, must_be_mutual);
        for (std::int32_t i = first_; i < last; ++i)
            replace_skins(i);
        for (std::int32_t i = first_; i < last; ++i)
            find_cracks(i);
        return std::move(cracks_);
    }

private:
    LdiPixel& pixel(std::int32_t index) { return ldi_.pixels[static_cast<std::size_t>(index)]; }

    void add_pixels(const PatchPlan& plan, const Synthesis& result, int round) {
        for (int y = 0; y < plan.index.rows; ++y)
            for (int x = 0; x < plan.index.cols; ++x) {
                if (plan.patch.role_at(x, y) != Role::Synthesis)
                    continue;
                const SynthesisPixel& grown =
                    region_.pixels[static_cast<std::size_t>(plan.index(y, x))];
                // To lie behind what is in front matters more than where the scene ends
                const float least = std::max(plan.patch.min_disparity, least_disparity(grown));
                const float disparity = std::min(std::max(result.disparity(y, x), least),
                                                 plan.patch.max_disparity(y, x));
                const LdiPixel added{.x = plan.patch.origin.x + x,
                                     .y = plan.patch.origin.y + y,
                                     .disparity = disparity,
                                     .rgb = result.rgb(y, x),
                                     .round = static_cast<std::uint8_t>(round)};
                ldi_index_[static_cast<std::size_t>(plan.index(y, x))] = add_pixel(ldi_, added);
            }
    }

    // What continues the border may not recede farther than the area was measured for in which it
    // can come into view
    float least_disparity(const SynthesisPixel& grown) const {
        const bool is_border = sources_[static_cast<std::size_t>(grown.crack)].near_pixel == -1;
        return is_border ? grown.guess - border_headroom(ldi_) : 0;
    }

    // Links a new pixel to what continues its surface, where that is free
    void link_neighbours(std::int32_t index, bool must_be_mutual) {
        for (int d = 0; d < 4; ++d) {
            const Direction direction = static_cast<Direction>(d);
            if (pixel(index).link(direction) != -1)
                continue;
            const std::int32_t best = find_continuation(index, direction);
            if (best == -1 || pixel(best).link(opposite(direction)) != -1)
                continue;
            if (!must_be_mutual || find_continuation(best, opposite(direction)) == index)
                link(ldi_, index, direction, best);
        }
    }

    // Where what continues a new pixel is tied to what is in front by a skin, the skin gives way;
    // but not at the end of the region, where it would tear beyond what is behind it
    void replace_skins(std::int32_t index) {
        std::array<std::int32_t, 4> tied{-1, -1, -1, -1};
        bool goes_on = true;
        for (std::size_t d = 0; d < 4; ++d)
            if (pixel(index).links[d] == -1) {
                tied[d] = find_continuation(index, static_cast<Direction>(d));
                goes_on &= tied[d] != -1;
            }
        for (std::size_t d = 0; d < 4; ++d) {
            const Direction direction = static_cast<Direction>(d);
            if (!goes_on && tied[d] != -1) {
                const std::int32_t beside = new_pixel_at(neighbour(index, direction));
                tied[d] = beside != -1 && continues(index, direction, beside) ? beside : -1;
            }
            if (tied[d] == -1)
                continue;
            cut(ldi_, tied[d], opposite(direction));
            link(ldi_, index, direction, tied[d]);
        }
    }

    // Of another new pixel and the old ones that can be joined the one that is closest in
    // disparity, or -1. A new one can lie behind the very pixel from which this one grew
    std::int32_t find_continuation(std::int32_t index, Direction direction) {
        const cv::Point q = neighbour(index, direction);
        std::int32_t best = new_pixel_at(q);
        if (best != -1 && !continues(index, direction, best))
            best = -1;
        for (std::int32_t i = ldi_.front(q.x, q.y); i != -1; i = pixel(i).behind)
            if (i < first_ && continues(index, direction, i) &&
                (best == -1 || step(index, i) < step(index, best)))
                best = i;
        return best;
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
                open_crack(index, direction, beside);
            else if (beside == -1)
                go_on(index, direction);
            for (std::int32_t i = ldi_.front(q.x, q.y); i != -1; i = pixel(i).behind) {
                if (i >= first_ || !is_behind(i, index) || pixel(i).link(opposite(direction)) != -1)
                    continue;
                open_crack(i, opposite(direction), index);
                break;
            }
        }
    }

    void open_crack(std::int32_t far, Direction near_from_far, std::int32_t near) {
        // What is synthesised is simplified more freely than the photo, on both sides
        constexpr float kMargin = 0.75F;
        const float needed = reach_behind(far, pixel(near).disparity, pixel(far).disparity);
        cracks_.push_back({.far_pixel = far,
                           .near_pixel = near,
                           .near_from_far = near_from_far,
                           .reach = needed + kMargin});
    }

    float reach_behind(std::int32_t place, float near, float far) {
        return reach_.behind(static_cast<float>(pixel(place).x) + 0.5F,
                             static_cast<float>(pixel(place).y) + 0.5F, near, far);
    }

    // Lets a surface go on where its region ended too early, since it came out farther than it was
    // when it began: short of what seemed to be of the same surface and is not, or short of where
    // the camera sees it. Once is enough
    void go_on(std::int32_t index, Direction direction) {
        const SynthesisPixel& grown = grown_as(index);
        const OpenCrack& source = sources_[static_cast<std::size_t>(grown.crack)];
        if (source.is_rest || source.near_pixel == -1)
            return;
        const float rest = reach_behind(source.far_pixel, pixel(source.near_pixel).disparity,
                                        pixel(index).disparity) -
                           grown.distance;
        const bool is_short = rest > 0 && rest + grown.distance > source.reach;
        const cv::Point q = neighbour(index, direction);
        for (std::int32_t i = ldi_.front(q.x, q.y); i != -1; i = pixel(i).behind) {
            const bool seemed_same = std::abs(grown.guess - pixel(i).disparity) <= ldi_.threshold;
            if (i >= first_ || !is_behind(index, i) || !(seemed_same || is_short))
                continue;
            open_crack(index, direction, i);
            cracks_.back().is_rest = true;
            if (is_short)
                cracks_.back().reach = rest + 1;  // at least to the next pixel
            return;
        }
    }

    const SynthesisPixel& grown_as(std::int32_t index) const {
        const LdiPixel& pixel = ldi_.pixels[static_cast<std::size_t>(index)];
        const std::int32_t i = region_.index[ldi_.position(pixel.x, pixel.y)];
        return region_.pixels[static_cast<std::size_t>(i)];
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
    std::span<const OpenCrack> sources_;
    const SynthesisRegion& region_;
    const Reach& reach_;
    std::int32_t first_ = 0;               // first pixel of this round
    std::vector<std::int32_t> ldi_index_;  // of every synthesis pixel
    std::vector<OpenCrack> cracks_;
};

}  // namespace

std::vector<OpenCrack> merge_round(Ldi& ldi, std::span<const OpenCrack> cracks,
                                   const SynthesisRegion& region, std::span<const PatchPlan> plans,
                                   std::span<const Synthesis> results, const Reach& reach,
                                   int round) {
    return Merger(ldi, cracks, region, reach).merge(plans, results, round);
}

}  // namespace unflat
