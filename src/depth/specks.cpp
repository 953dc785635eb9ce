// SPDX-License-Identifier: MIT
#include "depth/specks.h"

#include "unflat/photo.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace unflat {

namespace {

const cv::Point kSteps[4] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};

struct Island {
    std::vector<cv::Point> pixels;
    std::vector<float> surroundings;
};

// The surface that a pixel belongs to, as far as `limit` pixels of it
Island explore(const cv::Mat_<float>& disparity, cv::Point start, float step, std::size_t limit) {
    const cv::Rect frame({}, disparity.size());
    Island island{.pixels = {start}};
    for (std::size_t i = 0; i < island.pixels.size() && island.pixels.size() <= limit; ++i)
        for (const cv::Point& way : kSteps) {
            const cv::Point q = island.pixels[i] + way;
            if (!frame.contains(q) ||
                std::find(island.pixels.begin(), island.pixels.end(), q) != island.pixels.end())
                continue;
            if (std::abs(disparity(q) - disparity(island.pixels[i])) <= step)
                island.pixels.push_back(q);
            else
                island.surroundings.push_back(disparity(q));
        }
    return island;
}

bool is_beside_step(const cv::Mat_<float>& disparity, int x, int y, float step) {
    const float here = disparity(y, x);
    return (x + 1 < disparity.cols && std::abs(disparity(y, x + 1) - here) > step) ||
           (y + 1 < disparity.rows && std::abs(disparity(y + 1, x) - here) > step) ||
           (x > 0 && std::abs(disparity(y, x - 1) - here) > step) ||
           (y > 0 && std::abs(disparity(y - 1, x) - here) > step);
}

}  // namespace

void absorb_specks(cv::Mat_<float>& disparity, float step, int least_area) {
    const auto limit = static_cast<std::size_t>(std::max(0, least_area - 1));
    for (int y = 0; y < disparity.rows; ++y)
        for (int x = 0; x < disparity.cols; ++x) {
            if (!is_beside_step(disparity, x, y, step))
                continue;
            Island island = explore(disparity, {x, y}, step, limit);
            if (island.pixels.size() > limit || island.surroundings.empty())
                continue;
            const auto middle = island.surroundings.begin() +
                                static_cast<std::ptrdiff_t>(island.surroundings.size() / 2);
            std::nth_element(island.surroundings.begin(), middle, island.surroundings.end());
            for (const cv::Point& pixel : island.pixels)
                disparity(pixel) = *middle;
        }
}

}  // namespace unflat
