// SPDX-License-Identifier: MIT
#include "neural/edge_problems.h"

#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <queue>
#include <type_traits>
#include <utility>

namespace unflat {

namespace {

// A short edge is guessed from little: scenes may have a thousand of them
constexpr int kLeastLength = 4;  // shorter ones go on straight [pixels]
constexpr int kLeastMargin = 16, kMarginPerLength = 2;

constexpr std::array kForward{Direction::Right, Direction::Down};

std::uint8_t bit_of(Direction forward) {
    return forward == Direction::Right ? std::uint8_t{1} : std::uint8_t{2};
}

cv::Rect box_of(const InpaintPatch& patch) {
    return {patch.origin, patch.role.size()};
}

cv::Rect bounding_box(std::span<const InpaintPatch> patches) {
    cv::Rect box;
    for (const InpaintPatch& patch : patches)
        box |= box_of(patch);
    return box;
}

// The patch of every synthesis pixel; no position is in two
cv::Mat_<std::int32_t> map_owners(std::span<const InpaintPatch> patches, const cv::Rect& box) {
    cv::Mat_<std::int32_t> owner(box.size(), -1);
    for (std::size_t i = 0; i < patches.size(); ++i) {
        cv::Mat_<std::uint8_t> hidden;
        cv::compare(patches[i].role, static_cast<int>(Role::Synthesis), hidden, cv::CMP_EQ);
        owner(box_of(patches[i]) - box.tl()).setTo(static_cast<int>(i), hidden);
    }
    return owner;
}

// Pixels that are near one another, as boxes: cells of a grid that touch belong together
class Clusters {
public:
    void add(cv::Point pixel) {
        const std::pair cell(floor_div(pixel.y), floor_div(pixel.x));
        const cv::Rect one(pixel, cv::Size(1, 1));
        const auto [found, is_new] = cells_.try_emplace(cell, one);
        if (!is_new)
            found->second |= one;
    }

    std::vector<cv::Rect> boxes() {
        std::vector<cv::Rect> result;
        while (!cells_.empty()) {
            cv::Rect box;
            std::vector<std::pair<int, int>> open{cells_.begin()->first};
            while (!open.empty()) {
                const auto cell = open.back();
                open.pop_back();
                const auto found = cells_.find(cell);
                if (found == cells_.end())
                    continue;
                box |= found->second;
                cells_.erase(found);
                for (int dy = -1; dy <= 1; ++dy)
                    for (int dx = -1; dx <= 1; ++dx)
                        open.emplace_back(cell.first + dy, cell.second + dx);
            }
            result.push_back(box);
        }
        return result;
    }

private:
    static int floor_div(int value) {
        constexpr int kCell = 32;
        return value >= 0 ? value / kCell : -((kCell - 1 - value) / kCell);
    }
    std::map<std::pair<int, int>, cv::Rect> cells_;
};

bool is_context(const InpaintPatch& patch, cv::Point p) {
    return patch.role_at(p.x, p.y) == Role::Context;
}
bool is_synthesis(const InpaintPatch& patch, cv::Point p) {
    return patch.role_at(p.x, p.y) == Role::Synthesis;
}

// Synthesis pixels beside another patch's, and those that a patch's own context edge ends at
std::map<std::vector<std::size_t>, Clusters> find_places(std::span<const InpaintPatch> patches,
                                                         const cv::Rect& box,
                                                         const cv::Mat_<std::int32_t>& owner) {
    std::map<std::vector<std::size_t>, Clusters> places;
    const cv::Rect inside({}, box.size());
    for (int y = 0; y < box.height; ++y)
        for (int x = 0; x < box.width; ++x)
            for (const Direction direction : kForward) {
                const cv::Point p(x, y), q = p + step_of(direction);
                if (owner(p) == -1 || !inside.contains(q) || owner(q) == -1 || owner(p) == owner(q))
                    continue;
                const auto [a, b] = std::minmax(owner(p), owner(q));
                places[{static_cast<std::size_t>(a), static_cast<std::size_t>(b)}].add(p +
                                                                                       box.tl());
            }
    for (std::size_t i = 0; i < patches.size(); ++i) {
        const InpaintPatch& patch = patches[i];
        const cv::Rect own({}, patch.role.size());
        for (int y = 0; y < own.height; ++y)
            for (int x = 0; x < own.width; ++x)
                for (const Direction direction : kForward) {
                    const cv::Point p(x, y), q = p + step_of(direction);
                    if (!own.contains(q) || !(patch.cuts(p) & bit_of(direction)) ||
                        !is_context(patch, p) || !is_context(patch, q))
                        continue;
                    // The pixels around the two corners of this border
                    const cv::Rect around(p - cv::Point(1, 1), cv::Size(3, 3));
                    const cv::Rect near = (around | (around + step_of(direction))) & own;
                    for (int v = near.y; v < near.br().y; ++v)
                        for (int u = near.x; u < near.br().x; ++u)
                            if (is_synthesis(patch, {u, v}))
                                places[{i}].add(cv::Point(u, v) + patch.origin);
                }
    }
    return places;
}

// Puts the members of a problem on top of one another
class ViewBuilder {
public:
    ViewBuilder(std::span<const InpaintPatch> patches, std::vector<std::size_t> members,
                const cv::Rect& box)
        : patches_(patches), box_(box) {
        problem_.members = std::move(members);
        problem_.owner = cv::Mat_<std::int32_t>(box.size(), -1);
        InpaintPatch& view = problem_.view;
        const InpaintPatch& first = patches[problem_.members[0]];
        view.origin = box.tl();
        view.role = cv::Mat_<std::uint8_t>(box.size(), std::uint8_t{0});
        view.rgb = cv::Mat_<cv::Vec3b>(box.size(), cv::Vec3b(0, 0, 0));
        view.disparity = cv::Mat_<float>(box.size(), 0.0F);
        view.max_disparity = cv::Mat_<float>(box.size(), 0.0F);
        view.cuts = cv::Mat_<std::uint8_t>(box.size(), std::uint8_t{0});
        view.threshold = first.threshold;
        view.range = first.range;
        view.seed = first.seed;
    }

