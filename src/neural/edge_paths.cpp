// SPDX-License-Identifier: MIT
#include "neural/edge_paths.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

namespace unflat {

namespace {

constexpr float kStepCost = 0.05F;  // of the most probable step: shorter is better
constexpr float kWayOut = 4;        // a way out is worth so many steps
constexpr float kRimCost = 4;       // more for a step between context and synthesis region

struct Sides {
    cv::Point left, right;
};

// The pixels beside a step from one grid corner to the next; corner (x, y) is the top-left corner
// of pixel (x, y)
Sides sides_of(cv::Point corner, Direction direction) {
    const auto [x, y] = std::pair(corner.x, corner.y);
    switch (direction) {
        case Direction::Right:
            return {{x, y - 1}, {x, y}};
        case Direction::Down:
            return {{x, y}, {x - 1, y}};
        case Direction::Left:
            return {{x - 1, y}, {x - 1, y - 1}};
        case Direction::Up:
            return {{x - 1, y - 1}, {x, y - 1}};
    }
    return {};
}

constexpr Direction kDirections[] = {Direction::Right, Direction::Down, Direction::Left,
                                     Direction::Up};

// The grid of corners of a patch
class Lattice {
public:
    explicit Lattice(const InpaintPatch& patch) : patch_(patch) {}

    int width() const { return patch_.role.cols + 1; }
    int count() const { return width() * (patch_.role.rows + 1); }
    int index(cv::Point corner) const { return corner.y * width() + corner.x; }
    cv::Point corner(int index) const { return {index % width(), index / width()}; }
    bool contains(cv::Point corner) const {
        return cv::Rect(0, 0, width(), patch_.role.rows + 1).contains(corner);
    }

    Role role(cv::Point pixel) const {
        return cv::Rect({}, patch_.role.size()).contains(pixel) ? patch_.role_at(pixel.x, pixel.y)
                                                                : Role::Outside;
    }
    bool both(const Sides& sides, Role wanted) const {
        return role(sides.left) == wanted && role(sides.right) == wanted;
    }
    // Whether an edge may run between these pixels: both known to be of the patch, one hidden
    bool may_cut(const Sides& sides) const {
        const Role a = role(sides.left), b = role(sides.right);
        return a != Role::Outside && b != Role::Outside &&
               (a == Role::Synthesis || b == Role::Synthesis);
    }

    // Where the bit of a step is kept: the upper or left pixel, and the bit
    static std::pair<cv::Point, std::uint8_t> bit_of(const Sides& sides) {
        const bool down = sides.left.x == sides.right.x;
        const bool left_first = down ? sides.left.y < sides.right.y : sides.left.x < sides.right.x;
        return {left_first ? sides.left : sides.right, down ? std::uint8_t{2} : std::uint8_t{1}};
    }
    bool is_cut(const cv::Mat_<std::uint8_t>& cuts, const Sides& sides) const {
        const auto [pixel, bit] = bit_of(sides);
        return (cuts(pixel) & bit) != 0;
    }

private:
    const InpaintPatch& patch_;
};

// Where a depth edge of the context meets the synthesis region
struct End {
    cv::Point corner;
    bool near_is_left = false;  // as seen on the way in
};

// Whether one of the four pixels around a corner is hidden
bool touches_synthesis(const Lattice& lattice, cv::Point corner) {
    return std::any_of(std::begin(kDirections), std::end(kDirections), [&](Direction direction) {
        return lattice.role(sides_of(corner, direction).left) == Role::Synthesis;
    });
}

std::vector<End> find_ends(const InpaintPatch& patch) {
    const Lattice lattice(patch);
    std::vector<End> ends;
    for (int y = 0; y <= patch.role.rows; ++y)
        for (int x = 0; x <= patch.role.cols; ++x) {
            const cv::Point corner(x, y);
            if (!touches_synthesis(lattice, corner))
                continue;
            int edges = 0;
            End end{.corner = corner};
            for (const Direction outwards : kDirections) {
                const Sides sides = sides_of(corner, outwards);
                if (!lattice.both(sides, Role::Context) || !lattice.is_cut(patch.cuts, sides))
                    continue;
                ++edges;
                // The way in is the opposite one: hands change
                end.near_is_left = patch.disparity(sides.right) > patch.disparity(sides.left);
            }
            if (edges == 1)
                ends.push_back(end);
        }
    return ends;
}

// How probable a step is, and whether it may be taken at all
class Likelihood {
public:
    Likelihood(const Lattice& lattice, const EdgeProbability& probability, float threshold)
        : lattice_(lattice), probability_(probability), threshold_(threshold) {
        if (has_pixels())
            mark_pixels();
        else
            mark_corners();
    }

