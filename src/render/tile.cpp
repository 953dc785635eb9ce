// SPDX-License-Identifier: MIT
#include "render/tile.h"

#include "render/tile_triangle.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <utility>

namespace unflat {

namespace {

/// Offset of a sample from its pixel's centre [pixels].
constexpr float sample_offset(int place) {
    return static_cast<float>(place) / kSampleGrid - 0.5F;
}

/// 1/z of a triangle at a sample; never beyond its corners, however thin it is.
float depth_at(const TileTriangle& triangle, int x, int y, unsigned sample) {
    const float w = triangle.w.at(static_cast<float>(x) + sample_offset(kSampleU[sample]),
                                  static_cast<float>(y) + sample_offset(kSampleV[sample]));
    return std::min(std::max(w, triangle.w_min), triangle.w_max);
}

/// The samples of a pixel that see `triangle`.
SampleMask samples_that_see(const std::array<std::int32_t, kSampleCount>& seen,
                            std::int32_t triangle) {
    const cv::v_int32x4 wanted = cv::v_setall_s32(triangle);
    return static_cast<SampleMask>(cv::v_signmask(cv::v_pack(
        cv::v_load(seen.data()) == wanted, cv::v_load(seen.data() + kSampleCount / 2) == wanted)));
}

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

unsigned count_samples(SampleMask mask) {
    return static_cast<unsigned>(std::popcount(mask));
}

/// Bounds of 1/z over a pixel.
struct DepthBounds {
    float low = 0, high = 0;
};

DepthBounds depth_bounds(const TileTriangle& triangle, int x, int y) {
    const float centre = triangle.w.at(static_cast<float>(x), static_cast<float>(y));
    const float reach = (std::abs(triangle.w.per_x) + std::abs(triangle.w.per_y)) / 2;
    const auto clamp = [&](float w) {
        return std::min(std::max(w, triangle.w_min), triangle.w_max);
    };
    return {clamp(centre - reach), clamp(centre + reach)};
}

std::size_t index_of(int x, int y) {
    return static_cast<std::size_t>(y * kTileSide + x);
}

}  // namespace

std::int64_t TileRenderer::render(const ScreenMesh& screen, const AtlasPyramid& atlas,
                                  const RenderOptions& options, int tile,
                                  cv::Mat_<cv::Vec3b>& rgb) {
    area_ = cv::Rect(tile % screen.tile_columns() * kTileSide,
                     tile / screen.tile_columns() * kTileSide, kTileSide, kTileSide) &
            cv::Rect({}, rgb.size());
    triangles_.clear();
    states_.fill(kNothing);
    empty_pixels_ = 0;
    for (const std::uint32_t triangle : screen.triangles_of_tile(tile))
        draw(screen, atlas, triangle);
    shade(atlas, options, rgb);
    return empty_pixels_;
}

void TileRenderer::draw(const ScreenMesh& screen, const AtlasPyramid& atlas,
                        std::uint32_t triangle) {
    const SnappedTriangle snapped(screen, triangle, area_.tl());
    if (!snapped.has_area())
        return;
    const RowRange rows = snapped.rows(area_.height);
    if (rows.first > rows.last)
        return;
    const std::array<EdgeBound, 3> edges = snapped.edges();
    bool is_listed = false;
    for (int row = rows.first; row <= rows.last; ++row) {
        RowSpans spans(area_.width);
        for (const EdgeBound& edge : edges)
            edge.narrow(spans, row);
        // Small triangles' boxes touch rows and tiles in which they cover no sample
        if (spans.is_empty())
            continue;
        if (!is_listed)
            triangles_.push_back(make_tile_triangle(screen, atlas.size(), triangle, area_));
        is_listed = true;
        draw_row(spans, row, static_cast<std::int32_t>(triangles_.size()) - 1);
    }
}

void TileRenderer::draw_row(const RowSpans& spans, int row, std::int32_t triangle) {
    const int full_first = cv::v_reduce_max(spans.first);
    const int full_last = cv::v_reduce_min(spans.last);
    const int last = cv::v_reduce_max(spans.last);
    for (int x = cv::v_reduce_min(spans.first); x <= last; ++x) {
        const bool is_full = x >= full_first && x <= full_last;
        const SampleMask mask = is_full ? kAllSamples : spans.mask(x);
        if (mask == 0)
            continue;
        std::int32_t& state = states_[index_of(x, row)];
        if (is_full && state == kNothing)
            state = triangle;
        else
            cover(x, row, triangle, mask);
    }
}

/// Handles a pixel of which one triangle sees all samples, where bounds of the depths decide.
/// @return false if the samples must be compared one by one.
bool TileRenderer::is_settled(int x, int y, std::int32_t triangle, SampleMask mask) {
    std::int32_t& state = states_[index_of(x, y)];
    const DepthBounds front = depth_bounds(triangles_[static_cast<std::size_t>(state)], x, y);
    const DepthBounds added = depth_bounds(triangles_[static_cast<std::size_t>(triangle)], x, y);
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
    const TileTriangle& added = triangles_[static_cast<std::size_t>(triangle)];
    const Samples& samples = samples_[index_of(x, y)];
    SampleMask seen = 0;
    for (unsigned i = 0; i < kSampleCount; ++i) {
        if ((contested >> i & 1) == 0)
            continue;
        const TileTriangle& front = triangles_[static_cast<std::size_t>(samples.triangle[i])];
        if (depth_at(added, x, y, i) > depth_at(front, x, y, i))
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

void TileRenderer::shade(const AtlasPyramid& atlas, const RenderOptions& options,
                         cv::Mat_<cv::Vec3b>& rgb) {
    const RgbLanes background = lanes_from_rgb(options.background.val);
    for (int y = 0; y < area_.height; ++y) {
        cv::Vec3b* row = rgb[area_.y + y] + area_.x;
        for (int x = 0; x < area_.width;) {
            const std::int32_t state = states_[index_of(x, y)];
            if (state >= 0) {
                int last = x;
                while (last + 1 < area_.width && states_[index_of(last + 1, y)] == state)
                    ++last;
                shade_run(atlas, x, last, y, row);
                x = last + 1;
                continue;
            }
            empty_pixels_ += state == kNothing ? 1 : 0;
            row[x] = rgb_from_lanes(state == kNothing ? background
                                                      : shade_mixed(atlas, background, x, y));
            ++x;
        }
    }
}

void TileRenderer::shade_run(const AtlasPyramid& atlas, int first, int last, int y,
                             cv::Vec3b* rgb) const {
    const TileTriangle& triangle =
        triangles_[static_cast<std::size_t>(states_[index_of(first, y)])];
    int x = first;
    const bool is_plain = (triangle.face.ends & kSlantedEnds) == 0;
    for (; is_plain && x < last; x += 4) {
        const TexelPlaces places = texel_places(triangle, x, y);
        const int count = std::min(4, last - x + 1);
        for (int i = 0; i < count; ++i) {
            const auto k = static_cast<std::size_t>(i);
            rgb[x + i] = rgb_from_lanes(atlas.read(places.s[k], places.t[k], triangle.level));
        }
    }
    for (; x <= last; ++x) {
        const TexelPlace place = texel_place(triangle, x, y);
        rgb[x] = rgb_from_lanes(atlas.read(place.s, place.t, triangle.level));
    }
}

SeenTriangles TileRenderer::list_seen(const Samples& samples, int x, int y) const {
    SeenTriangles seen;
    SampleMask left = kAllSamples & ~samples_that_see(samples.triangle, kNothing);
    seen.empty_count = count_samples(kAllSamples & ~left);
    for (unsigned i = 0; left != 0; ++i) {
        if ((left >> i & 1) == 0)
            continue;
        const std::int32_t triangle = samples.triangle[i];
        const SampleMask same = samples_that_see(samples.triangle, triangle);
        left &= ~same;
        seen.items[seen.item_count++] = {.triangle = triangle,
                                         .sample_count = count_samples(same),
                                         .contains_centre = contains_centre(
                                             triangles_[static_cast<std::size_t>(triangle)], x, y)};
    }
    return seen;
}

std::int32_t TileRenderer::sole_colour(const Samples& samples, int x, int y) const {
    const std::int32_t first = samples.triangle[0];
    const SampleMask others = kAllSamples & ~samples_that_see(samples.triangle, first);
    if (first == kNothing || others == 0)
        return first;
    const std::int32_t second =
        samples.triangle[static_cast<std::size_t>(std::countr_zero(others))];
    if (second == kNothing || (others & ~samples_that_see(samples.triangle, second)) != 0)
        return kNothing;
    const TileTriangle& a = triangles_[static_cast<std::size_t>(first)];
    const TileTriangle& b = triangles_[static_cast<std::size_t>(second)];
    const bool is_in_a = contains_centre(a, x, y);
    if (is_in_a == contains_centre(b, x, y) || !touch(a.face, b.face))
        return kNothing;
    return is_in_a ? first : second;
}

RgbLanes TileRenderer::shade_mixed(const AtlasPyramid& atlas, RgbLanes background, int x, int y) {
    const Samples& samples = samples_[index_of(x, y)];
    if (const std::int32_t sole = sole_colour(samples, x, y); sole != kNothing) {
        const TileTriangle& triangle = triangles_[static_cast<std::size_t>(sole)];
        const TexelPlace place = texel_place(triangle, x, y);
        return atlas.read(place.s, place.t, triangle.level);
    }
    SeenTriangles seen = list_seen(samples, x, y);
    const auto triangle_of = [&](const SeenTriangles::Item& item) -> const TileTriangle& {
        return triangles_[static_cast<std::size_t>(item.triangle)];
    };

    // Where a surface goes on beyond an edge, its triangles show what it shows at the pixel's
    // centre: the colour of the neighbour there
    const auto items = std::span(seen.items).first(seen.item_count);
    for (SeenTriangles::Item& item : items) {
        if (item.contains_centre)
            continue;
        for (SeenTriangles::Item& other : items)
            if (other.contains_centre && touch(triangle_of(item).face, triangle_of(other).face)) {
                other.sample_count += std::exchange(item.sample_count, 0U);
                break;
            }
    }

    RgbLanes sum = background * seen.empty_count;
    for (const SeenTriangles::Item& item : items) {
        if (item.sample_count == 0)
            continue;
        const TexelPlace place = texel_place(triangle_of(item), x, y);
        sum += atlas.read(place.s, place.t, triangle_of(item).level) * item.sample_count;
    }
    empty_pixels_ += seen.empty_count > 0 ? 1 : 0;
    return (sum + kSampleCount / 2 * kAllLanes) / kSampleCount & kLowBytes;
}

}  // namespace unflat