    EdgeProblem build() {
        // What is known hides what lies behind it, be that known or not
        for (const Role role : {Role::Context, Role::Synthesis})
            for (const std::size_t member : problem_.members)
                place(member, role);
        for (int y = 0; y < box_.height; ++y)
            for (int x = 0; x < box_.width; ++x)
                for (const Direction direction : kForward)
                    if (!joined({x, y}, direction))
                        problem_.view.cuts(y, x) |= bit_of(direction);
        return std::move(problem_);
    }

private:
    void place(std::size_t member, Role role) {
        const InpaintPatch& patch = patches_[member];
        InpaintPatch& view = problem_.view;
        const cv::Rect common = box_ & box_of(patch);
        for (int y = common.y; y < common.br().y; ++y)
            for (int x = common.x; x < common.br().x; ++x) {
                const cv::Point from = cv::Point(x, y) - patch.origin,
                                to = cv::Point(x, y) - box_.tl();
                if (patch.role_at(from.x, from.y) != role)
                    continue;
                const bool taken = view.role_at(to.x, to.y) != Role::Outside;
                if (taken && view.disparity(to) >= patch.disparity(from))
                    continue;
                view.role(to) = static_cast<std::uint8_t>(role);
                view.rgb(to) = patch.rgb(from);
                view.disparity(to) = patch.disparity(from);
                view.max_disparity(to) = patch.max_disparity(from);
                problem_.owner(to) = static_cast<std::int32_t>(member);
            }
    }

    bool joined(cv::Point p, Direction direction) const {
        const cv::Point q = p + step_of(direction);
        if (!cv::Rect({}, box_.size()).contains(q))
            return false;
        const std::int32_t a = problem_.owner(p), b = problem_.owner(q);
        if (a == -1 || b == -1)
            return false;
        if (a == b) {
            const InpaintPatch& patch = patches_[static_cast<std::size_t>(a)];
            return !(patch.cuts(p + box_.tl() - patch.origin) & bit_of(direction));
        }
        // Known pixels of two patches: one patch's context may have ended before the other's
        const InpaintPatch& view = problem_.view;
        return is_context(view, p) && is_context(view, q) &&
               std::abs(view.disparity(p) - view.disparity(q)) <= view.threshold;
    }

