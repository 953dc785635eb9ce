// SPDX-License-Identifier: MIT
// Soft edges: triangles that are blended with what is behind them, sample by sample.
#include "render/tile.h"

#include <algorithm>
#include <bit>

namespace unflat {

namespace {

cv::Vec3f colour_from_lanes(RgbLanes lanes) {
    return cv::Vec3f(rgb_from_lanes(lanes));
}

/// Opacity of a triangle at the centre of a pixel; never beyond its corners.
float opacity_at(const ScreenMesh& screen, const TileTriangle& triangle, int x, int y) {
    const float a = screen.opacity(triangle.face.corners[0]);
    const float b = screen.opacity(triangle.face.corners[1]);
    const float c = screen.opacity(triangle.face.corners[2]);
    const auto u = static_cast<float>(x), v = static_cast<float>(y);
    const float value = a + triangle.second.at(u, v) * (b - a) + triangle.third.at(u, v) * (c - a);
    const auto [least, greatest] = std::minmax({a, b, c});
    return std::clamp(value, least, greatest);
}

}  // namespace

void TileRenderer::blend(const TileSource& source, int tile, cv::Mat_<cv::Vec3b>& rgb) {
    blended_.clear();
    blended_of_.assign(kTileSide * kTileSide, -1);
    for (const std::uint32_t triangle : source.screen.blended_of_tile(tile))
        blend_triangle(source, triangle, rgb);
    for (const SampleColours& pixel : blended_) {
        cv::Vec3f sum;
        for (const cv::Vec3f& colour : pixel.rgb)
            sum += colour;
        rgb(area_.y + pixel.y, area_.x + pixel.x) = cv::Vec3b(sum * (1.F / kSampleCount));
    }
}

void TileRenderer::blend_triangle(const TileSource& source, std::uint32_t index,
                                  const cv::Mat_<cv::Vec3b>& rgb) {
    const Outline outline(source.screen, source.screen.corners(index), area_.tl());
    if (!outline.has_area())
        return;
    const PixelBox box = outline.pixels(kPixelSteps / kSampleGrid, area_.size());
    if (box.is_empty())
        return;
    const SampleTest samples(outline);
    const DepthPlane depth = outline.depth();
    const TileTriangle triangle =
        make_tile_triangle(source.screen, source.atlas.size(), index, area_.tl());
    for (int y = box.top; y <= box.bottom; ++y)
        for (int x = box.left; x <= box.right; ++x) {
            SampleMask mask = samples.mask(x, y);
            if (mask != 0)
                mask &= ~hidden_samples(depth, x, y);
            if (mask == 0)
                continue;
            const TexelPlace place = texel_place(triangle, x, y);
            const cv::Vec3f colour =
                colour_from_lanes(source.atlas.read(place.s, place.t, triangle.level));
            const float opacity = opacity_at(source.screen, triangle, x, y);
            SampleColours& pixel = blended_pixel(source, x, y, rgb);
            for (; mask != 0; mask &= mask - 1) {
                cv::Vec3f& seen = pixel.rgb[static_cast<std::size_t>(std::countr_zero(mask))];
                seen += opacity * (colour - seen);
            }
        }
}

/// The samples of a pixel at which something opaque lies before a triangle.
SampleMask TileRenderer::hidden_samples(const DepthPlane& depth, int x, int y) const {
    const std::int32_t state = states_[index_of(x, y)];
    if (state == kNothing)
        return 0;
    SampleMask hidden = 0;
    for (unsigned i = 0; i < kSampleCount; ++i) {
        const std::int32_t front = state == kMixed ? samples_[index_of(x, y)].triangle[i] : state;
        if (front != kNothing && depth_at(depth_of(front), x, y, i) > depth_at(depth, x, y, i))
            hidden |= 1U << i;
    }
    return hidden;
}

/// The samples of a pixel; at first as what is opaque left them.
TileRenderer::SampleColours& TileRenderer::blended_pixel(const TileSource& source, int x, int y,
                                                         const cv::Mat_<cv::Vec3b>& rgb) {
    std::int32_t& place = blended_of_[index_of(x, y)];
    if (place >= 0)
        return blended_[static_cast<std::size_t>(place)];
    place = static_cast<std::int32_t>(blended_.size());
    SampleColours& pixel = blended_.emplace_back(SampleColours{.x = x, .y = y, .rgb = {}});
    if (states_[index_of(x, y)] != kMixed) {
        pixel.rgb.fill(cv::Vec3f(rgb(area_.y + y, area_.x + x)));
        return pixel;
    }
    const Samples& samples = samples_[index_of(x, y)];
    for (std::size_t i = 0; i < kSampleCount; ++i) {
        const std::int32_t shown = shown_by(source, samples, i, x, y);
        pixel.rgb[i] = shown == kNothing ? cv::Vec3f(source.options.background)
                                         : colour_from_lanes(colour_of(source, shown, x, y));
    }
    return pixel;
}

/// The triangle whose colour a sample has: where the surface at the pixel's centre is the same one,
/// the triangle there.
std::int32_t TileRenderer::shown_by(const TileSource& source, const Samples& samples, std::size_t i,
                                    int x, int y) {
    const std::int32_t own = samples.triangle[i];
    if (own == kNothing || contains_centre(triangle_of(source, own), x, y))
        return own;
    for (const std::int32_t other : samples.triangle)
        if (other != kNothing && contains_centre(triangle_of(source, other), x, y) &&
            touch(triangle_of(source, own).face, triangle_of(source, other).face))
            return other;
    return own;
}

}  // namespace unflat