    // @param near_is_left as seen on the way from `corner`
    float of(cv::Point corner, Direction direction, bool near_is_left) const {
        const Sides sides = sides_of(corner, direction);
        if (!has_pixels())
            return of_border(sides);
        return of_pixel(near_is_left ? sides.left : sides.right);
    }

    // What a step of a line has at least; it ends where there is less
    float expected() const { return peak_ / 2; }

    bool is_supported(cv::Point corner, Direction direction, bool near_is_left) const {
        const Sides sides = sides_of(corner, direction);
        if (!has_pixels())
            return support_(corner) && support_(corner + step_of(direction));
        const cv::Point near = near_is_left ? sides.left : sides.right;
        return lattice_.role(near) != Role::Outside && support_(near);
    }

private:
    bool has_pixels() const { return !probability_.near_side.empty(); }
    float above(float value) const { return value > threshold_ ? value : 0; }

    float of_pixel(cv::Point pixel) const {
        return lattice_.role(pixel) == Role::Synthesis ? above(probability_.near_side(pixel)) : 0;
    }
    float of_border(const Sides& sides) const {
        if (!lattice_.may_cut(sides))
            return 0;
        const auto [pixel, bit] = Lattice::bit_of(sides);
        if (lattice_.role(pixel) != Role::Synthesis)
            return 0;  // the network answers for the synthesis region
        return above(bit == 1 ? probability_.right(pixel) : probability_.down(pixel));
    }

    // Probable pixels and those around them, so that a line may begin a pixel further in
    void mark_pixels() {
        const cv::Size size = probability_.near_side.size();
        support_ = cv::Mat_<std::uint8_t>(size, std::uint8_t{0});
        for (int y = 0; y < size.height; ++y)
            for (int x = 0; x < size.width; ++x)
                if (of_pixel({x, y}) > 0) {
                    peak_ = std::max(peak_, of_pixel({x, y}));
                    support_(cv::Rect(x - 1, y - 1, 3, 3) & cv::Rect({}, size)).setTo(1);
                }
    }

    // Corners at which a probable border ends
    void mark_corners() {
        const cv::Size size = probability_.right.size() + cv::Size(1, 1);
        support_ = cv::Mat_<std::uint8_t>(size, std::uint8_t{0});
        for (int i = 0; i < lattice_.count(); ++i)
            for (const Direction direction : {Direction::Right, Direction::Down}) {
                const cv::Point corner = lattice_.corner(i), next = corner + step_of(direction);
                if (!lattice_.contains(next) || of_border(sides_of(corner, direction)) <= 0)
                    continue;
                support_(corner) = support_(next) = 1;
                peak_ = std::max(peak_, of_border(sides_of(corner, direction)));
            }
    }

    const Lattice& lattice_;
    const EdgeProbability& probability_;
    float threshold_;
    cv::Mat_<std::uint8_t> support_;  // pixels or corners
    float peak_ = 0;                  // the largest probability
};

constexpr float kNever = -1e30F;

// The cheapest ways from one end to everywhere
struct Ways {
    std::vector<int> from;     // corner before, or -1
    std::vector<float> score;  // of the way to there; kNever: none
};

class Cleaner {
public:
    Cleaner(const InpaintPatch& patch, const EdgeProbability& probability, float threshold)
        : patch_(patch),
          lattice_(patch),
          likelihood_(lattice_, probability, threshold),
          ends_(find_ends(patch)),
          end_at_(static_cast<std::size_t>(lattice_.count()), -1),
          blocked_(end_at_.size(), 0) {
        edges_.cuts = patch.cuts.clone();
        edges_.paths = cv::Mat_<std::uint8_t>(patch.cuts.size(), std::uint8_t{0});
    }