    std::span<const InpaintPatch> patches_;
    cv::Rect box_;
    EdgeProblem problem_;
};

// Which surface each synthesis pixel of a problem hangs together with, and the disparity at which
struct Sides {
    cv::Mat_<std::int32_t> owner;  // -1: with none
    cv::Mat_<float> guess;
};

Sides find_sides(const EdgeProblem& problem, const CleanEdges& edges) {
    const InpaintPatch& view = problem.view;
    const cv::Rect inside({}, view.role.size());
    Sides sides{cv::Mat_<std::int32_t>(view.role.size(), -1),
                cv::Mat_<float>(view.role.size(), 0.0F)};
    const auto is_cut = [&](const cv::Mat_<std::uint8_t>& cuts, cv::Point p, Direction direction) {
        const bool forward = direction == Direction::Right || direction == Direction::Down;
        const cv::Point first = forward ? p : p + step_of(direction);
        return (cuts(first) & bit_of(forward ? direction : opposite(direction))) != 0;
    };
    std::queue<cv::Point> queue;
    const auto take = [&](cv::Point p, std::int32_t owner, float guess) {
        sides.owner(p) = owner;
        sides.guess(p) = guess;
        queue.push(p);
    };
    constexpr std::array kAll{Direction::Right, Direction::Down, Direction::Left, Direction::Up};
    // From what is known outwards, all at once
    for (int y = 0; y < inside.height; ++y)
        for (int x = 0; x < inside.width; ++x)
            for (const Direction direction : kAll) {
                const cv::Point p(x, y), q = p + step_of(direction);
                if (is_synthesis(view, p) && sides.owner(p) == -1 && inside.contains(q) &&
                    is_context(view, q) && problem.owner(p) == problem.owner(q) &&
                    !is_cut(edges.cuts, p, direction))
                    take(p, problem.owner(q), view.disparity(q));
            }
    for (; !queue.empty(); queue.pop())
        for (const Direction direction : kAll) {
            const cv::Point p = queue.front(), q = p + step_of(direction);
            if (inside.contains(q) && is_synthesis(view, q) && sides.owner(q) == -1 &&
                !is_cut(edges.cuts, p, direction))
                take(q, sides.owner(p), sides.guess(p));
        }
    return sides;
}

// Moves pixels between patches
class Redrawer {
public:
    explicit Redrawer(std::span<const InpaintPatch> patches)
        : box_(bounding_box(patches)), before_(map_owners(patches, box_)) {
        result_.patches.assign(patches.begin(), patches.end());
        result_.origin = box_.tl();
        result_.owner = before_.clone();
    }

    Redrawn redraw(std::span<const EdgeProblem> problems, std::span<const CleanEdges> edges) {
        std::vector<Sides> sides(problems.size());
        parallel_ranges(static_cast<int>(problems.size()), 1, [&](int i, int) {
            const auto n = static_cast<std::size_t>(i);
            sides[n] = find_sides(problems[n], edges[n]);
        });
        for (std::size_t i = 0; i < problems.size(); ++i)
            claim(problems[i], sides[i]);
        make_room(problems);
        for (std::size_t i = 0; i < problems.size(); ++i)
            move_pixels(problems[i], sides[i]);
        for (std::size_t i = 0; i < problems.size(); ++i)
            draw_cuts(problems[i], edges[i]);
        return std::move(result_);
    }

private:
    cv::Point in_box(const EdgeProblem& problem, cv::Point p) const {
        return p + problem.view.origin - box_.tl();
    }

    // The first problem that wants to move a pixel does, if it stays behind what hides it
    void claim(const EdgeProblem& problem, const Sides& sides) {
        for_synthesis(problem, [&](cv::Point p) {
            std::int32_t& owner = result_.owner(in_box(problem, p));
            if (sides.owner(p) != -1 && sides.owner(p) != problem.owner(p) &&
                owner == problem.owner(p) && sides.guess(p) <= problem.view.max_disparity(p))
                owner = sides.owner(p);
        });
    }

    bool has_moved(cv::Point p) const { return result_.owner(p) != before_(p); }

    // Enlarges the members of problems to hold their whole views; their own copies from then on
    void make_room(std::span<const EdgeProblem> problems) {
        std::map<std::size_t, cv::Rect> boxes;
        for (const EdgeProblem& problem : problems)
            for (const std::size_t member : problem.members)
                boxes[member] |= box_of(problem.view);
        for (const auto& [member, views] : boxes) {
            InpaintPatch& patch = result_.patches[member];
            const cv::Rect box = box_of(patch) | views;
            const cv::Rect place = box_of(patch) - box.tl();
            const auto enlarge = [&](auto& map, auto outside) {
                auto larger = std::remove_reference_t<decltype(map)>(box.size(), outside);
                map.copyTo(larger(place));
                map = larger;
            };
            constexpr std::uint8_t kAllCut = 3;
            enlarge(patch.role, std::uint8_t{0});
            enlarge(patch.rgb, cv::Vec3b(0, 0, 0));
            enlarge(patch.disparity, 0.0F);
            enlarge(patch.max_disparity, 0.0F);
            enlarge(patch.cuts, kAllCut);
            patch.origin = box.tl();
        }
    }

    void move_pixels(const EdgeProblem& problem, const Sides& sides) {
        for_synthesis(problem, [&](cv::Point p) {
            const std::int32_t owner = result_.owner(in_box(problem, p));
            if (!has_moved(in_box(problem, p)) || owner != sides.owner(p))
                return;
            InpaintPatch& from = result_.patches[static_cast<std::size_t>(problem.owner(p))];
            InpaintPatch& to = result_.patches[static_cast<std::size_t>(owner)];
            const cv::Point old_place = p + problem.view.origin - from.origin;
            const cv::Point place = p + problem.view.origin - to.origin;
            from.role(old_place) = static_cast<std::uint8_t>(Role::Outside);
            from.disparity(old_place) = from.max_disparity(old_place) = 0;
            to.role(place) = static_cast<std::uint8_t>(Role::Synthesis);
            to.rgb(place) = cv::Vec3b(0, 0, 0);
            to.disparity(place) = sides.guess(p);
            to.max_disparity(place) = problem.view.max_disparity(p);
        });
    }

