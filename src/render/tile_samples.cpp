// SPDX-License-Identifier: MIT
// What the samples of marked pixels see.
#include "render/tile.h"

#include <bit>
#include <cmath>

namespace unflat {

namespace {

/// Lets the samples of a mask see `triangle`.
void set_samples(std::array<std::int32_t, kSampleCount>& seen, SampleMask mask,
                 std::int32_t triangle) {
    const cv::v_int32x4 wanted = cv::v_setall_s32(triangle);
    const cv::v_int32x4 bits = cv::v_setall_s32(static_cast<std::int32_t>(mask));
    const auto select = [&](std::int32_t* half, const cv::v_int32x4& bit_of_sample) {
        const cv::v_int32x4 is_chosen = (bits & bit_of_sample) == bit_of_sample;
        cv::v_store(half, cv::v_select(is_chosen, wanted, cv::v_load(half)));
    };
    select(seen.data(), cv::v_int32x4(1, 2, 4, 8));
    select(seen.data() + kSampleCount / 2, cv::v_int32x4(16, 32, 64, 128));
}

/// Bounds of 1/z over a pixel.
struct DepthBounds {
    float low = 0, high = 0;
};

DepthBounds depth_bounds(const DepthPlane& depth, int x, int y) {
    const float centre = depth.w.at(static_cast<float>(x), static_cast<float>(y));
    const float reach = (std::abs(depth.w.per_x) + std::abs(depth.w.per_y)) / 2;
    return {depth.clamped(centre - reach), depth.clamped(centre + reach)};
}

}  // namespace

bool TileRenderer::touches_marked(const PixelBox& box) const {
    if (box.is_empty() || (marked_blocks_ & blocks_of(box)) == 0)
        return false;
    RowBits marked = 0;
    for (int row = box.top; row <= box.bottom; ++row)
        marked |= marked_[static_cast<std::size_t>(row)];
    return (marked & bits_between(box.left, box.right)) != 0;
}

void TileRenderer::draw_samples(const ScreenMesh& screen, std::int32_t triangle) {
    const auto i = static_cast<std::size_t>(triangle);
    const PixelBox& box = boxes_[i];
    if (!touches_marked(box))
        return;
    const Outline outline(screen, screen.corners(listed_[i]), area_.tl());
    depths_[i] = outline.depth();
    const SampleTest samples(outline);
    const RowBits columns = bits_between(box.left, box.right);
    for (int row = box.top; row <= box.bottom; ++row)
        for_each_bit(marked_[static_cast<std::size_t>(row)] & columns, [&](int x) {
            if (const SampleMask mask = samples.mask(x, row))
                cover(x, row, triangle, mask);
        });
}

/// Handles a pixel of which one triangle sees all samples, where bounds of the depths decide.
/// @return false if the samples must be compared one by one.
bool TileRenderer::is_settled(int x, int y, std::int32_t triangle, SampleMask mask) {
    std::int32_t& state = states_[index_of(x, y)];
    const DepthBounds front = depth_bounds(depth_of(state), x, y);
    const DepthBounds added = depth_bounds(depth_of(triangle), x, y);
    if (added.high <= front.low)
        return true;
    if (mask != kAllSamples || added.low <= front.high)
        return false;
    state = triangle;
    return true;
}

/// Of the contested samples, which see other triangles, those at which `triangle` is nearer. Of two
/// at the same depth the first one stays.
SampleMask TileRenderer::seen_of(int x, int y, std::int32_t triangle, SampleMask contested) const {
    const DepthPlane& added = depth_of(triangle);
    const Samples& samples = samples_[index_of(x, y)];
    SampleMask seen = 0;
    for (; contested != 0; contested &= contested - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(contested));
        if (depth_at(added, x, y, i) > depth_at(depth_of(samples.triangle[i]), x, y, i))
            seen |= 1U << i;
    }
    return seen;
}

void TileRenderer::cover(int x, int y, std::int32_t triangle, SampleMask mask) {
    std::int32_t& state = states_[index_of(x, y)];
    if (state >= 0 && is_settled(x, y, triangle, mask))
        return;
    Samples& samples = samples_[index_of(x, y)];
    if (state != kMixed) {
        if (state == kNothing && mask == kAllSamples) {
            state = triangle;
            return;
        }
        samples.triangle.fill(state);
        state = kMixed;
    }
    const SampleMask free = samples_that_see(samples.triangle, kNothing);
    SampleMask seen = mask;
    if ((mask & ~free) != 0)
        seen = (mask & free) | seen_of(x, y, triangle, mask & ~free);
    if (seen == kAllSamples)
        state = triangle;
    else
        set_samples(samples.triangle, seen, triangle);
}

}  // namespace unflat
