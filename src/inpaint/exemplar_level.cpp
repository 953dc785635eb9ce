// SPDX-License-Identifier: MIT
#include "inpaint/exemplar_level.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace unflat::exemplar {

namespace {

constexpr std::uint8_t kCutRight = 1, kCutDown = 2;
constexpr int kTextureReach = 2;       // the texture of a pixel: a window of 5 x 5
constexpr float kTextureWeight = 2.F;  // texture against colour in the distance of squares
constexpr int kBandTargets = 2048;     // targets per unit of work, rounded up to whole rows

constexpr std::size_t kEnoughSources = 64;  // else smaller squares, of which there are more

// A cut against what is not of the surface would only taint squares that do not reach it.
void drop_idle_cuts(Level& level) {
    for (int p = 0; p < level.size() - level.width; ++p) {
        if (level.role[at(p + 1)] == 0)
            level.cuts[at(p)] &= static_cast<std::uint8_t>(~kCutRight);
        if (level.role[at(p + level.width)] == 0)
            level.cuts[at(p)] &= static_cast<std::uint8_t>(~kCutDown);
    }
}

float luma(const Texel& t) {
    return 0.299F * static_cast<float>(t[0]) + 0.587F * static_cast<float>(t[1]) +
           0.114F * static_cast<float>(t[2]);
}

void resize(Level& level, int width, int height) {
    level.width = width;
    level.height = height;
    level.role.assign(at(level.size()), 0);
    level.cuts.assign(at(level.size()), 0);
    level.texels.assign(at(level.size()), Texel());
}

// Mean change of brightness between neighbours of the context, over a window around each pixel:
// tells blurred places from textured ones, which colour alone confuses once votes are averaged.
void measure_texture(Level& level) {
    const int width = level.width;
    cv::Mat_<float> change(level.height, width, 0.F), count(level.height, width, 0.F);
    for (int p = 0; p < level.size() - width; ++p) {
        if (level.role_at(p) != Role::Context)
            continue;
        const float here = luma(level.texels[at(p)]);
        for (const bool down : {false, true}) {
            const int q = down ? p + width : p + 1;
            if (level.role_at(q) != Role::Context || !level.joined(p, down))
                continue;
            change(p / width, p % width) += std::abs(luma(level.texels[at(q)]) - here);
            count(p / width, p % width) += 1;
        }
    }
    const auto window_sum = [&](const cv::Mat_<float>& values) {
        cv::Mat_<float> rows(values.size(), 0.F), sums(values.size(), 0.F);
        for (int y = 0; y < values.rows; ++y)
            for (int x = kTextureReach; x < values.cols - kTextureReach; ++x)
                for (int d = -kTextureReach; d <= kTextureReach; ++d)
                    rows(y, x) += values(y, x + d);
        for (int y = kTextureReach; y < values.rows - kTextureReach; ++y)
            for (int d = -kTextureReach; d <= kTextureReach; ++d)
                for (int x = 0; x < values.cols; ++x)
                    sums(y, x) += rows(y + d, x);
        return sums;
    };
    const cv::Mat_<float> change_sum = window_sum(change), count_sum = window_sum(count);
    for (int p = 0; p < level.size(); ++p)
        if (level.role_at(p) == Role::Context) {
            const float mean =
                change_sum(p / width, p % width) / std::max(1.F, count_sum(p / width, p % width));
            level.texels[at(p)][3] = cv::saturate_cast<std::uint8_t>(kTextureWeight * mean);
        }
}

// The pixels of a square that are reached from its centre without crossing a depth edge.
Mask reachable(const Level& level, int centre) {
    const int half = level.half(), side = level.side;
    std::array<std::pair<int, int>, kMaxSide * kMaxSide> queue;
    std::size_t first = 0, last = 0;
    queue[last++] = {0, 0};
    Mask mask = Mask{1} << (half * side + half);
    while (first < last) {
        const auto [dx, dy] = queue[first++];
        const int p = centre + dy * level.width + dx;
        const auto visit = [&](int x, int y, bool joined) {
            const Mask bit = Mask{1} << ((y + half) * side + x + half);
            if (joined && !(mask & bit)) {
                mask |= bit;
                queue[last++] = {x, y};
            }
        };
        if (dx < half)
            visit(dx + 1, dy, level.joined(p, false));
        if (dx > -half)
            visit(dx - 1, dy, level.joined(p - 1, false));
        if (dy < half)
            visit(dx, dy + 1, level.joined(p, true));
        if (dy > -half)
            visit(dx, dy - 1, level.joined(p - level.width, true));
    }
    return mask;
}

// Marks every position whose square holds a marked pixel.
std::vector<std::uint8_t> dilate(const Level& level, const std::vector<std::uint8_t>& marks,
                                 int half) {
    std::vector<std::uint8_t> rows(marks.size(), 0), all(marks.size(), 0);
    for (int y = kMargin; y < level.height - kMargin; ++y)
        for (int d = -half; d <= half; ++d)
            for (int p = y * level.width + kMargin; p < (y + 1) * level.width - kMargin; ++p)
                rows[at(p)] |= marks[at(p + d)];
    for (int y = kMargin; y < level.height - kMargin; ++y)
        for (int d = -half; d <= half; ++d)
            for (int p = y * level.width + kMargin; p < (y + 1) * level.width - kMargin; ++p)
                all[at(p)] |= rows[at(p + d * level.width)];
    return all;
}

void find_sources(Level& level, const std::vector<std::uint8_t>& flaws) {
    std::vector<std::uint8_t> unknown = flaws;
    for (std::size_t p = 0; p < unknown.size(); ++p)
        unknown[p] |= level.role[p] != static_cast<std::uint8_t>(Role::Context);
    const auto tainted = dilate(level, unknown, level.half());
    level.is_source.assign(unknown.size(), 0);
    level.sources.clear();
    for (int p = 0; p < level.size(); ++p)
        if (level.role_at(p) == Role::Context && !tainted[at(p)]) {
            level.is_source[at(p)] = 1;
            level.sources.push_back(p);
        }
}

void find_targets(Level& level, const std::vector<std::uint8_t>& flaws) {
    std::vector<std::uint8_t> open(flaws.size());
    for (std::size_t p = 0; p < open.size(); ++p)
        open[p] = level.role[p] == static_cast<std::uint8_t>(Role::Synthesis);
    const auto near_open = dilate(level, open, level.half());
    const auto tainted = dilate(level, flaws, level.half());
    level.target_at.assign(flaws.size(), -1);
    level.targets.clear();
    level.masks.clear();
    level.bands.assign(1, 0);
    for (int y = 0; y < level.height; ++y) {
        for (int p = y * level.width; p < (y + 1) * level.width; ++p)
            if (near_open[at(p)] && level.role_at(p) != Role::Outside) {
                level.target_at[at(p)] = static_cast<int>(level.targets.size());
                level.targets.push_back(p);
                level.masks.push_back(tainted[at(p)] ? reachable(level, p) : level.full_mask());
            }
        if (static_cast<int>(level.targets.size()) - level.bands.back() >= kBandTargets)
            level.bands.push_back(static_cast<int>(level.targets.size()));
    }
    if (level.bands.back() < static_cast<int>(level.targets.size()))
        level.bands.push_back(static_cast<int>(level.targets.size()));
}

// Breadth-first from the context into the synthesis region, along links.
void measure_steps(Level& level) {
    level.steps.assign(at(level.size()), 0);
    std::vector<int> front, next;
    for (int p = 0; p < level.size(); ++p)
        if (level.role_at(p) == Role::Context)
            front.push_back(p);
    for (std::uint16_t step = 1; !front.empty(); step = static_cast<std::uint16_t>(step + 1)) {
        next.clear();
        const auto visit = [&](int q, bool joined) {
            if (joined && level.role_at(q) == Role::Synthesis && level.steps[at(q)] == 0) {
                level.steps[at(q)] = step;
                next.push_back(q);
            }
        };
        for (const int p : front) {
            visit(p + 1, level.joined(p, false));
            visit(p - 1, level.joined(p - 1, false));
            visit(p + level.width, level.joined(p, true));
            visit(p - level.width, level.joined(p - level.width, true));
        }
        std::swap(front, next);
    }
}

}  // namespace

