// SPDX-License-Identifier: MIT
#include "core/parallel.h"
#include "inpaint/regions.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace unflat {

namespace {

// Groups of joined synthesis pixels, numbered in the order of their first pixel
class Groups {
public:
    explicit Groups(std::size_t count) : parent_(count) {
        std::iota(parent_.begin(), parent_.end(), 0);
    }
    std::int32_t root(std::int32_t i) {
        while (parent_[static_cast<std::size_t>(i)] != i) {
            std::int32_t& parent = parent_[static_cast<std::size_t>(i)];
            parent = parent_[static_cast<std::size_t>(parent)];
            i = parent;
        }
        return i;
    }
    void join(std::int32_t a, std::int32_t b) {
        a = root(a);
        b = root(b);
        parent_[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);
    }

private:
    std::vector<std::int32_t> parent_;
};

// What a patch is made of, before it is laid out as maps
struct Members {
    std::vector<std::int32_t> synthesis;  // into SynthesisRegion::pixels
    std::vector<std::int32_t> far, near;  // LDI pixels on both sides of its cracks
    std::vector<std::int32_t> context;    // LDI pixels
};

std::int32_t synthesis_at(const Ldi& ldi, const SynthesisRegion& region, int x, int y) {
    return ldi.contains(x, y) ? region.index[ldi.position(x, y)] : -1;
}

SynthesisPixel as_front(const LdiPixel& known) {
    return {known.x, known.y, known.disparity, 0, 0};
}

// Per synthesis pixel the directions (bits) in which it continues a known pixel: what else was
// synthesised at that position lies behind the known one, on another sheet
using Anchors = std::vector<std::uint8_t>;

bool is_anchored(const Anchors& anchors, std::int32_t pixel, Direction direction) {
    return (anchors[static_cast<std::size_t>(pixel)] >> static_cast<int>(direction) & 1) != 0;
}

Anchors find_anchors(const Ldi& ldi, std::span<const OpenCrack> cracks,
                     const SynthesisRegion& region) {
    Anchors anchors(region.pixels.size(), 0);
    for (const OpenCrack& crack : cracks) {
        const LdiPixel& far = ldi.pixels[static_cast<std::size_t>(crack.far_pixel)];
        const cv::Point p = cv::Point(far.x, far.y) + step_of(crack.near_from_far);
        const std::int32_t i = synthesis_at(ldi, region, p.x, p.y);
        if (i != -1 &&
            seem_joined(as_front(far), region.pixels[static_cast<std::size_t>(i)], ldi.threshold))
            anchors[static_cast<std::size_t>(i)] |=
                static_cast<std::uint8_t>(1 << static_cast<int>(opposite(crack.near_from_far)));
    }
    return anchors;
}

bool are_joined(const Ldi& ldi, const SynthesisRegion& region, const Anchors& anchors,
                std::int32_t a, Direction direction, std::int32_t b) {
    return !is_anchored(anchors, a, direction) && !is_anchored(anchors, b, opposite(direction)) &&
           seem_joined(region.pixels[static_cast<std::size_t>(a)],
                       region.pixels[static_cast<std::size_t>(b)], ldi.threshold);
}

std::vector<Members> group_synthesis(const Ldi& ldi, std::span<const OpenCrack> cracks,
                                     const SynthesisRegion& region, const Anchors& anchors) {
    Groups groups(region.pixels.size());
    for (std::size_t i = 0; i < region.pixels.size(); ++i) {
        const SynthesisPixel& pixel = region.pixels[i];
        for (const Direction direction : {Direction::Right, Direction::Down}) {
            const cv::Point q = cv::Point(pixel.x, pixel.y) + step_of(direction);
            const std::int32_t other = synthesis_at(ldi, region, q.x, q.y);
            const auto index = static_cast<std::int32_t>(i);
            if (other != -1 && are_joined(ldi, region, anchors, index, direction, other))
                groups.join(index, other);
        }
    }

    std::vector<Members> members;
    std::vector<std::int32_t> group_of_root(region.pixels.size(), -1);
    const auto group_of = [&](std::int32_t pixel) -> Members& {
        std::int32_t& group = group_of_root[static_cast<std::size_t>(groups.root(pixel))];
        if (group == -1) {
            group = static_cast<std::int32_t>(members.size());
            members.emplace_back();
        }
        return members[static_cast<std::size_t>(group)];
    };
    for (std::size_t i = 0; i < region.pixels.size(); ++i)
        group_of(static_cast<std::int32_t>(i)).synthesis.push_back(static_cast<std::int32_t>(i));

    // A crack belongs to the patch that grew from it
    for (const OpenCrack& crack : cracks) {
        const LdiPixel& far = ldi.pixels[static_cast<std::size_t>(crack.far_pixel)];
        const cv::Point p = cv::Point(far.x, far.y) + step_of(crack.near_from_far);
        const std::int32_t pixel = synthesis_at(ldi, region, p.x, p.y);
        if (pixel == -1)
            continue;
        Members& group = group_of(pixel);
        group.far.push_back(crack.far_pixel);
        if (crack.near_pixel != -1)
            group.near.push_back(crack.near_pixel);
    }
    return members;
}

// Finds contexts: pixels that links lead to from the far sides, in fewer steps than from the near
// sides, so that the context does not flow round an edge's end onto the occluder
class ContextFinder {
public:
    explicit ContextFinder(const Ldi& ldi) : ldi_(ldi), owner_(ldi.pixels.size(), 0) {}

