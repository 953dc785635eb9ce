// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/ldi.h"

#include "core/parallel.h"

#include <numeric>

namespace unflat {

Ldi lift(const Photo& photo, const DisparityMap& disparity, const DepthEdges& edges) {
    const cv::Size size = photo.rgb.size();
    require(!size.empty() && disparity.values.size() == size && edges.size == size,
            "lift: photo, disparity and edges must have the same size");

    // One pixel per position, all of them in front
    Ldi ldi{.camera = photo.camera,
            .canvas = cv::Rect({}, size),
            .range = disparity.range,
            .true_scale = disparity.true_scale,
            .threshold = edges.threshold};
    ldi.pixels.resize(ldi.photo_pixel_count());
    ldi.fronts.resize(ldi.photo_pixel_count());
    std::iota(ldi.fronts.begin(), ldi.fronts.end(), 0);

    // Link every pixel to its four neighbours
    constexpr int kRowsPerTask = 32;
    parallel_ranges(size.height, kRowsPerTask, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            for (int x = 0; x < size.width; ++x) {
                const std::int32_t index = y * size.width + x;
                LdiPixel& pixel = ldi.pixels[static_cast<std::size_t>(index)];
                pixel.x = x;
                pixel.y = y;
                pixel.disparity = disparity.values(y, x);
                pixel.rgb = photo.rgb(y, x);
                pixel.links = {x + 1 < size.width ? index + 1 : -1,
                               y + 1 < size.height ? index + size.width : -1,
                               x > 0 ? index - 1 : -1, y > 0 ? index - size.width : -1};
            }
    });

    // Cut the links that cross a depth edge
    for (const DepthEdge& edge : edges.edges)
        for (const Crack& crack : edge.cracks)
            cut(ldi, crack.near_pixel, crack.far_from_near);
    return ldi;
}

}  // namespace unflat
