// SPDX-License-Identifier: MIT
#include "unflat/error.h"

#include "mesh/charts.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>
#include <string>

namespace unflat {

namespace {

// The upper border of what is still free, from left to right
class Skyline {
public:
    Skyline(cv::Size atlas, cv::Size taken) : atlas_(atlas) {
        nodes_.push_back({0, taken.height, taken.width});
        if (taken.width < atlas.width)
            nodes_.push_back({taken.width, 0, atlas.width - taken.width});
    }

    // Takes the place whose lower end is highest up, of those the leftmost
    std::optional<cv::Point> place(cv::Size size) {
        std::size_t best = nodes_.size();
        int best_y = atlas_.height - size.height + 1;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const int y = height_at(i, size.width);
            if (y < best_y) {
                best = i;
                best_y = y;
            }
        }
        if (best == nodes_.size())
            return std::nullopt;
        const cv::Point at(nodes_[best].x, best_y);
        raise(best, {at.x, at.y + size.height, size.width});
        return at;
    }

private:
    struct Node {
        int x, y, width;
    };

    // How far down something of this width at a node's left end must go
    int height_at(std::size_t node, int width) const {
        if (nodes_[node].x + width > atlas_.width)
            return atlas_.height + 1;
        int y = 0;
        for (int left = width; left > 0; left -= nodes_[node++].width)
            y = std::max(y, nodes_[node].y);
        return y;
    }

    void raise(std::size_t index, Node node) {
        const int end = node.x + node.width;
        auto next = nodes_.insert(nodes_.begin() + static_cast<std::ptrdiff_t>(index), node) + 1;
        while (next != nodes_.end() && next->x < end) {
            const int hidden = std::min(end - next->x, next->width);
            next->x += hidden;
            next->width -= hidden;
            next = next->width == 0 ? nodes_.erase(next) : next + 1;
        }
    }

    cv::Size atlas_;
    std::vector<Node> nodes_;
};

// Places all charts; false if they do not fit
bool pack_into(cv::Size atlas, const std::vector<std::size_t>& order, int padding,
               std::vector<Chart>& charts) {
    const cv::Size photo = charts[0].box.size();
    Skyline skyline(atlas, {std::min(atlas.width, photo.width + padding),
                            std::min(atlas.height, photo.height + padding)});
    for (const std::size_t i : order) {
        const cv::Size size = charts[i].box.size() + cv::Size(2 * padding, 2 * padding);
        const std::optional<cv::Point> place = skyline.place(size);
        if (!place)
            return false;
        charts[i].origin = *place + cv::Point(padding, padding);
    }
    return true;
}

// High charts first, then wide ones
std::vector<std::size_t> packing_order(const std::vector<Chart>& charts) {
    std::vector<std::size_t> order(charts.size() - 1);
    std::iota(order.begin(), order.end(), std::size_t{1});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const cv::Size size_a = charts[a].box.size(), size_b = charts[b].box.size();
        return size_a.height != size_b.height ? size_a.height > size_b.height
                                              : size_a.width > size_b.width;
    });
    return order;
}

}  // namespace

bool try_to_pack_charts(Charts& charts, int padding, int max_side) {
    std::int64_t area = charts.charts[0].box.area();
    for (std::size_t i = 1; i < charts.charts.size(); ++i) {
        const cv::Size size = charts.charts[i].box.size() + cv::Size(2 * padding, 2 * padding);
        area += static_cast<std::int64_t>(size.width) * size.height;
    }
    const std::vector<std::size_t> order = packing_order(charts.charts);

    // From the smallest area upwards, the squarest first, of two alike the wider
    const cv::Size photo = charts.charts[0].box.size();
    const auto bits = [](std::int64_t value) {
        return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value)));
    };
    const int max_exponent = bits(max_side) - 1;
    const int first = bits(area - 1);
    for (int exponent = first; exponent <= 2 * max_exponent; ++exponent)
        for (int step = exponent % 2; step <= exponent; step += 2)
            for (const int sign : {1, -1}) {
                const int across = (exponent + sign * step) / 2, down = exponent - across;
                if (across > max_exponent || down > max_exponent || (step == 0 && sign < 0))
                    continue;
                const cv::Size atlas(1 << across, 1 << down);
                if (atlas.width < photo.width || atlas.height < photo.height)
                    continue;
                if (pack_into(atlas, order, padding, charts.charts)) {
                    charts.atlas = atlas;
                    return true;
                }
            }
    return false;
}

void pack_charts(Charts& charts, int padding, int max_side) {
    if (try_to_pack_charts(charts, padding, max_side))
        return;
    const cv::Size photo = charts.charts[0].box.size();
    throw Error(ErrorKind::Unsupported,
                "the texture of a photo of " + std::to_string(photo.width) + " x " +
                    std::to_string(photo.height) + " pixels with its hidden parts does not fit " +
                    "into the largest atlas, which has a side of " + std::to_string(max_side) +
                    " pixels: reduce the photo first");
}

}  // namespace unflat