    void find(Members& members, int steps) {
        // Marks of earlier patches are told apart by their number
        const std::uint32_t far_mark = ++mark_, near_mark = ++mark_;
        std::vector<std::int32_t> far_front = take(members.far, far_mark);
        std::vector<std::int32_t> near_front = take(members.near, near_mark);
        members.context = far_front;
        for (int step = 1; step < steps && !far_front.empty(); ++step) {
            far_front = advance(far_front, far_mark, far_mark, near_mark);
            near_front = advance(near_front, near_mark, far_mark, near_mark);
            members.context.insert(members.context.end(), far_front.begin(), far_front.end());
        }
    }

private:
    std::uint32_t& owner(std::int32_t pixel) { return owner_[static_cast<std::size_t>(pixel)]; }

    std::vector<std::int32_t> take(const std::vector<std::int32_t>& seeds, std::uint32_t mark) {
        std::vector<std::int32_t> front;
        for (const std::int32_t pixel : seeds)
            if (owner(pixel) < std::min(mark, mark_ - 1)) {
                owner(pixel) = mark;
                front.push_back(pixel);
            }
        return front;
    }

    std::vector<std::int32_t> advance(const std::vector<std::int32_t>& front, std::uint32_t mark,
                                      std::uint32_t far_mark, std::uint32_t near_mark) {
        std::vector<std::int32_t> next;
        for (const std::int32_t pixel : front)
            for (const std::int32_t other : ldi_.pixels[static_cast<std::size_t>(pixel)].links) {
                if (other == -1 || owner(other) == far_mark || owner(other) == near_mark)
                    continue;
                owner(other) = mark;
                next.push_back(other);
            }
        return next;
    }

    const Ldi& ldi_;
    std::vector<std::uint32_t> owner_;
    std::uint32_t mark_ = 0;
};

// Lays one patch out as maps
class PatchBuilder {
public:
    PatchBuilder(const Ldi& ldi, const SynthesisRegion& region, const Anchors& anchors,
                 float min_disparity)
        : ldi_(ldi), region_(region), anchors_(anchors), min_disparity_(min_disparity) {}

    PatchPlan build(const Members& members) {
        const cv::Rect box = bounding_box(members);
        plan_ = {};
        InpaintPatch& patch = plan_.patch;
        patch.origin = box.tl();
        patch.role = cv::Mat_<std::uint8_t>(box.size(), std::uint8_t{0});
        patch.rgb = cv::Mat_<cv::Vec3b>(box.size(), cv::Vec3b(0, 0, 0));
        patch.disparity = cv::Mat_<float>(box.size(), 0.0F);
        patch.max_disparity = cv::Mat_<float>(box.size(), 0.0F);
        patch.min_disparity = min_disparity_;
        patch.cuts = cv::Mat_<std::uint8_t>(box.size(), std::uint8_t{0});
        patch.threshold = ldi_.threshold;
        patch.range = ldi_.range;
        plan_.index = cv::Mat_<std::int32_t>(box.size(), -1);
        place_synthesis(members);
        place_context(members);
        cut();
        return std::move(plan_);
    }

private:
    const LdiPixel& pixel(std::int32_t index) const {
        return ldi_.pixels[static_cast<std::size_t>(index)];
    }
    const SynthesisPixel& synthesis(std::int32_t index) const {
        return region_.pixels[static_cast<std::size_t>(index)];
    }

    cv::Rect bounding_box(const Members& members) const {
        cv::Point low(ldi_.canvas.br()), high(ldi_.canvas.tl());
        const auto include = [&](int x, int y) {
            low = {std::min(low.x, x), std::min(low.y, y)};
            high = {std::max(high.x, x), std::max(high.y, y)};
        };
        for (const std::int32_t i : members.synthesis)
            include(synthesis(i).x, synthesis(i).y);
        for (const std::int32_t i : members.context)
            include(pixel(i).x, pixel(i).y);
        return {low, high + cv::Point(1, 1)};
    }