bool Level::joined(int position, bool down) const {
    const int other = position + (down ? width : 1);
    return role[at(position)] != 0 && role[at(other)] != 0 &&
           !(cuts[at(position)] & (down ? kCutDown : kCutRight));
}

Surfaces find_surfaces(const InpaintPatch& patch) {
    const cv::Size size = patch.role.size();
    Surfaces surfaces{.labels = cv::Mat_<int>(size, 0), .boxes = {cv::Rect()}};
    std::vector<cv::Point> queue;
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            if (surfaces.labels(y, x) != 0 || patch.role_at(x, y) == Role::Outside)
                continue;
            const int label = static_cast<int>(surfaces.boxes.size());
            cv::Point low(x, y), high(x, y);
            const auto visit = [&](int to_x, int to_y, bool joined) {
                if (!joined || surfaces.labels(to_y, to_x) != 0)
                    return;
                surfaces.labels(to_y, to_x) = label;
                queue.emplace_back(to_x, to_y);
            };
            visit(x, y, true);
            while (!queue.empty()) {
                const cv::Point p = queue.back();
                queue.pop_back();
                low = {std::min(low.x, p.x), std::min(low.y, p.y)};
                high = {std::max(high.x, p.x), std::max(high.y, p.y)};
                if (p.x + 1 < size.width)
                    visit(p.x + 1, p.y, patch.joined(p.x, p.y, false));
                if (p.x > 0)
                    visit(p.x - 1, p.y, patch.joined(p.x - 1, p.y, false));
                if (p.y + 1 < size.height)
                    visit(p.x, p.y + 1, patch.joined(p.x, p.y, true));
                if (p.y > 0)
                    visit(p.x, p.y - 1, patch.joined(p.x, p.y - 1, true));
            }
            surfaces.boxes.emplace_back(low, high + cv::Point(1, 1));
        }
    return surfaces;
}

