// SPDX-License-Identifier: MIT
#include "core/parallel.h"
#include "inpaint/regions.h"

#include <algorithm>

namespace unflat {

namespace {

// A region this many times as deep as the motion shows is deep enough for whoever moves on in a
// viewer. More, behind an edge that is hardly one, would only be in the way of what is needed there
constexpr float kAmple = 3;

}  // namespace

std::vector<OpenCrack> find_open_cracks(const Ldi& ldi, const DepthEdges& edges, const Reach& reach,
                                        float least_reach) {
    // Far sides of depth edges
    std::vector<OpenCrack> cracks;
    for (const DepthEdge& edge : edges.edges)
        for (const Crack& crack : edge.cracks)
            cracks.push_back({.far_pixel = crack.far_pixel,
                              .near_pixel = crack.near_pixel,
                              .near_from_far = opposite(crack.far_from_near)});
    constexpr int kCracksPerTask = 256;
    parallel_ranges(static_cast<int>(cracks.size()), kCracksPerTask, [&](int first, int last) {
        for (int i = first; i < last; ++i) {
            OpenCrack& crack = cracks[static_cast<std::size_t>(i)];
            const LdiPixel& far = ldi.pixels[static_cast<std::size_t>(crack.far_pixel)];
            const LdiPixel& near = ldi.pixels[static_cast<std::size_t>(crack.near_pixel)];
            const float needed =
                reach.behind(static_cast<float>(far.x) + 0.5F, static_cast<float>(far.y) + 0.5F,
                             near.disparity, far.disparity);
            crack.reach = std::max(needed, std::min(least_reach, kAmple * needed));
        }
    });

    // The photo's border
    const auto add_border = [&](int x, int y, Direction outwards) {
        cracks.push_back({.far_pixel = ldi.front(x, y), .near_from_far = outwards});
    };
    const cv::Size size = ldi.camera.size;
    for (int x = 0; x < size.width; ++x) {
        add_border(x, 0, Direction::Up);
        add_border(x, size.height - 1, Direction::Down);
    }
    for (int y = 0; y < size.height; ++y) {
        add_border(0, y, Direction::Left);
        add_border(size.width - 1, y, Direction::Right);
    }
    return cracks;
}

namespace {

// The grid corner at which a chain of cracks ends, and a corner that lies some cracks before it
struct ChainEnd {
    cv::Point corner;
    cv::Point before;
    const Crack* last;
};

// The two grid corners of a crack; corner (x, y) is the top-left corner of pixel (x, y)
std::pair<cv::Point, cv::Point> corners_of(const Ldi& ldi, const Crack& crack) {
    const LdiPixel& near = ldi.pixels[static_cast<std::size_t>(crack.near_pixel)];
    const cv::Point p(near.x, near.y);
    switch (crack.far_from_near) {
        case Direction::Right:
            return {p + cv::Point(1, 0), p + cv::Point(1, 1)};
        case Direction::Left:
            return {p, p + cv::Point(0, 1)};
        case Direction::Down:
            return {p + cv::Point(0, 1), p + cv::Point(1, 1)};
        case Direction::Up:
            return {p, p + cv::Point(1, 0)};
    }
    return {p, p};
}

// The end of a chain beyond its last crack; `step` -1 walks the chain from its other side
ChainEnd end_of(const Ldi& ldi, const DepthEdge& edge, bool front, int tangent_length) {
    const auto count = static_cast<std::ptrdiff_t>(edge.cracks.size());
    const auto crack = [&](std::ptrdiff_t i) -> const Crack& {
        return edge.cracks[static_cast<std::size_t>(front ? i : count - 1 - i)];
    };
    const auto [a, b] = corners_of(ldi, crack(0));
    cv::Point corner = a;
    if (count > 1) {
        const auto [c, d] = corners_of(ldi, crack(1));
        corner = (a == c || a == d) ? b : a;  // the one that the next crack does not share
    }
    const auto [e, f] =
        corners_of(ldi, crack(std::min<std::ptrdiff_t>(count - 1, std::max(1, tangent_length))));
    return {corner, (e + f) / 2, &crack(0)};
}

// Draws barriers along a line of grid corners while it stays hidden
class BarrierPen {
public:
    BarrierPen(const Ldi& ldi, Barriers& barriers) : ldi_(ldi), barriers_(barriers) {}

    void draw(const ChainEnd& end) {
        const LdiPixel& near = ldi_.pixels[static_cast<std::size_t>(end.last->near_pixel)];
        hidden_below_ = near.disparity + ldi_.threshold;
        const cv::Point2d direction(end.corner - end.before);
        const double length = std::max(std::abs(direction.x), std::abs(direction.y));
        if (length == 0)
            return;

        // Walk from corner to corner in steps of one pixel border, closest to the line
        const double along_x = std::abs(direction.x), along_y = std::abs(direction.y);
        const int step_x = direction.x < 0 ? -1 : 1, step_y = direction.y < 0 ? -1 : 1;
        cv::Point corner = end.corner;
        for (int moved_x = 0, moved_y = 0;;) {
            const bool go_x = (moved_x + 0.5) * along_y < (moved_y + 0.5) * along_x;
            const cv::Point next = corner + (go_x ? cv::Point(step_x, 0) : cv::Point(0, step_y));
            (go_x ? moved_x : moved_y) += 1;
            if (!block(corner, next))
                return;
            corner = next;
        }
    }

private:
    // Blocks the step across the border from one corner to the next; false where the line ends
    bool block(cv::Point from, cv::Point to) {
        const bool horizontal = from.y == to.y;
        const cv::Point low(std::min(from.x, to.x), std::min(from.y, to.y));
        const cv::Point a = low - (horizontal ? cv::Point(0, 1) : cv::Point(1, 0));
        const cv::Point b = low;
        if (!hidden(a) || !hidden(b))
            return false;
        std::uint8_t& bits = barriers_[ldi_.position(a.x, a.y)];
        const std::uint8_t bit = horizontal ? 2 : 1;
        if (bits & bit)
            return false;
        bits |= bit;
        return true;
    }

    // Beyond the photo, or under something nearer than both sides of the edge
    bool hidden(cv::Point p) const {
        if (!ldi_.contains(p.x, p.y))
            return false;
        const std::int32_t front = ldi_.front(p.x, p.y);
        return front == -1 ||
               ldi_.pixels[static_cast<std::size_t>(front)].disparity > hidden_below_;
    }

    const Ldi& ldi_;
    Barriers& barriers_;
    float hidden_below_ = 0;
};

}  // namespace

Barriers continue_edges(const Ldi& ldi, const DepthEdges& edges, int tangent_length) {
    Barriers barriers(ldi.fronts.size(), 0);
    BarrierPen pen(ldi, barriers);
    for (const DepthEdge& edge : edges.edges) {
        if (edge.cracks.empty())
            continue;
        pen.draw(end_of(ldi, edge, true, tangent_length));
        pen.draw(end_of(ldi, edge, false, tangent_length));
    }
    return barriers;
}

}  // namespace unflat