    void place_synthesis(const Members& members) {
        for (const std::int32_t i : members.synthesis) {
            const cv::Point p = cv::Point(synthesis(i).x, synthesis(i).y) - plan_.patch.origin;
            plan_.patch.role(p) = static_cast<std::uint8_t>(Role::Synthesis);
            plan_.patch.disparity(p) = synthesis(i).guess;
            // Behind the farthest background there may be no room left above the least disparity
            plan_.patch.max_disparity(p) = std::max(synthesis(i).max_disparity, min_disparity_);
            plan_.index(p) = i;
        }
    }

    // The first pixel found stays where several surfaces of the context overlap
    void place_context(const Members& members) {
        for (const std::int32_t i : members.context) {
            const cv::Point p = cv::Point(pixel(i).x, pixel(i).y) - plan_.patch.origin;
            if (plan_.index(p) != -1)
                continue;
            plan_.patch.role(p) = static_cast<std::uint8_t>(Role::Context);
            plan_.patch.rgb(p) = pixel(i).rgb;
            plan_.patch.disparity(p) = pixel(i).disparity;
            plan_.index(p) = i;
        }
    }

    void cut() {
        for (int y = 0; y < plan_.index.rows; ++y)
            for (int x = 0; x < plan_.index.cols; ++x) {
                if (plan_.index(y, x) == -1)
                    continue;
                if (x + 1 < plan_.index.cols && !joined({x, y}, Direction::Right))
                    plan_.patch.cuts(y, x) |= 1;
                if (y + 1 < plan_.index.rows && !joined({x, y}, Direction::Down))
                    plan_.patch.cuts(y, x) |= 2;
            }
    }

    bool joined(cv::Point p, Direction direction) const {
        const cv::Point q = p + step_of(direction);
        const std::int32_t a = plan_.index(p), b = plan_.index(q);
        if (b == -1)
            return false;
        const bool a_known = plan_.patch.role_at(p.x, p.y) == Role::Context;
        const bool b_known = plan_.patch.role_at(q.x, q.y) == Role::Context;
        if (a_known && b_known)
            return pixel(a).link(direction) == b;
        if (!a_known && !b_known)
            return are_joined(ldi_, region_, anchors_, a, direction, b);
        // A context pixel goes on in the synthesis region where it has no neighbour yet
        const LdiPixel& known = a_known ? pixel(a) : pixel(b);
        const SynthesisPixel& unknown = a_known ? synthesis(b) : synthesis(a);
        return known.link(a_known ? direction : opposite(direction)) == -1 &&
               seem_joined(as_front(known), unknown, ldi_.threshold);
    }

    const Ldi& ldi_;
    const SynthesisRegion& region_;
    const Anchors& anchors_;
    float min_disparity_;
    PatchPlan plan_;
};

// How far invented surfaces may lie: twice as far as anything in the photo. Slopes that went on and
// on, round after round, would end at infinity
float farthest_disparity(const Ldi& ldi) {
    const auto photo_end =
        ldi.pixels.begin() + static_cast<std::ptrdiff_t>(ldi.photo_pixel_count());
    const auto farthest = std::min_element(
        ldi.pixels.begin(), photo_end,
        [](const LdiPixel& a, const LdiPixel& b) { return a.disparity < b.disparity; });
    return farthest->disparity / 2;
}

// A shallow synthesis region learns nothing from a context that is many times as wide
int useful_steps(const Members& members, const SynthesisRegion& region) {
    constexpr float kLeast = 16, kPerDepth = 3;
    float depth = 0;
    for (const std::int32_t i : members.synthesis)
        depth = std::max(depth, region.pixels[static_cast<std::size_t>(i)].distance);
    return static_cast<int>(kLeast + kPerDepth * depth);
}

}  // namespace

std::vector<PatchPlan> plan_patches(const Ldi& ldi, std::span<const OpenCrack> cracks,
                                    const SynthesisRegion& region, int context_steps) {
    const Anchors anchors = find_anchors(ldi, cracks, region);
    std::vector<Members> groups = group_synthesis(ldi, cracks, region, anchors);
    ContextFinder contexts(ldi);
    for (Members& members : groups)
        contexts.find(members, std::min(context_steps, useful_steps(members, region)));

    const float min_disparity = farthest_disparity(ldi);
    std::vector<PatchPlan> plans(groups.size());
    parallel_ranges(static_cast<int>(groups.size()), 1, [&](int i, int) {
        plans[static_cast<std::size_t>(i)] = PatchBuilder(ldi, region, anchors, min_disparity)
                                                 .build(groups[static_cast<std::size_t>(i)]);
    });
    return plans;
}

}  // namespace unflat