    CleanEdges clean() {
        for (std::size_t i = 0; i < ends_.size(); ++i)
            end_at_[at(ends_[i])] = static_cast<int>(i);
        std::vector<std::vector<std::size_t>> partners;
        for (const End& end : ends_)
            partners.push_back(find_partners(end));
        std::vector<std::vector<int>> paths(ends_.size());
        for (std::size_t i = 0; i < ends_.size(); ++i)
            paths[i] = choose_path(i, partners, paths);
        remove_continuations(paths);
        for (const std::vector<int>& path : paths)
            draw(path);
        return std::move(edges_);
    }

private:
    std::size_t at(const End& end) const {
        return static_cast<std::size_t>(lattice_.index(end.corner));
    }

    // Other ends that the same depth edge could come out at: seen on their way in, the near side
    // is on the other hand
    bool fits(const End& start, int end) const {
        return ends_[static_cast<std::size_t>(end)].near_is_left != start.near_is_left;
    }

    // A way may end at another end but not lead through it
    Ways search(const End& start) const {
        const auto count = static_cast<std::size_t>(lattice_.count());
        Ways ways{std::vector<int>(count, -1), std::vector<float>(count, kNever)};
        std::vector<float> cost(count, std::numeric_limits<float>::max());
        using Entry = std::pair<float, int>;
        std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
        cost[at(start)] = ways.score[at(start)] = 0;
        queue.emplace(0.0F, lattice_.index(start.corner));
        while (!queue.empty()) {
            const auto [paid, here] = queue.top();
            queue.pop();
            const auto before = static_cast<std::size_t>(here);
            if (paid > cost[before] || (paid > 0 && end_at_[before] != -1))
                continue;
            const cv::Point corner = lattice_.corner(here);
            for (const Direction direction : kDirections) {
                const cv::Point next = corner + step_of(direction);
                if (!lattice_.contains(next))
                    continue;
                const Sides sides = sides_of(corner, direction);
                const auto to = static_cast<std::size_t>(lattice_.index(next));
                if (!lattice_.may_cut(sides) || blocked_[to] ||
                    (end_at_[to] != -1 && !fits(start, end_at_[to])) ||
                    !likelihood_.is_supported(corner, direction, start.near_is_left))
                    continue;
                const float gain = likelihood_.of(corner, direction, start.near_is_left);
                const float price = paid + 1 - gain + kStepCost +
                                    (lattice_.both(sides, Role::Synthesis) ? 0 : kRimCost);
                if (price >= cost[to])
                    continue;
                cost[to] = price;
                ways.from[to] = here;
                ways.score[to] = ways.score[before] + gain - likelihood_.expected();
                queue.emplace(price, static_cast<int>(to));
            }
        }
        return ways;
    }

    std::vector<std::size_t> find_partners(const End& start) const {
        const Ways ways = search(start);
        std::vector<std::size_t> partners;
        for (std::size_t i = 0; i < ends_.size(); ++i)
            if (ends_[i].corner != start.corner && ways.score[at(ends_[i])] != kNever)
                partners.push_back(i);
        return partners;
    }

    std::vector<int> choose_path(std::size_t end,
                                 const std::vector<std::vector<std::size_t>>& partners,
                                 const std::vector<std::vector<int>>& earlier) {
        const std::vector<std::size_t>& own = partners[end];
        if (own.size() > 1)
            return {};  // it cannot be told which
        if (own.size() == 1) {
            const std::size_t other = own[0];
            if (partners[other].size() > 1)
                return {};
            if (other < end && !earlier[other].empty())
                return earlier[other];  // one edge, found from its other end
            return trace(search(ends_[end]), static_cast<int>(at(ends_[other])));
        }
        const Ways ways = search(ends_[end]);
        return trace(ways, best_goal(ways));
    }

