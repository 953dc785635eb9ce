// SPDX-License-Identifier: MIT
// One tile of a view, in five steps: what is seen at the centres of its pixels, which pixels need
// a closer look, what is seen at their samples, the colours, and what is blended over them.
#pragma once

#include "unflat/render.h"

#include "render/coverage.h"
#include "render/outline.h"
#include "render/screen.h"
#include "render/texture.h"
#include "render/tile_triangle.h"

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// The triangles that the samples of a pixel see.
struct SeenTriangles {
    struct Item {
        std::int32_t triangle = 0;
        unsigned sample_count = 0;
        bool contains_centre = false;
    };
    std::array<Item, kSampleCount> items;
    unsigned item_count = 0;
    unsigned empty_count = 0;  ///< samples that see nothing
};

/// Pixels of a row of a tile, one bit each.
using RowBits = std::uint64_t;
static_assert(kTileSide == 64);

inline RowBits bits_between(int first, int last) {
    return ~RowBits{0} >> (kTileSide - 1 - last + first) << first;
}

/// Blocks of 8 x 8 pixels of a tile, one bit each, row by row.
using BlockBits = std::uint64_t;
inline constexpr int kBlockSide = 8;

/// The blocks that a box meets.
inline BlockBits blocks_of(const PixelBox& box) {
    constexpr BlockBits kEveryRow = 0x0101'0101'0101'0101;
    const BlockBits columns = bits_between(box.left / kBlockSide, box.right / kBlockSide);
    const int first = box.top / kBlockSide * kBlockSide;
    const int last = box.bottom / kBlockSide * kBlockSide + kBlockSide - 1;
    return columns * kEveryRow & bits_between(first, last);
}

template <typename Action>
void for_each_bit(RowBits bits, Action&& action) {
    for (; bits != 0; bits &= bits - 1)
        action(std::countr_zero(bits));
}

/// What a view is drawn from.
struct TileSource {
    const ScreenMesh& screen;
    const AtlasPyramid& atlas;
    const RenderOptions& options;
};

/// Works on one tile after another; keeps its memory.
class TileRenderer {
public:
    /// Draws a tile of `source` into `rgb`, which has the view's size.
    /// @return the number of pixels with a sample that nothing covers.
    std::int64_t render(const TileSource& source, int tile, cv::Mat_<cv::Vec3b>& rgb);

private:
    /// The colours of the samples of a pixel while something is blended over them.
    struct SampleColours {
        int x = 0, y = 0;
        std::array<cv::Vec3f, kSampleCount> rgb;
    };

    /// What is seen at the samples of a pixel.
    struct Samples {
        std::array<std::int32_t, kSampleCount> triangle;  ///< or kNothing
    };

    // State of a pixel; >= 0: all of it sees this triangle
    static constexpr std::int32_t kNothing = -1;
    static constexpr std::int32_t kMixed = -2;  ///< see its Samples

    /// Vectors read and write up to so many pixels over the end of a row.
    static constexpr int kVector = 8;

    // Step 1, tile.cpp
    void begin(const TileSource& source, int tile, cv::Size view_size);
    void draw_centres(const ScreenMesh& screen, std::int32_t triangle);
    void fill(int row, int first, int last, std::int32_t triangle);
    void contest_centre(int x, int y, std::int32_t triangle);

    // Step 2, tile.cpp
    void find_borders(const ScreenMesh& screen);
    void mark_edge(const ScreenVertex& from, const ScreenVertex& to);
    bool is_hidden(int x, int y, float w) const;

    // Step 3, tile_samples.cpp
    void draw_samples(const ScreenMesh& screen, std::int32_t triangle);
    bool touches_marked(const PixelBox& box) const;
    void cover(int x, int y, std::int32_t triangle, SampleMask mask);
    bool is_settled(int x, int y, std::int32_t triangle, SampleMask mask);
    SampleMask seen_of(int x, int y, std::int32_t triangle, SampleMask contested) const;

    // Step 4, tile_shade.cpp
    void shade_row(const TileSource& source, int y, std::uint8_t* rgb);
    int run_end(const std::int32_t* states, int x) const;
    RgbLanes shade_mixed(const TileSource& source, int x, int y);
    RgbLanes colour_of(const TileSource& source, std::int32_t triangle, int x, int y) {
        const TileTriangle& made = triangle_of(source, triangle);
        const TexelPlace place = texel_place(made, x, y);
        return source.atlas.read(place.s, place.t, made.level);
    }
    /// The triangle whose colour the whole pixel has, where two triangles of one surface see it;
    /// kNothing where more have to be looked at.
    std::int32_t sole_colour(const TileSource& source, const Samples& samples, int x, int y);
    SeenTriangles list_seen(const TileSource& source, const Samples& samples, int x, int y);
    /// Made when a pixel first shows it: a third of the triangles of a layered scene are hidden.
    const TileTriangle& triangle_of(const TileSource& source, std::int32_t triangle) {
        const auto i = static_cast<std::size_t>(triangle);
        if (!is_made_[i]) {
            is_made_[i] = 1;
            triangles_[i] =
                make_tile_triangle(source.screen, source.atlas.size(), listed_[i], area_.tl());
        }
        return triangles_[i];
    }

    // Step 5, tile_blend.cpp
    void blend(const TileSource& source, int tile, cv::Mat_<cv::Vec3b>& rgb);
    void blend_triangle(const TileSource& source, std::uint32_t triangle,
                        const cv::Mat_<cv::Vec3b>& rgb);
    SampleColours& blended_pixel(const TileSource& source, int x, int y,
                                 const cv::Mat_<cv::Vec3b>& rgb);
    SampleMask hidden_samples(const DepthPlane& depth, int x, int y) const;
    std::int32_t shown_by(const TileSource& source, const Samples& samples, std::size_t i, int x,
                          int y);

    static std::size_t index_of(int x, int y) {
        return static_cast<std::size_t>(y * kTileSide + x);
    }
    const DepthPlane& depth_of(std::int32_t triangle) const {
        return depths_[static_cast<std::size_t>(triangle)];
    }

    cv::Rect area_;                             ///< of the tile in the view
    std::span<const std::uint32_t> listed_;     ///< the tile's triangles; others count in it
    std::vector<PixelBox> boxes_;               ///< per listed triangle: where it covers samples
    std::vector<DepthPlane> depths_;            ///< the same
    std::vector<TileTriangle> triangles_;       ///< the same; made when first seen
    std::vector<std::uint8_t> is_made_;         ///< the same
    std::array<RowBits, kTileSide> covered_{};  ///< pixels whose centre sees a triangle
    std::array<RowBits, kTileSide> marked_{};   ///< pixels that need samples
    BlockBits marked_blocks_ = 0;               ///< blocks with such pixels
    std::array<std::int32_t, kTileSide * kTileSide + kVector> states_{};
    std::array<Samples, kTileSide * kTileSide> samples_;
    TexelRow places_{};
    std::vector<SampleColours> blended_;    ///< pixels over which something was blended
    std::vector<std::int32_t> blended_of_;  ///< per pixel of the tile its place there, or -1
    std::int64_t empty_pixels_ = 0;
};

}  // namespace unflat
