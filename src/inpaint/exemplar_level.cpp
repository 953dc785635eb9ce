// SPDX-License-Identifier: MIT
#include "inpaint/exemplar_level.h"

#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace unflat::exemplar {

namespace {

constexpr std::uint32_t kTextureWeight = 2;  // texture against colour in the distance of squares
constexpr int kRowGrain = 32;                // rows per unit of work
constexpr int kBandTargets = 2048;           // targets per unit of work, rounded up to whole rows

constexpr std::size_t kEnoughSources = 64;  // else smaller squares, of which there are more

// Calls body(first position, end) for the rows inside the margin, several at a time.
template <typename Body>
void for_rows(const Level& level, const Body& body) {
    parallel_ranges(level.height - 2 * kMargin, kRowGrain, [&](int first, int last) {
        for (int y = first + kMargin; y < last + kMargin; ++y)
            body(y * level.width + kMargin, (y + 1) * level.width - kMargin);
    });
}

void resize(Level& level, int width, int height) {
    level.width = width;
    level.height = height;
    level.role.assign(at(level.size()), 0);
    level.cuts.assign(at(level.size()), 0);
    level.texels.assign(at(level.size()), Texel());
    level.depth.assign(at(level.size()), 0);
}

// A cut against what is not of the surface would only taint squares that do not reach it.
void drop_idle_cuts(Level& level) {
    for_rows(level, [&](int begin, int end) {
        for (int p = begin; p < end; ++p) {
            if (level.role[at(p + 1)] == 0)
                level.cuts[at(p)] &= static_cast<std::uint8_t>(~kCutRight);
            if (level.role[at(p + level.width)] == 0)
                level.cuts[at(p)] &= static_cast<std::uint8_t>(~kCutDown);
        }
    });
}

int luma(const Texel& t) {
    return (77 * t[0] + 150 * t[1] + 29 * t[2]) >> 8;
}

// Adds up the values of each pixel's window, in two passes.
std::vector<std::uint32_t> window_sums(const Level& level,
                                       const std::vector<std::uint32_t>& values) {
    const auto add_up = [&](const std::vector<std::uint32_t>& from, int pitch) {
        std::vector<std::uint32_t> sums(from.size());
        for_rows(level, [&](int begin, int end) {
            const std::uint32_t* in = from.data() + begin;
            std::uint32_t* out = sums.data() + begin;
            for (int x = 0; x < end - begin; ++x, ++in)
                out[x] = in[-2 * pitch] + in[-pitch] + in[0] + in[pitch] + in[2 * pitch];
        });
        return sums;
    };
    return add_up(add_up(values, 1), level.width);
}

// Mean change of brightness between neighbours of the context, over a window around each pixel:
// tells blurred places from textured ones, which colour alone confuses once votes are averaged.
void measure_texture(Level& level) {
    // Two sums at once: changes of brightness below, how many there are above
    constexpr std::uint32_t kOne = 1U << 20;
    std::vector<std::uint32_t> changes(at(level.size()));
    for_rows(level, [&](int begin, int end) {
        for (int p = begin; p < end; ++p) {
            if (level.role_at(p) != Role::Context)
                continue;
            const int here = luma(level.texels[at(p)]);
            for (const bool down : {false, true}) {
                const int q = down ? p + level.width : p + 1;
                if (level.role_at(q) == Role::Context && level.joined(p, down))
                    changes[at(p)] += kOne + static_cast<std::uint32_t>(
                                                 std::abs(luma(level.texels[at(q)]) - here));
            }
        }
    });
    const std::vector<std::uint32_t> sums = window_sums(level, changes);
    for_rows(level, [&](int begin, int end) {
        for (int p = begin; p < end; ++p)
            if (level.role_at(p) == Role::Context) {
                const std::uint32_t count = std::max(1U, sums[at(p)] / kOne);
                const std::uint32_t texture = kTextureWeight * (sums[at(p)] % kOne) / count;
                level.texels[at(p)][3] = cv::saturate_cast<std::uint8_t>(texture);
            }
    });
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
std::vector<std::uint8_t> dilate(const Level& level, std::vector<std::uint8_t>& marks, int half) {
    std::vector<std::uint8_t> dilated(marks.size());
    const cv::Mat from(level.height, level.width, CV_8U, marks.data());
    cv::Mat to(level.height, level.width, CV_8U, dilated.data());
    const cv::Size square(2 * half + 1, 2 * half + 1);
    cv::dilate(from, to, cv::getStructuringElement(cv::MORPH_RECT, square));
    return dilated;
}

void find_sources(Level& level, const std::vector<std::uint8_t>& flaws) {
    std::vector<std::uint8_t> unknown(flaws.size());
    std::transform(flaws.begin(), flaws.end(), level.role.begin(), unknown.begin(),
                   [](std::uint8_t flaw, std::uint8_t role) {
                       return static_cast<std::uint8_t>(
                           flaw | (role != static_cast<std::uint8_t>(Role::Context)));
                   });
    level.is_source = dilate(level, unknown, level.half());
    level.sources.clear();
    for (int p = 0; p < level.size(); ++p) {
        std::uint8_t& is_source = level.is_source[at(p)];
        is_source = !is_source;
        if (is_source)
            level.sources.push_back(p);
    }
}

void find_targets(Level& level) {
    std::vector<std::uint8_t> open(level.role.size());
    for (std::size_t p = 0; p < open.size(); ++p)
        open[p] = level.role[p] == static_cast<std::uint8_t>(Role::Synthesis);
    const auto near_open = dilate(level, open, level.half());
    level.target_at.assign(open.size(), -1);
    level.targets.clear();
    level.bands.assign(1, 0);
    for (int y = 0; y < level.height; ++y) {
        for (int p = y * level.width; p < (y + 1) * level.width; ++p)
            if (near_open[at(p)] && level.role_at(p) != Role::Outside) {
                level.target_at[at(p)] = static_cast<int>(level.targets.size());
                level.targets.push_back(p);
            }
        if (static_cast<int>(level.targets.size()) - level.bands.back() >= kBandTargets)
            level.bands.push_back(static_cast<int>(level.targets.size()));
    }
    if (level.bands.back() < static_cast<int>(level.targets.size()))
        level.bands.push_back(static_cast<int>(level.targets.size()));
}

void find_masks(Level& level, std::vector<std::uint8_t>& flaws) {
    const auto tainted = dilate(level, flaws, level.half());
    level.masks.resize(level.targets.size());
    parallel_ranges(static_cast<int>(level.targets.size()), 4096, [&](int first, int last) {
        for (int i = first; i < last; ++i) {
            const int p = level.targets[at(i)];
            level.masks[at(i)] = tainted[at(p)] ? reachable(level, p) : level.full_mask();
        }
    });
}

// Breadth-first from the context into the synthesis region, along links.
void measure_steps(Level& level) {
    level.steps.assign(at(level.size()), 0);
    std::vector<int> front, next;
    const auto open = [&](int p) { return level.role_at(p) == Role::Synthesis; };
    for (int p = level.width; p < level.size() - level.width; ++p)
        if (level.role_at(p) == Role::Context &&
            (open(p + 1) || open(p - 1) || open(p + level.width) || open(p - level.width)))
            front.push_back(p);
    for (std::uint16_t step = 1; !front.empty(); step = static_cast<std::uint16_t>(step + 1)) {
        next.clear();
        const auto visit = [&](int q, bool joined) {
            if (joined && open(q) && level.steps[at(q)] == 0) {
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

// Provisional labels and which of them are one part (disjoint sets).
class Parts {
public:
    int add() {
        parents_.push_back(static_cast<int>(parents_.size()));
        return parents_.back();
    }
    void join(int a, int b) {
        a = root_of(a);
        b = root_of(b);
        parents_[at(std::max(a, b))] = std::min(a, b);
    }
    // The parts' final numbers from 1 on, by label, in the order of their first labels.
    // The last element is their count.
    std::vector<int> number() {
        std::vector<int> numbers(parents_.size() + 1, 0);
        int count = 0;
        for (int label = 1; label < static_cast<int>(parents_.size()); ++label) {
            const int root = root_of(label);
            numbers[at(label)] = root == label ? ++count : numbers[at(root)];
        }
        numbers.back() = count;
        return numbers;
    }

private:
    int root_of(int label) {
        while (parents_[at(label)] != label)
            label = parents_[at(label)] = parents_[at(parents_[at(label)])];
        return label;
    }
    std::vector<int> parents_{0};
};

struct Extent {
    cv::Point low{1 << 30, 1 << 30}, high{-1, -1};
    void include(int x, int y) {
        low = {std::min(low.x, x), std::min(low.y, y)};
        high = {std::max(high.x, x), std::max(high.y, y)};
    }
    cv::Rect box() const { return {low, high + cv::Point(1, 1)}; }
};

}  // namespace

Surfaces find_surfaces(const InpaintPatch& patch) {
    const cv::Size size = patch.role.size();
    Surfaces surfaces{.labels = cv::Mat_<int>(size, 0), .boxes = {cv::Rect()}};
    Parts parts;
    for (int y = 0; y < size.height; ++y) {
        const std::uint8_t* role = patch.role[y];
        const std::uint8_t* cuts = patch.cuts[y];
        int* labels = surfaces.labels[y];
        for (int x = 0; x < size.width; ++x) {
            if (role[x] == 0)
                continue;
            if (x > 0 && labels[x - 1] != 0 && !(cuts[x - 1] & kCutRight))
                labels[x] = labels[x - 1];
            const int above =
                y > 0 && !(patch.cuts[y - 1][x] & kCutDown) ? surfaces.labels[y - 1][x] : 0;
            if (labels[x] == 0)
                labels[x] = above != 0 ? above : parts.add();
            else if (above != 0 && above != labels[x])
                parts.join(above, labels[x]);
        }
    }
    const std::vector<int> numbers = parts.number();
    std::vector<Extent> extents(at(numbers.back() + 1));
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            if (int& label = surfaces.labels(y, x); label != 0) {
                label = numbers[at(label)];
                extents[at(label)].include(x, y);
            }
    for (std::size_t label = 1; label < extents.size(); ++label)
        surfaces.boxes.push_back(extents[label].box());
    return surfaces;
}

namespace {

float nearest_disparity(const InpaintPatch& patch, const cv::Mat_<int>& labels, int label,
                        const cv::Rect& box) {
    float nearest = 0;
    for (int y = box.y; y < box.br().y; ++y)
        for (int x = box.x; x < box.br().x; ++x)
            if (labels(y, x) == label)
                nearest = std::max(nearest, patch.disparity(y, x));
    return nearest;
}

}  // namespace

Level cut_out(const InpaintPatch& patch, const cv::Mat_<int>& labels, int label,
              const cv::Rect& box) {
    Level level;
    level.origin = box.tl() - cv::Point(kMargin, kMargin);
    resize(level, box.width + 2 * kMargin, box.height + 2 * kMargin);
    const float nearest = nearest_disparity(patch, labels, label, box);
    for_rows(level, [&](int begin, int end) {
        const int y = begin / level.width + level.origin.y;
        for (int p = begin, x = box.x; p < end; ++p, ++x) {
            if (labels(y, x) != label)
                continue;
            const cv::Vec3b& rgb = patch.rgb(y, x);
            level.role[at(p)] = patch.role(y, x);
            level.cuts[at(p)] = patch.cuts(y, x);
            level.depth[at(p)] = cv::saturate_cast<std::uint8_t>((nearest - patch.disparity(y, x)) *
                                                                 kDepthSteps / patch.threshold);
            if (patch.role_at(x, y) == Role::Context)
                level.texels[at(p)] = Texel(rgb[0], rgb[1], rgb[2], 0);
        }
    });
    drop_idle_cuts(level);
    measure_texture(level);
    return level;
}

namespace {

// Makes one coarse pixel of four, the first of which is at `p`. They are inside the fine level's
// margin, whatever its size.
void shrink(const Level& fine, int p, Level& coarse, int to) {
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
        return;
    int depth = 0;
    for (const int part : parts)
        if (fine.role_at(part) != Role::Outside)
            depth += fine.depth[at(part)];
    coarse.depth[at(to)] = static_cast<std::uint8_t>(depth / (context + synthesis));
    const Role role = context >= synthesis ? Role::Context : Role::Synthesis;
    coarse.role[at(to)] = static_cast<std::uint8_t>(role);
    for (int c = 0; context > 0 && c < 4; ++c)
        coarse.texels[at(to)][c] = static_cast<std::uint8_t>((sum[c] + context / 2) / context);
    if (!fine.joined(p + 1, false) && !fine.joined(p + fine.width + 1, false))
        coarse.cuts[at(to)] |= kCutRight;
    if (!fine.joined(p + fine.width, true) && !fine.joined(p + fine.width + 1, true))
        coarse.cuts[at(to)] |= kCutDown;
}

}  // namespace

Level half_scale(const Level& fine) {
    Level coarse;
    coarse.scale = 2 * fine.scale;
    const int inner_width = (fine.width - 2 * kMargin + 1) / 2;
    const int inner_height = (fine.height - 2 * kMargin + 1) / 2;
    resize(coarse, inner_width + 2 * kMargin, inner_height + 2 * kMargin);
    for_rows(coarse, [&](int begin, int end) {
        const int first = (2 * (begin / coarse.width) - kMargin) * fine.width + kMargin;
        for (int to = begin; to < end; ++to)
            shrink(fine, first + 2 * (to - begin), coarse, to);
    });
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
    parallel_ranges(2, 1, [&](int task, int) {
        if (task == 0)
            find_targets(level);
        else
            measure_steps(level);
    });
    find_masks(level, flaws);
}

}  // namespace unflat::exemplar
