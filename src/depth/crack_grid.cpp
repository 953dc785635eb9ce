// SPDX-License-Identifier: MIT
#include "depth/crack_grid.h"

#include "core/parallel.h"

#include <algorithm>
#include <cmath>

namespace unflat {
namespace {

constexpr int kRowsPerRange = 32;
constexpr float kSlopeShare = 0.4F;   // rise on both sides of a link that makes it part of a slope
constexpr float kCreaseShare = 0.8F;  // the same on one side alone, where a slope begins
constexpr int kSlopeLinks = 6;        // links looked at on either side at 1024 px, and at least
constexpr int kLeastSlopeLinks = 4;
constexpr float kReferenceSide = 1024;
constexpr float kGapShare = 0.25F;  // a closed gap must be at least this share of the threshold

/// Whether a link between pixels (x, y) and (x, y) + step is part of a steep slope, not a step: the
/// surface rises alike before and after, or much so on one side, where a slope begins.
bool is_slope(const cv::Mat_<float>& disparity, cv::Point pixel, cv::Point step, int links) {
    const cv::Rect all({}, disparity.size());
    const float rise = disparity(pixel + step) - disparity(pixel);
    const auto mean_share = [&](cv::Point from, int way) {
        float total = 0;
        int count = 0;
        for (; count < links; ++count) {
            const cv::Point to = from + way * step;
            if (!all.contains(to))
                break;
            const float share = static_cast<float>(way) * (disparity(to) - disparity(from)) / rise;
            total += std::clamp(share, 0.0F, 1.0F);
            from = to;
        }
        return count == 0 ? 0.0F : total / static_cast<float>(count);
    };
    const float before = mean_share(pixel, -1);
    const float after = mean_share(pixel + step, 1);
    return std::min(before, after) >= kSlopeShare || std::max(before, after) >= kCreaseShare;
}

}  // namespace

CrackGrid::CrackGrid(const cv::Mat_<float>& disparity, float threshold)
    : size_(disparity.size()), cuts_(disparity.size(), std::uint8_t{0}) {
    find_cuts(disparity, threshold);
    close_gaps(disparity, threshold);
    list_cracks(disparity);
}

void CrackGrid::find_cuts(const cv::Mat_<float>& disparity, float threshold) {
    const float scale = static_cast<float>(std::max(size_.width, size_.height)) / kReferenceSide;
    const int links = std::max(kLeastSlopeLinks, cvRound(kSlopeLinks * scale));
    const auto is_cut = [&](int x, int y, cv::Point step) {
        const float rise = disparity(y + step.y, x + step.x) - disparity(y, x);
        return std::abs(rise) > threshold && !is_slope(disparity, {x, y}, step, links);
    };
    parallel_ranges(size_.height, kRowsPerRange, [&](int first, int last) {
        for (int y = first; y < last; ++y) {
            const float* row = disparity[y];
            const float* below = disparity[std::min(y + 1, size_.height - 1)];
            std::uint8_t* cuts = cuts_[y];
            for (int x = 0; x < size_.width; ++x) {
                const int right = std::min(x + 1, size_.width - 1);
                // Most links are no candidates: look twice only at those that are
                if (std::abs(row[right] - row[x]) > threshold && is_cut(x, y, {1, 0}))
                    cuts[x] = Right;
                if (std::abs(below[x] - row[x]) > threshold && is_cut(x, y, {0, 1}))
                    cuts[x] = static_cast<std::uint8_t>(cuts[x] | Down);
            }
        }
    });
}

void CrackGrid::close_gaps(const cv::Mat_<float>& disparity, float threshold) {
    const float least = kGapShare * threshold;
    const auto is_gap = [&](float before, float own, float after) {
        return own * before > 0 && own * after > 0 && std::abs(own) > least;
    };
    std::vector<std::pair<cv::Point, Cut>> gaps;
    const auto rise = [&](int x, int y, int dx, int dy) {
        return disparity(y + dy, x + dx) - disparity(y, x);
    };
    for (int y = 0; y < size_.height; ++y) {
        const std::uint8_t* cuts = cuts_[y];
        const std::uint8_t* above = y > 0 ? cuts_[y - 1] : nullptr;
        const std::uint8_t* below = y + 1 < size_.height ? cuts_[y + 1] : nullptr;
        for (int x = 0; x + 1 < size_.width; ++x) {
            if (above && below && (above[x] & below[x] & ~cuts[x] & Right) &&
                is_gap(rise(x, y - 1, 1, 0), rise(x, y, 1, 0), rise(x, y + 1, 1, 0)))
                gaps.push_back({{x, y}, Right});
            if (x > 0 && below && (cuts[x - 1] & cuts[x + 1] & ~cuts[x] & Down) &&
                is_gap(rise(x - 1, y, 0, 1), rise(x, y, 0, 1), rise(x + 1, y, 0, 1)))
                gaps.push_back({{x, y}, Down});
        }
    }
    for (const auto& [pixel, cut] : gaps)
        cuts_(pixel) = static_cast<std::uint8_t>(cuts_(pixel) | cut);
}

void CrackGrid::list_cracks(const cv::Mat_<float>& disparity) {
    row_starts_.reserve(static_cast<std::size_t>(size_.height) + 1);
    const auto add = [&](int x, int y, Direction direction) {
        const cv::Point step = step_of(direction);
        const int own = y * size_.width + x;
        const int other = own + step.y * size_.width + step.x;
        if (disparity(y, x) > disparity(y + step.y, x + step.x))
            cracks_.push_back({own, other, direction});
        else
            cracks_.push_back({other, own, opposite(direction)});
    };
    for (int y = 0; y < size_.height; ++y) {
        row_starts_.push_back(static_cast<int>(cracks_.size()));
        const std::uint8_t* cuts = cuts_[y];
        for (int x = 0; x < size_.width; ++x) {
            if (cuts[x] & Right)
                add(x, y, Direction::Right);
            if (cuts[x] & Down)
                add(x, y, Direction::Down);
        }
    }
    row_starts_.push_back(static_cast<int>(cracks_.size()));
    alive_.assign(cracks_.size(), 1);
}

cv::Point CrackGrid::place(int crack) const {
    const Crack& c = cracks_[static_cast<std::size_t>(crack)];
    const int pixel = std::min(c.near_pixel, c.far_pixel);
    return {pixel % size_.width, pixel / size_.width};
}

bool CrackGrid::is_right(int crack) const {
    const Direction direction = cracks_[static_cast<std::size_t>(crack)].far_from_near;
    return direction == Direction::Right || direction == Direction::Left;
}

int CrackGrid::find(int x, int y, Cut cut) const {
    const int pixel = y * size_.width + x;
    const auto begin = cracks_.begin() + row_starts_[static_cast<std::size_t>(y)];
    const auto end = cracks_.begin() + row_starts_[static_cast<std::size_t>(y) + 1];
    const auto first = std::partition_point(begin, end, [&](const Crack& crack) {
        return std::min(crack.near_pixel, crack.far_pixel) < pixel;
    });
    const int index = static_cast<int>(first - cracks_.begin());
    return is_right(index) == (cut == Right) ? index : index + 1;
}

void CrackGrid::heal(int crack) {
    const cv::Point pixel = place(crack);
    alive_[static_cast<std::size_t>(crack)] = 0;
    cuts_(pixel) = static_cast<std::uint8_t>(cuts_(pixel) & ~(is_right(crack) ? Right : Down));
}

CrackGrid::End CrackGrid::end(int crack, int which) const {
    // The corner, of which (x, y) is the lower right pixel
    const cv::Point pixel = place(crack);
    const int x = pixel.x + (is_right(crack) || which == 1 ? 1 : 0);
    const int y = pixel.y + (!is_right(crack) || which == 1 ? 1 : 0);
    End result{.corner = static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width + 1) +
                         static_cast<std::size_t>(x)};
    if (x == 0 || y == 0 || x == size_.width || y == size_.height)
        return result;