Level cut_out(const InpaintPatch& patch, const cv::Mat_<int>& labels, int label,
              const cv::Rect& box) {
    Level level;
    level.origin = box.tl() - cv::Point(kMargin, kMargin);
    resize(level, box.width + 2 * kMargin, box.height + 2 * kMargin);
    for (int y = box.y; y < box.y + box.height; ++y)
        for (int x = box.x; x < box.x + box.width; ++x) {
            if (labels(y, x) != label)
                continue;
            const std::size_t p = at((y - level.origin.y) * level.width + x - level.origin.x);
            const cv::Vec3b& rgb = patch.rgb(y, x);
            level.role[p] = patch.role(y, x);
            level.cuts[p] = patch.cuts(y, x);
            if (patch.role_at(x, y) == Role::Context)
                level.texels[p] = Texel(rgb[0], rgb[1], rgb[2], 0);
        }
    drop_idle_cuts(level);
    measure_texture(level);
    return level;
}

Level half_scale(const Level& fine) {
    Level coarse;
    coarse.scale = 2 * fine.scale;
    const int inner_width = (fine.width - 2 * kMargin + 1) / 2;
    const int inner_height = (fine.height - 2 * kMargin + 1) / 2;
    resize(coarse, inner_width + 2 * kMargin, inner_height + 2 * kMargin);
    for (int y = 0; y < inner_height; ++y)
        for (int x = 0; x < inner_width; ++x) {
            // The four pixels are inside the fine level's margin, whatever its size
            const int p = (kMargin + 2 * y) * fine.width + kMargin + 2 * x;
            const std::array<int, 4> parts = {p, p + 1, p + fine.width, p + fine.width + 1};
            int context = 0, synthesis = 0;
            cv::Vec4i sum;
            for (const int part : parts) {
                synthesis += fine.role_at(part) == Role::Synthesis;
                if (fine.role_at(part) == Role::Context) {
                    ++context;
                    sum += cv::Vec4i(fine.texels[at(part)]);
                }
            }
            if (context + synthesis == 0)
                continue;
            const std::size_t to = at((kMargin + y) * coarse.width + kMargin + x);
            const Role role = context >= synthesis ? Role::Context : Role::Synthesis;
            coarse.role[to] = static_cast<std::uint8_t>(role);
            for (int c = 0; context > 0 && c < 4; ++c)
                coarse.texels[to][c] = static_cast<std::uint8_t>((sum[c] + context / 2) / context);
            if (!fine.joined(p + 1, false) && !fine.joined(p + fine.width + 1, false))
                coarse.cuts[to] |= kCutRight;
            if (!fine.joined(p + fine.width, true) && !fine.joined(p + fine.width + 1, true))
                coarse.cuts[to] |= kCutDown;
        }
    drop_idle_cuts(coarse);
    return coarse;
}

void prepare_squares(Level& level, int side) {
    std::vector<std::uint8_t> flaws(at(level.size()));
    for (std::size_t p = 0; p < flaws.size(); ++p)
        flaws[p] = level.role[p] == 0 || level.cuts[p] != 0;
    const auto context = at(static_cast<int>(std::count(level.role.begin(), level.role.end(),
                                                        static_cast<std::uint8_t>(Role::Context))));
    const std::size_t enough = std::clamp(context / 4, std::size_t{1}, kEnoughSources);
    for (level.side = side; level.side >= 3; level.side -= 2) {
        find_sources(level, flaws);
        if (level.sources.size() >= enough)
            break;
    }
    if (level.side < 3) {
        level.side = 3;
        level.sources.clear();
        return;
    }
    find_targets(level, flaws);
    measure_steps(level);
}

}  // namespace unflat::exemplar
