// SPDX-License-Identifier: MIT
// The colours of a tile.
#include "render/tile.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace unflat {

namespace {

unsigned count_samples(SampleMask mask) {
    // Without the instruction for it, which not every machine has, std::popcount is a call
    mask = (mask & 0x55) + (mask >> 1 & 0x55);
    mask = (mask & 0x33) + (mask >> 2 & 0x33);
    return (mask + (mask >> 4)) & 0xF;
}

}  // namespace

/// The end of the run of pixels that see the same triangle as pixel x.
int TileRenderer::run_end(const std::int32_t* states, int x) const {
    const cv::v_int32x4 wanted = cv::v_setall_s32(states[x]);
    for (; x < area_.width; x += kVector) {
        const auto same = static_cast<unsigned>(cv::v_signmask(
            cv::v_pack(cv::v_load(states + x) == wanted, cv::v_load(states + x + 4) == wanted)));
        if (const int count = std::countr_one(same); count < kVector)
            return std::min(x + count, area_.width);
    }
    return area_.width;
}

void TileRenderer::shade_row(const TileSource& source, int y, std::uint8_t* rgb) {
    // Where runs of pixels that see one triangle are read
    const std::int32_t* states = &states_[index_of(0, y)];
    RowBits others = 0;
    for (int x = 0; x < area_.width;) {
        const std::int32_t state = states[x];
        if (state < 0) {
            others |= RowBits{1} << x++;
            continue;
        }
        const int first = x;
        x = run_end(states, x);
        const TileTriangle& triangle = triangle_of(source, state);
        place_run(triangle, first, x, y, places_);
        if (triangle.level > 0)
            others |= bits_between(first, x - 1);
    }

    // All of them at once, then what is not so simple
    TexelRow::Colours colours;
    source.atlas.read_row(places_, area_.width, colours);
    std::memcpy(rgb, colours.data(), static_cast<std::size_t>(area_.width) * 3);
    for_each_bit(others, [&](int x) {
        const std::int32_t state = states[x];
        const auto i = static_cast<std::size_t>(x);
        RgbLanes colour = 0;
        if (state >= 0) {
            colour =
                source.atlas.read(places_.s[i], places_.t[i], triangle_of(source, state).level);
        } else if (state == kMixed) {
            colour = shade_mixed(source, x, y);
        } else {
            colour = lanes_from_rgb(source.options.background.val);
            ++empty_pixels_;
        }
        const cv::Vec3b bytes = rgb_from_lanes(colour);
        std::copy_n(bytes.val, 3, rgb + 3 * x);
    });
}

SeenTriangles TileRenderer::list_seen(const TileSource& source, const Samples& samples, int x,
                                      int y) {
    SeenTriangles seen;
    SampleMask left = kAllSamples & ~samples_that_see(samples.triangle, kNothing);
    seen.empty_count = count_samples(kAllSamples & ~left);
    while (left != 0) {
        const std::int32_t triangle =
            samples.triangle[static_cast<std::size_t>(std::countr_zero(left))];
        const SampleMask same = samples_that_see(samples.triangle, triangle);
        left &= ~same;
        seen.items[seen.item_count++] = {
            .triangle = triangle,
            .sample_count = count_samples(same),
            .contains_centre = contains_centre(triangle_of(source, triangle), x, y)};
    }
    return seen;
}

std::int32_t TileRenderer::sole_colour(const TileSource& source, const Samples& samples, int x,
                                       int y) {
    const std::int32_t first = samples.triangle[0];
    const SampleMask others = kAllSamples & ~samples_that_see(samples.triangle, first);
    if (first == kNothing || others == 0)
        return first;
    const std::int32_t second =
        samples.triangle[static_cast<std::size_t>(std::countr_zero(others))];
    if (second == kNothing || (others & ~samples_that_see(samples.triangle, second)) != 0)
        return kNothing;
    const TileTriangle& a = triangle_of(source, first);
    const TileTriangle& b = triangle_of(source, second);
    const bool is_in_a = contains_centre(a, x, y);
    if (is_in_a == contains_centre(b, x, y) || !touch(a.face, b.face))
        return kNothing;
    return is_in_a ? first : second;
}

RgbLanes TileRenderer::shade_mixed(const TileSource& source, int x, int y) {
    const Samples& samples = samples_[index_of(x, y)];
    if (const std::int32_t sole = sole_colour(source, samples, x, y); sole != kNothing)
        return colour_of(source, sole, x, y);

    // Where a surface goes on beyond an edge, its triangles show what it shows at the pixel's
    // centre: the colour of the neighbour there
    SeenTriangles seen = list_seen(source, samples, x, y);
    const auto face_of = [&](const SeenTriangles::Item& item) -> const ScreenFace& {
        return triangle_of(source, item.triangle).face;
    };
    const auto items = std::span(seen.items).first(seen.item_count);
    for (SeenTriangles::Item& item : items) {
        if (item.contains_centre)
            continue;
        for (SeenTriangles::Item& other : items)
            if (other.contains_centre && touch(face_of(item), face_of(other))) {
                other.sample_count += std::exchange(item.sample_count, 0U);
                break;
            }
    }

    RgbLanes sum = lanes_from_rgb(source.options.background.val) * seen.empty_count;
    for (const SeenTriangles::Item& item : items)
        if (item.sample_count > 0)
            sum += colour_of(source, item.triangle, x, y) * item.sample_count;
    empty_pixels_ += seen.empty_count > 0 ? 1 : 0;
    return (sum + kSampleCount / 2 * kAllLanes) / kSampleCount & kLowBytes;
}

}  // namespace unflat
