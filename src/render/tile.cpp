// SPDX-License-Identifier: MIT
#include "render/tile.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace unflat {

std::int64_t TileRenderer::render(const TileSource& source, int tile, cv::Mat_<cv::Vec3b>& rgb) {
    begin(source, tile, rgb.size());
    const auto count = static_cast<std::int32_t>(listed_.size());
    for (std::int32_t i = 0; i < count; ++i)
        draw_centres(source.screen, i);
    find_borders(source.screen);
    for (std::int32_t i = 0; i < count; ++i)
        draw_samples(source.screen, i);
    for (int y = 0; y < area_.height; ++y)
        shade_row(source, y, rgb[area_.y + y][area_.x].val);
    if (!source.screen.blended_of_tile(tile).empty())
        blend(source, tile, rgb);
    return empty_pixels_;
}

void TileRenderer::begin(const TileSource& source, int tile, cv::Size view_size) {
    const int columns = source.screen.tile_columns();
    area_ = cv::Rect(tile % columns * kTileSide, tile / columns * kTileSide, kTileSide, kTileSide) &
            cv::Rect({}, view_size);
    listed_ = source.screen.triangles_of_tile(tile);
    boxes_.assign(listed_.size(), {});
    depths_.resize(listed_.size());
    triangles_.resize(listed_.size());
    is_made_.assign(listed_.size(), 0);
    covered_.fill(0);
    marked_.fill(0);
    states_.fill(kNothing);
    empty_pixels_ = 0;
}

void TileRenderer::draw_centres(const ScreenMesh& screen, std::int32_t triangle) {
    const auto i = static_cast<std::size_t>(triangle);
    const Outline outline(screen, screen.corners(listed_[i]), area_.tl());
    if (!outline.has_area())
        return;
    boxes_[i] = outline.pixels(kPixelSteps / kSampleGrid, area_.size());
    // Many small triangles cover no centre
    const PixelBox box = outline.pixels(kPixelSteps / 2, area_.size());
    if (box.is_empty())
        return;
    depths_[i] = outline.depth();
    CentreSpans spans(outline, box);
    for (int row = box.top; row <= box.bottom; ++row) {
        const auto [first, last] = spans.next();
        if (first > last)
            continue;
        RowBits& covered = covered_[static_cast<std::size_t>(row)];
        const RowBits bits = bits_between(first, last);
        const RowBits contested = bits & covered;
        covered |= bits;
        if (contested == 0)
            fill(row, first, last, triangle);
        else
            for_each_bit(bits & ~contested, [&](int x) { states_[index_of(x, row)] = triangle; });
        for_each_bit(contested, [&](int x) { contest_centre(x, row, triangle); });
    }
}

/// Lets pixels of a row see a triangle. Most runs are shorter than four: whole vectors cost less
/// than a branch for every length.
void TileRenderer::fill(int row, int first, int last, std::int32_t triangle) {
    std::int32_t* states = &states_[index_of(0, row)];
    const cv::v_int32x4 wanted = cv::v_setall_s32(triangle);
    for (int x = first; x <= last; x += 4) {
        const cv::v_int32x4 is_in_run = cv::v_int32x4(0, 1, 2, 3) <= cv::v_setall_s32(last - x);
        cv::v_store(states + x, cv::v_select(is_in_run, wanted, cv::v_load(states + x)));
    }
}

/// Gives a pixel that already sees a triangle to the nearer one. Of two at the same depth the first
/// one stays. Where neither is nearer all over the pixel, they may cross.
void TileRenderer::contest_centre(int x, int y, std::int32_t triangle) {
    std::int32_t& state = states_[index_of(x, y)];
    const DepthPlane& front = depth_of(state);
    const DepthPlane& added = depth_of(triangle);
    const auto u = static_cast<float>(x), v = static_cast<float>(y);
    const float front_w = front.w.at(u, v), added_w = added.w.at(u, v);
    const float reach = (std::abs(front.w.per_x) + std::abs(front.w.per_y) +
                         std::abs(added.w.per_x) + std::abs(added.w.per_y)) /
                        2;
    const float nearer_by = added.clamped(added_w) - front.clamped(front_w);
    if (nearer_by > 0)
        state = triangle;
    if (std::abs(nearer_by) < reach)
        marked_[static_cast<std::size_t>(y)] |= RowBits{1} << x;
}