    // Cuts of the members, wherever the view shows their synthesis pixels
    void draw_cuts(const EdgeProblem& problem, const CleanEdges& edges) {
        const cv::Rect inside({}, problem.view.role.size());
        for (const std::size_t member : problem.members)
            for (int y = 0; y < inside.height; ++y)
                for (int x = 0; x < inside.width; ++x)
                    for (const Direction direction : kForward) {
                        const cv::Point p(x, y), q = p + step_of(direction);
                        if (inside.contains(q) && shows(problem, p, member) &&
                            shows(problem, q, member))
                            draw_cut(problem, edges, member, p, direction);
                    }
    }

    void draw_cut(const EdgeProblem& problem, const CleanEdges& edges, std::size_t member,
                  cv::Point p, Direction direction) {
        const cv::Point q = p + step_of(direction);
        const bool hidden_p = is_synthesis(problem.view, p),
                   hidden_q = is_synthesis(problem.view, q);
        if (!hidden_p && !hidden_q)
            return;
        const std::uint8_t bit = bit_of(direction);
        const bool to_context = hidden_p != hidden_q;
        const bool moved = has_moved(in_box(problem, p)) || has_moved(in_box(problem, q));
        if (to_context && !moved && !(edges.paths(p) & bit))
            return;
        // A pixel that came to its new surface's context is joined to it
        const cv::Mat_<std::uint8_t>& cuts = to_context ? edges.paths : edges.cuts;
        InpaintPatch& patch = result_.patches[member];
        std::uint8_t& bits = patch.cuts(p + problem.view.origin - patch.origin);
        bits = static_cast<std::uint8_t>((bits & ~bit) | (cuts(p) & bit));
    }

    // Whether what the view has at p is a pixel of this patch now
    bool shows(const EdgeProblem& problem, cv::Point p, std::size_t member) const {
        const auto owner = static_cast<std::int32_t>(member);
        if (is_synthesis(problem.view, p))
            return result_.owner(in_box(problem, p)) == owner;
        return is_context(problem.view, p) && problem.owner(p) == owner;
    }

    template <typename Function>
    static void for_synthesis(const EdgeProblem& problem, const Function& function) {
        for (int y = 0; y < problem.view.role.rows; ++y)
            for (int x = 0; x < problem.view.role.cols; ++x)
                if (is_synthesis(problem.view, {x, y}))
                    function(cv::Point(x, y));
    }

    cv::Rect box_;
    cv::Mat_<std::int32_t> before_;  // owners
    Redrawn result_;
};

}  // namespace

std::vector<EdgeProblem> find_edge_problems(std::span<const InpaintPatch> patches,
                                            int most_margin) {
    std::vector<EdgeProblem> problems;
    if (patches.empty())
        return problems;
    const cv::Rect box = bounding_box(patches);
    auto places = find_places(patches, box, map_owners(patches, box));
    std::vector<std::pair<std::vector<std::size_t>, cv::Rect>> candidates;
    for (auto& [members, clusters] : places) {
        cv::Rect all;
        for (const std::size_t member : members)
            all |= box_of(patches[member]);
        for (const cv::Rect& place : clusters.boxes()) {
            const int length = std::max(place.width, place.height);
            if (length < kLeastLength)
                continue;
            const int margin = std::min(most_margin, kLeastMargin + kMarginPerLength * length);
            const cv::Point around(margin, margin);
            candidates.emplace_back(members,
                                    cv::Rect(place.tl() - around, place.br() + around) & all);
        }
    }

    std::vector<std::optional<EdgeProblem>> built(candidates.size());
    parallel_ranges(static_cast<int>(candidates.size()), 1, [&](int i, int) {
        const auto n = static_cast<std::size_t>(i);
        EdgeProblem problem =
            ViewBuilder(patches, candidates[n].first, candidates[n].second).build();
        if (has_open_ends(problem.view))
            built[n] = std::move(problem);
    });
    for (std::optional<EdgeProblem>& problem : built)
        if (problem)
            problems.push_back(std::move(*problem));
    return problems;
}

void adopt(EdgeProblem& problem, const CleanEdges& edges) {
    const Sides sides = find_sides(problem, edges);
    problem.view.cuts = edges.cuts;
    cv::Mat_<std::uint8_t> found;
    cv::compare(sides.owner, -1, found, cv::CMP_NE);
    sides.guess.copyTo(problem.view.disparity, found);
}

Redrawn redraw(std::span<const InpaintPatch> patches, std::span<const EdgeProblem> problems,
               std::span<const CleanEdges> edges) {
    return Redrawer(patches).redraw(problems, edges);
}

}  // namespace unflat