    // Where most of the probability leads, rather to where the synthesis region ends than to a
    // place inside it; -1: nowhere
    int best_goal(const Ways& ways) const {
        int best = -1;
        float most = 0;
        for (int i = 0; i < lattice_.count(); ++i) {
            const float score = ways.score[static_cast<std::size_t>(i)];
            if (score == kNever)
                continue;
            bool is_way_out = false;
            for (const Direction direction : kDirections) {
                const Sides sides = sides_of(lattice_.corner(i), direction);
                is_way_out = is_way_out || lattice_.role(sides.left) == Role::Outside;
            }
            const float value = score + (is_way_out ? kWayOut * likelihood_.expected() : 0);
            if (value <= most)
                continue;
            best = i;
            most = value;
        }
        return best;
    }

    std::vector<int> trace(const Ways& ways, int corner) {
        std::vector<int> path;
        if (corner == -1 || ways.score[static_cast<std::size_t>(corner)] == kNever)
            return path;
        for (; corner != -1; corner = ways.from[static_cast<std::size_t>(corner)]) {
            path.push_back(corner);
            blocked_[static_cast<std::size_t>(corner)] = 1;
        }
        return path;
    }

    // An end that has a path needs no straight continuation. Each cut of the synthesis region
    // belongs to the end that it is nearest to, along cuts.
    void remove_continuations(const std::vector<std::vector<int>>& paths) {
        std::vector<int> owner = end_at_;
        const auto has_path = [&](int end) {
            return !paths[static_cast<std::size_t>(end)].empty();
        };
        std::queue<int> queue;
        for (const End& end : ends_)
            queue.push(lattice_.index(end.corner));
        for (; !queue.empty(); queue.pop()) {
            const cv::Point corner = lattice_.corner(queue.front());
            const int end = owner[static_cast<std::size_t>(queue.front())];
            for (const Direction direction : kDirections) {
                const cv::Point next = corner + step_of(direction);
                const Sides sides = sides_of(corner, direction);
                if (!lattice_.contains(next) || !lattice_.both(sides, Role::Synthesis) ||
                    !lattice_.is_cut(patch_.cuts, sides))
                    continue;
                const auto to = static_cast<std::size_t>(lattice_.index(next));
                if (has_path(end) && (owner[to] == -1 || has_path(owner[to]))) {
                    const auto [pixel, bit] = Lattice::bit_of(sides);
                    edges_.cuts(pixel) = static_cast<std::uint8_t>(edges_.cuts(pixel) & ~bit);
                }
                if (owner[to] == -1) {
                    owner[to] = end;
                    queue.push(static_cast<int>(to));
                }
            }
        }
    }

    void draw(const std::vector<int>& path) {
        for (std::size_t i = 1; i < path.size(); ++i) {
            const cv::Point from = lattice_.corner(path[i - 1]), to = lattice_.corner(path[i]);
            for (const Direction direction : kDirections)
                if (from + step_of(direction) == to) {
                    const auto [pixel, bit] = Lattice::bit_of(sides_of(from, direction));
                    edges_.cuts(pixel) |= bit;
                    edges_.paths(pixel) |= bit;
                }
        }
    }

    const InpaintPatch& patch_;
    Lattice lattice_;
    Likelihood likelihood_;
    std::vector<End> ends_;
    std::vector<int> end_at_;            // per corner: into ends_, or -1
    std::vector<std::uint8_t> blocked_;  // corners that paths have used
    CleanEdges edges_;
};

}  // namespace

CleanEdges clean_edges(const InpaintPatch& patch, const EdgeProbability& probability,
                       float threshold) {
    return Cleaner(patch, probability, threshold).clean();
}

bool has_open_ends(const InpaintPatch& patch) {
    return !find_ends(patch).empty();
}

}  // namespace unflat
