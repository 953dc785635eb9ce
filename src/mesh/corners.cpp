// SPDX-License-Identifier: MIT
#include "mesh/corners.h"

#include "core/parallel.h"

#include <algorithm>
#include <bit>

namespace unflat {

namespace {

constexpr int kPixelsPerTask = 1 << 15;

// Going clockwise around a grid corner, the pixel that has it as its corner k is followed by the
// one that has it as its corner k + 1, in this direction
constexpr Direction kNext[4] = {Direction::Left, Direction::Up, Direction::Right, Direction::Down};

constexpr int next_corner(int corner) {
    return (corner + 1) & 3;
}

Direction previous_direction(int corner) {
    return opposite(kNext[(corner + 3) & 3]);
}

const LdiPixel& at(const Ldi& ldi, std::int32_t pixel) {
    return ldi.pixels[static_cast<std::size_t>(pixel)];
}

// Every chain of linked pixels around a grid corner has one owner: where an open chain starts, or
// the lowest of the pixels to the lower right in one that closes
bool owns_corner(const Ldi& ldi, std::int32_t pixel, int corner) {
    if (at(ldi, pixel).link(previous_direction(corner)) == -1)
        return true;
    if (corner != kTopLeft)
        return false;
    std::int32_t other = pixel;
    for (int k = corner;; k = next_corner(k)) {
        other = at(ldi, other).link(kNext[k]);
        if (other == -1 || (next_corner(k) == corner && other < pixel))
            return false;
        if (next_corner(k) == corner && other == pixel)
            return true;
    }
}

// Gives a vertex to all pixels of the chain that starts at an owner
void make_vertex(const Ldi& ldi, std::int32_t owner, int corner, std::int32_t vertex,
                 CornerVertices& corners) {
    double sum = 0;
    int count = 0;
    std::int32_t pixel = owner;
    int k = corner;
    do {
        corners.of_pixel[static_cast<std::size_t>(pixel)][static_cast<std::size_t>(k)] = vertex;
        sum += static_cast<double>(at(ldi, pixel).disparity);
        ++count;
        pixel = at(ldi, pixel).link(kNext[k]);
        k = next_corner(k);
    } while (pixel != -1 && !(pixel == owner && k == corner));
    corners.disparities[static_cast<std::size_t>(vertex)] = static_cast<float>(sum / count);
    corners.places[static_cast<std::size_t>(vertex)] =
        cv::Point(at(ldi, owner).x, at(ldi, owner).y) + corner_offset(corner);
}

// Moves vertices of hidden pixels behind the square of the photo in front of them. A vertex that
// is pushed back may itself stand before another one, hence a few passes.
void keep_hidden_behind(const Ldi& ldi, float margin, CornerVertices& corners) {
    // Nearer than this share of what is in front only where the margin would send it too far
    constexpr float kLeastShare = 0.75F;
    constexpr float kJustBehind = 1 - 1e-4F;
    constexpr int kPasses = 3;
    const cv::Rect photo({}, ldi.camera.size);
    for (int pass = 0; pass < kPasses; ++pass)
        for (std::size_t i = ldi.photo_pixel_count(); i < ldi.pixels.size(); ++i) {
            const cv::Point place(ldi.pixels[i].x, ldi.pixels[i].y);
            if (!photo.contains(place))
                continue;
            const auto front = static_cast<std::size_t>(place.y * photo.width + place.x);
            for (std::size_t k = 0; k < 4; ++k) {
                const auto behind = static_cast<std::size_t>(corners.of_pixel[i][k]);
                const auto before = static_cast<std::size_t>(corners.of_pixel[front][k]);
                if (behind == before)
                    continue;
                const float limit = corners.disparities[before];
                const float pushed =
                    std::min(limit * kJustBehind, std::max(limit - margin, limit * kLeastShare));
                corners.disparities[behind] = std::min(corners.disparities[behind], pushed);
            }
        }
}

}  // namespace

CornerVertices find_corner_vertices(const Ldi& ldi, float margin) {
    const int pixel_count = static_cast<int>(ldi.pixels.size());
    CornerVertices corners;
    corners.of_pixel.resize(ldi.pixels.size());

    // Find who owns a vertex, and number the vertices in that order
    std::vector<std::uint8_t> owned(ldi.pixels.size());
    const int task_count = (pixel_count + kPixelsPerTask - 1) / kPixelsPerTask;
    std::vector<std::int32_t> first_vertex(static_cast<std::size_t>(task_count) + 1);
    parallel_ranges(pixel_count, kPixelsPerTask, [&](int first, int last) {
        std::int32_t count = 0;
        for (std::int32_t i = first; i < last; ++i) {
            unsigned bits = 0;
            for (int k = 0; k < 4; ++k)
                bits |= owns_corner(ldi, i, k) ? 1U << k : 0U;
            owned[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(bits);
            count += std::popcount(bits);
        }
        first_vertex[static_cast<std::size_t>(first / kPixelsPerTask) + 1] = count;
    });
    for (std::size_t i = 1; i < first_vertex.size(); ++i)
        first_vertex[i] += first_vertex[i - 1];

    // Make them; chains do not overlap, so tasks write to different places
    corners.places.resize(static_cast<std::size_t>(first_vertex.back()));
    corners.disparities.resize(corners.places.size());
    parallel_ranges(pixel_count, kPixelsPerTask, [&](int first, int last) {
        std::int32_t vertex = first_vertex[static_cast<std::size_t>(first / kPixelsPerTask)];
        for (std::int32_t i = first; i < last; ++i)
            for (int k = 0; k < 4; ++k)
                if (owned[static_cast<std::size_t>(i)] & 1U << k)
                    make_vertex(ldi, i, k, vertex++, corners);
    });
    keep_hidden_behind(ldi, margin, corners);
    return corners;
}

}  // namespace unflat