/// Marks the pixels in which a surface ends or turns away, unless it is hidden there. In all
/// others the triangle at the centre fills the pixel, for the surface that it belongs to does.
void TileRenderer::find_borders(const ScreenMesh& screen) {
    for (const std::uint32_t triangle : listed_) {
        const EdgeSet borders = screen.borders(triangle);
        if (borders == 0)
            continue;
        const auto corners = screen.corners(triangle);
        for (std::size_t k = 0; k < 3; ++k)
            if ((borders >> k & 1) != 0)
                mark_edge(screen.vertex(corners[k]), screen.vertex(corners[(k + 1) % 3]));
    }
    marked_blocks_ = 0;
    for (int y = 0; y < area_.height; ++y)
        for_each_bit(marked_[static_cast<std::size_t>(y)], [&](int x) {
            states_[index_of(x, y)] = kNothing;
            marked_blocks_ |= blocks_of({x, y, x, y});
        });
}

/// Marks the pixels in which an edge passes between samples.
void TileRenderer::mark_edge(const ScreenVertex& from, const ScreenVertex& to) {
    // No sample is nearer to its pixel's border than a step of their grid
    constexpr int kMargin = kPixelSteps / kSampleGrid;
    constexpr int kTop = kMargin, kBottom = kPixelSteps - kMargin;
    const bool falls = from.v <= to.v;
    const ScreenVertex& upper = falls ? from : to;
    const ScreenVertex& lower = falls ? to : from;
    const int u = upper.u - area_.x * kPixelSteps, v = upper.v - area_.y * kPixelSteps;
    const int width = lower.u - upper.u, height = lower.v - upper.v;
    const double u_per_v = height > 0 ? static_cast<double>(width) / height : 0;
    const auto first_pixel = [](int steps) {
        return std::max((steps - kBottom + kPixelSteps - 1) / kPixelSteps, 0);
    };
    const auto last_pixel = [](int steps, int count) {
        return std::min((steps - kTop + kPixelSteps) / kPixelSteps - 1, count - 1);
    };
    const float w = std::max(from.w, to.w);
    const int last_row = last_pixel(v + height, area_.height);
    for (int row = first_pixel(v); row <= last_row; ++row) {
        // The part of the edge in the row, less its margins
        const int row_v = row * kPixelSteps - v;
        int begin = u + static_cast<int>(std::max(row_v + kTop, 0) * u_per_v);
        int end = u + static_cast<int>(std::min(row_v + kBottom, height) * u_per_v);
        if (height == 0)
            end = u + width;
        if (begin > end)
            std::swap(begin, end);
        const int last = last_pixel(end + 1, area_.width);
        for (int x = first_pixel(begin - 1); x <= last; ++x)
            if (!is_hidden(x, row, w))
                marked_[static_cast<std::size_t>(row)] |= RowBits{1} << x;
    }
}

/// True if the surface at a pixel's centre lies clearly before 1/z = w all over the pixel.
bool TileRenderer::is_hidden(int x, int y, float w) const {
    const std::int32_t state = states_[index_of(x, y)];
    if (state == kNothing)
        return false;
    // Within a pixel, a surface may bend away from the plane of the triangle at the centre
    constexpr float kClearly = 0.99F;
    const DepthPlane& front = depth_of(state);
    const float reach = (std::abs(front.w.per_x) + std::abs(front.w.per_y)) / 2;
    const float centre = front.w.at(static_cast<float>(x), static_cast<float>(y));
    return w < kClearly * front.clamped(centre - reach);
}

}  // namespace unflat
