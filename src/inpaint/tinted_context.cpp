// SPDX-License-Identifier: MIT
#include "inpaint/tinted_context.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

namespace {

constexpr int kRim = 2;            // steps from the synthesis region that may be tinted
constexpr int kInside = 7;         // and those up to which clean colours are looked for
constexpr int kWindow = 6;         // they lie within this many columns and rows
constexpr int kEnough = 8;         // fewer clean pixels say nothing
constexpr float kSameColour = 6;   // of 255 in every channel: camera noise
constexpr float kSameTexture = 1;  // standard deviations of the clean pixels: texture

// Context pixels by their steps from the synthesis region, over links
struct Rings {
    cv::Mat_<std::uint8_t> step;  // 0: none of them
    std::vector<cv::Point> rim;   // steps 1 to kRim, in the order of their steps
};

bool are_joined(const InpaintPatch& patch, cv::Point p, Direction direction) {
    const cv::Point q = p + step_of(direction);
    switch (direction) {
        case Direction::Right:
            return patch.joined(p.x, p.y, false);
        case Direction::Down:
            return patch.joined(p.x, p.y, true);
        case Direction::Left:
            return q.x >= 0 && patch.joined(q.x, q.y, false);
        case Direction::Up:
            return q.y >= 0 && patch.joined(q.x, q.y, true);
    }
    return false;
}

Rings find_rings(const InpaintPatch& patch) {
    Rings rings{.step = cv::Mat_<std::uint8_t>(patch.role.size(), std::uint8_t{0})};
    std::vector<cv::Point> front, next;
    for (int y = 0; y < patch.role.rows; ++y)
        for (int x = 0; x < patch.role.cols; ++x)
            if (patch.role_at(x, y) == Role::Synthesis)
                front.emplace_back(x, y);
    for (std::uint8_t step = 1; step <= kInside; ++step) {
        next.clear();
        for (const cv::Point p : front)
            for (int d = 0; d < 4; ++d) {
                const auto direction = static_cast<Direction>(d);
                const cv::Point q = p + step_of(direction);
                if (!are_joined(patch, p, direction) || rings.step(q) != 0 ||
                    patch.role_at(q.x, q.y) != Role::Context)
                    continue;
                rings.step(q) = step;
                next.push_back(q);
            }
        if (step <= kRim)
            rings.rim.insert(rings.rim.end(), next.begin(), next.end());
        std::swap(front, next);
    }
    return rings;
}

// The clean pixels around a pixel of the rim
class Surroundings {
public:
    Surroundings(const InpaintPatch& patch, const Rings& rings, cv::Point centre)
        : colour_(patch.rgb(centre)) {
        const int x0 = std::max(0, centre.x - kWindow), y0 = std::max(0, centre.y - kWindow);
        const int x1 = std::min(patch.rgb.cols - 1, centre.x + kWindow);
        const int y1 = std::min(patch.rgb.rows - 1, centre.y + kWindow);
        for (int y = y0; y <= y1; ++y)
            for (int x = x0; x <= x1; ++x)
                if (rings.step(y, x) > kRim)
                    add(patch.rgb(y, x), cv::Point(x, y) - centre);
    }

    bool show_tint() const {
        if (count_ < kEnough)
            return false;
        float variance = 0;
        for (int c = 0; c < 3; ++c) {
            const float mean = sum_[c] / static_cast<float>(count_);
            variance = std::max(variance, squares_[c] / static_cast<float>(count_) - mean * mean);
        }
        return static_cast<float>(least_difference_) >
               std::max(kSameColour, kSameTexture * std::sqrt(variance));
    }

    cv::Vec3b nearest() const { return nearest_; }

private:
    void add(const cv::Vec3b& colour, cv::Point away) {
        int difference = 0;
        for (int c = 0; c < 3; ++c) {
            const auto value = static_cast<float>(colour[c]);
            difference = std::max(difference, std::abs(colour[c] - colour_[c]));
            sum_[c] += value;
            squares_[c] += value * value;
        }
        least_difference_ = std::min(least_difference_, difference);
        if (const int distance = away.dot(away); distance < least_distance_) {
            least_distance_ = distance;
            nearest_ = colour;
        }
        ++count_;
    }

    cv::Vec3b colour_, nearest_;
    cv::Vec3f sum_, squares_;
    int count_ = 0;
    int least_difference_ = std::numeric_limits<int>::max();
    int least_distance_ = std::numeric_limits<int>::max();
};

}  // namespace

InpaintPatch without_tinted_context(const InpaintPatch& patch) {
    const Rings rings = find_rings(patch);
    InpaintPatch cleaned = patch;
    cleaned.rgb = patch.rgb.clone();
    for (const cv::Point p : rings.rim) {
        const Surroundings surroundings(patch, rings, p);
        if (surroundings.show_tint())
            cleaned.rgb(p) = surroundings.nearest();
    }
    return cleaned;
}

}  // namespace unflat
