// SPDX-License-Identifier: MIT
// One tile of a view: visibility first, then colours.
#pragma once

#include "unflat/render.h"

#include "render/coverage.h"
#include "render/screen.h"
#include "render/texture.h"

#include <array>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A quantity that is linear on the screen; x and y count pixels of the tile from the centre of its
/// first one.
struct ScreenPlane {
    float origin = 0;
    float per_x = 0;
    float per_y = 0;
    float at(float x, float y) const { return origin + per_x * x + per_y * y; }
};

/// A triangle as a tile sees it.
struct TileTriangle {
    ScreenPlane w;                ///< 1/z
    float w_min = 0, w_max = 0;   ///< at its corners
    ScreenPlane q;                ///< w times depth in the photo's frame; about 1
    ScreenPlane s_q, t_q;         ///< texel coordinates from the base, times q
    float q_min = 0, q_max = 0;   ///< at its corners
    ScreenPlane second, third;    ///< weights of the second and the third corner
    int s_base = 0, t_base = 0;   ///< a texel near what the tile shows of it
    cv::Point2f least, greatest;  ///< bounds of texel reads, from the base
    float level = 0;              ///< of the atlas pyramid
    ScreenFace face;
    std::array<cv::Point2f, 3> corners;  ///< texel coordinates from the base
};

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

/// Works on one tile after another; keeps its memory.
class TileRenderer {
public:
    /// Draws a tile of `screen` into `rgb`, which has the view's size.
    /// @return the number of pixels with a sample that nothing covers.
    std::int64_t render(const ScreenMesh& screen, const AtlasPyramid& atlas,
                        const RenderOptions& options, int tile, cv::Mat_<cv::Vec3b>& rgb);

private:
    /// What is seen at the samples of a pixel.
    struct Samples {
        std::array<std::int32_t, kSampleCount> triangle;  ///< or kNothing
    };

    // State of a pixel; >= 0: all its samples see this triangle
    static constexpr std::int32_t kNothing = -1;
    static constexpr std::int32_t kMixed = -2;  ///< see its Samples

    void draw(const ScreenMesh& screen, const AtlasPyramid& atlas, std::uint32_t triangle);
    void draw_row(const RowSpans& spans, int row, std::int32_t triangle);
    void cover(int x, int y, std::int32_t triangle, SampleMask mask);
    bool is_settled(int x, int y, std::int32_t triangle, SampleMask mask);
    SampleMask seen_of(int x, int y, std::int32_t triangle, SampleMask contested) const;

    void shade(const AtlasPyramid& atlas, const RenderOptions& options, cv::Mat_<cv::Vec3b>& rgb);
    void shade_run(const AtlasPyramid& atlas, int first, int last, int y, cv::Vec3b* rgb) const;
    RgbLanes shade_mixed(const AtlasPyramid& atlas, RgbLanes background, int x, int y);
    /// The triangle whose colour the whole pixel has, where two triangles of one surface see it;
    /// kNothing where more have to be looked at.
    std::int32_t sole_colour(const Samples& samples, int x, int y) const;
    SeenTriangles list_seen(const Samples& samples, int x, int y) const;

    cv::Rect area_;  ///< of the tile in the view
    std::vector<TileTriangle> triangles_;
    std::array<std::int32_t, kTileSide * kTileSide> states_;
    std::array<Samples, kTileSide * kTileSide> samples_;
    std::int64_t empty_pixels_ = 0;
};

}  // namespace unflat
