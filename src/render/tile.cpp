// SPDX-License-Identifier: MIT
#include "render/tile.h"

#include "render/tile_triangle.h"

#include <algorithm>
#include <cmath>

namespace unflat {

namespace {

using SampleDepths = std::array<float, kSampleCount>;

/// Offsets of the samples from a pixel's centre [pixels].
constexpr SampleDepths sample_offsets(const std::array<int, kSampleCount>& places) {
    SampleDepths offsets{};
    for (std::size_t i = 0; i < kSampleCount; ++i)
        offsets[i] = static_cast<float>(places[i]) / kSampleGrid - 0.5F;
    return offsets;
}

constexpr SampleDepths kOffsetU = sample_offsets(kSampleU);
constexpr SampleDepths kOffsetV = sample_offsets(kSampleV);

/// 1/z of a triangle at the samples of a pixel; never beyond its corners, however thin it is.
SampleDepths depths_at(const TileTriangle& triangle, int x, int y) {
    const float centre = triangle.w.at(static_cast<float>(x), static_cast<float>(y));
    SampleDepths depths;
    for (std::size_t i = 0; i < kSampleCount; ++i) {
        const float w = centre + triangle.w.per_x * kOffsetU[i] + triangle.w.per_y * kOffsetV[i];
        depths[i] = std::min(std::max(w, triangle.w_min), triangle.w_max);
    }
    return depths;
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
        RowSpans spans;
        spans.first.fill(0);
        spans.last.fill(static_cast<std::int16_t>(area_.width - 1));
        for (const EdgeBound& edge : edges)
            edge.narrow(spans, row);

        // Most small triangles' boxes touch rows and tiles in which they cover no sample
        bool is_empty = true;
        for (unsigned i = 0; i < kSampleCount; ++i)
            is_empty &= spans.first[i] > spans.last[i];
        if (is_empty)
            continue;
        if (!is_listed)
            triangles_.push_back(make_tile_triangle(screen, atlas.size(), triangle, area_));
        is_listed = true;
        draw_row(spans, row, static_cast<std::int32_t>(triangles_.size()) - 1);
    }
}

void TileRenderer::draw_row(const RowSpans& spans, int row, std::int32_t triangle) {
    const auto [first_low, first_high] =
        std::minmax_element(spans.first.begin(), spans.first.end());
    const auto [last_low, last_high] = std::minmax_element(spans.last.begin(), spans.last.end());
    const int full_first = *first_high, full_last = *last_low;
    for (int x = *first_low; x <= *last_high; ++x) {
        if (x < full_first || x > full_last) {
            if (const SampleMask mask = spans.mask(x))
                cover(x, row, triangle, mask);
            continue;
        }
        std::int32_t& state = states_[index_of(x, row)];
        if (state == kNothing)
            state = triangle;
        else
            cover(x, row, triangle, kAllSamples);
    }
}

void TileRenderer::cover(int x, int y, std::int32_t triangle, SampleMask mask) {
    std::int32_t& state = states_[index_of(x, y)];
    if (state >= 0) {
        cover_uniform(x, y, triangle, mask);
        return;
    }
    if (state == kNothing) {
        Samples& samples = samples_[index_of(x, y)];
        samples.w.fill(0);
        samples.triangle.fill(kNothing);
        state = kMixed;
    }
    cover_mixed(x, y, triangle, mask);
}

void TileRenderer::cover_uniform(int x, int y, std::int32_t triangle, SampleMask mask) {
    std::int32_t& state = states_[index_of(x, y)];
    const TileTriangle& front = triangles_[static_cast<std::size_t>(state)];
    const TileTriangle& added = triangles_[static_cast<std::size_t>(triangle)];
    const DepthBounds front_bounds = depth_bounds(front, x, y);
    const DepthBounds added_bounds = depth_bounds(added, x, y);
    if (added_bounds.high <= front_bounds.low)
        return;
    if (mask == kAllSamples && added_bounds.low > front_bounds.high) {
        state = triangle;
        return;
    }
    Samples& samples = samples_[index_of(x, y)];
    samples.w = depths_at(front, x, y);
    samples.triangle.fill(state);
    state = kMixed;
    cover_mixed(x, y, triangle, mask);
}

void TileRenderer::cover_mixed(int x, int y, std::int32_t triangle, SampleMask mask) {
    Samples& samples = samples_[index_of(x, y)];
    const SampleDepths depths = depths_at(triangles_[static_cast<std::size_t>(triangle)], x, y);
    for (unsigned i = 0; i < kSampleCount; ++i) {
        const bool is_seen = (mask >> i & 1) != 0 && depths[i] > samples.w[i];
        samples.w[i] = is_seen ? depths[i] : samples.w[i];
        samples.triangle[i] = is_seen ? triangle : samples.triangle[i];
    }
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
    for (int x = first; x <= last; ++x) {
        const TexelPlace place = texel_place(triangle, x, y);
        rgb[x] = rgb_from_lanes(atlas.read(place.s, place.t, triangle.level));
    }
}

/// The triangle whose colour a triangle shows in a pixel: where the surface goes on beyond an edge
/// and the pixel's centre lies in the neighbour, the neighbour's.
std::int32_t TileRenderer::stand_in(std::int32_t triangle, const Samples& samples, int x,
                                    int y) const {
    const TileTriangle& own = triangles_[static_cast<std::size_t>(triangle)];
    if (contains_centre(own, x, y))
        return triangle;
    std::int32_t previous = triangle;
    for (const std::int32_t other : samples.triangle) {
        if (other < 0 || other == triangle || other == previous)
            continue;
        previous = other;
        const TileTriangle& neighbour = triangles_[static_cast<std::size_t>(other)];
        if (touch(own.face, neighbour.face) && contains_centre(neighbour, x, y))
            return other;
    }
    return triangle;
}

RgbLanes TileRenderer::shade_mixed(const AtlasPyramid& atlas, RgbLanes background, int x, int y) {
    std::array<std::int32_t, kSampleCount> left = samples_[index_of(x, y)].triangle;
    RgbLanes sum = 0;
    bool is_empty = false;
    for (unsigned i = 0; i < kSampleCount; ++i) {
        const std::int32_t seen = left[i];
        if (seen == kMixed)
            continue;

        // Count all samples that see the same and read its colour once
        RgbLanes count = 0;
        for (unsigned k = i; k < kSampleCount; ++k)
            if (left[k] == seen) {
                ++count;
                left[k] = kMixed;
            }
        if (seen == kNothing) {
            is_empty = true;
            sum += background * count;
            continue;
        }
        const TileTriangle& triangle =
            triangles_[static_cast<std::size_t>(stand_in(seen, samples_[index_of(x, y)], x, y))];
        const TexelPlace place = texel_place(triangle, x, y);
        sum += atlas.read(place.s, place.t, triangle.level) * count;
    }
    empty_pixels_ += is_empty ? 1 : 0;
    return (sum + kSampleCount / 2 * kAllLanes) / kSampleCount & kLowBytes;
}

}  // namespace unflat