    // The four pixels clockwise from the upper left one; link k joins pixels k and k + 1
    const std::array<int, 4> pixels{(y - 1) * size_.width + x - 1, (y - 1) * size_.width + x,
                                    y * size_.width + x, y * size_.width + x - 1};
    const std::array<bool, 4> is_cut{(cuts_(y - 1, x - 1) & Right) != 0,
                                     (cuts_(y - 1, x) & Down) != 0, (cuts_(y, x - 1) & Right) != 0,
                                     (cuts_(y - 1, x - 1) & Down) != 0};
    const auto cut_count = std::count(is_cut.begin(), is_cut.end(), true);
    if (cut_count == 1)
        return result;
    result.kind = End::Junction;
    if (cut_count > 2)
        return result;

    // Two cuts part the four pixels into two arcs: both near pixels must lie on one
    const auto link_of = [&](int i) {
        const std::array<int, 4> found{
            is_cut[0] ? find(x - 1, y - 1, Right) : -1, is_cut[1] ? find(x, y - 1, Down) : -1,
            is_cut[2] ? find(x - 1, y, Right) : -1, is_cut[3] ? find(x - 1, y - 1, Down) : -1};
        return found[static_cast<std::size_t>(i)];
    };
    int next = -1;
    for (int i = 0; i < 4; ++i)
        if (is_cut[static_cast<std::size_t>(i)] && link_of(i) != crack)
            next = link_of(i);
    std::array<int, 4> arc{0, 0, 0, 0};
    for (std::size_t i = 1; i < 4; ++i)
        arc[i] = is_cut[i - 1] ? 1 - arc[i - 1] : arc[i - 1];
    const auto arc_of_near = [&](int index) {
        const int near_pixel = cracks_[static_cast<std::size_t>(index)].near_pixel;
        const auto at = std::find(pixels.begin(), pixels.end(), near_pixel) - pixels.begin();
        return arc[static_cast<std::size_t>(at)];
    };
    if (arc_of_near(crack) == arc_of_near(next)) {
        result.kind = End::Continued;
        result.next = next;
    }
    return result;
}

}  // namespace unflat
