// SPDX-License-Identifier: MIT
#include "asset/decimate.h"

#include "asset/asset_charts.h"
#include "asset/face_links.h"
#include "asset/fit_surface.h"
#include "asset/quadric.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <queue>
#include <utility>

namespace unflat {

namespace {

// Borders are kept by planes that stand on them
constexpr double kSeamWorth = 1;     // of a seam between charts, which nobody sees move
constexpr double kShrinkFactor = 4;  // what is uncovered shows something else from everywhere
constexpr float kLargestStray = 2;   // of a border, in bounds
constexpr float kSeamStray = 1;      // of a seam into what is hidden: in the photo's chart stands
                                     // something else there [pixels]
constexpr float kLargestBound = 48;  // [pixels]
constexpr float kLeastSeen = 0.02F;  // what is hardly seen still has a bound

struct Sample {
    Surface::Point place;
    float tolerance;   // of disparity, per pixel of the bound
    float weight = 0;  // of its squared error of disparity [levels^2 x pixels]
    Index next = -1;
};

}  // namespace

struct Decimator::Impl {
    DecimateInput in;
    FaceLinks links;
    std::vector<Quadric> quadrics;      // per point
    std::vector<float> strays;          // per point: how far its border may have moved [pixels]
    std::vector<Sample> samples;        // the first ones: of the points
    std::vector<Index> first_sample;    // per face
    std::vector<std::uint32_t> stamps;  // per point: changes when what it costs may have changed
    struct Entry {
        double cost;
        Index point;
        std::uint32_t stamp;
        bool operator<(const Entry& other) const {
            return std::pair(cost, point) > std::pair(other.cost, other.point);
        }
    };
    std::priority_queue<Entry> queue;
    std::size_t face_count = 0;
    double cost = 0;
    float bound = 1;

    // Of the point that is being tried
    struct Candidate {
        double cost;
        Index target;
    };
    Fan fan;
    std::vector<Candidate> candidates;
    std::vector<Index> held, holders;  // samples around, and the faces that would hold them

    Impl(DecimateInput input, const Parallax& parallax)
        : in(std::move(input)), links(in.surface), face_count(in.surface.faces.size()) {
        bound = in.error;
        add_quadrics(parallax);
        add_samples(parallax);
        stamps.assign(in.surface.points.size(), 0);
        strays.assign(in.surface.points.size(), 0);
        refill();
    }

    const Surface::Point& point(Index i) const { return in.surface.points[at(i)]; }
    const Surface::Face& face(Index i) const { return in.surface.faces[at(i)]; }
    std::int32_t chart(Index f) const { return face(f).chart; }

    // ---- What it would cost

    void add_quadrics(const Parallax& parallax) {
        quadrics.resize(in.surface.points.size());
        for (Index f = 0; f < static_cast<Index>(in.surface.faces.size()); ++f) {
            const auto& p = face(f).points;
            const Surface::Point &a = in.surface.points[p[0]], &b = in.surface.points[p[1]],
                                 &c = in.surface.points[p[2]];
            const double area = 0.5 * static_cast<double>(std::abs(doubled_area(a, b, c)));
            const double moves = static_cast<double>(
                parallax.mean_square((a.x + b.x + c.x) / 3, (a.y + b.y + c.y) / 3));
            // A third of the area for each corner; what a point's fan loses is a sixth of what it
            // would if all of it moved as far
            const Quadric quadric = surface_quadric(
                a, b, c, moves * area * static_cast<double>(in.picture_worth[at(f)]) / 6);
            for (const std::uint32_t i : p)
                quadrics[i].add(quadric);
            for (int k = 0; k < 3; ++k)
                add_border(f, k);
        }
    }

    void add_border(Index f, int k) {
        const auto& p = face(f).points;
        const auto from = static_cast<Index>(p[at(k)]);
        const auto to = static_cast<Index>(p[at((k + 1) % 3)]);
        const Index other = links.face_beyond(f, from, to);
        if (other != -1 && chart(other) == chart(f))
            return;
        const double worth = other == -1 ? static_cast<double>(in.border_worth[at(f)]) : kSeamWorth;
        const Quadric quadric = border_quadric(point(from), point(to), worth / 3);
        quadrics[at(from)].add(quadric);
        quadrics[at(to)].add(quadric);
    }

    void add_samples(const Parallax& parallax) {
        samples.resize(in.surface.points.size());
        std::vector<float> seen(in.surface.points.size(), kLeastSeen);
        for (std::size_t f = 0; f < in.surface.faces.size(); ++f)
            for (const std::uint32_t i : in.surface.faces[f].points)
                seen[i] = std::max(seen[i], in.seen[f]);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const Surface::Point& p = in.surface.points[i];
            constexpr float kLeastParallax = 1e-6F;
            samples[i] = {
                p, 1 / std::max(kLeastParallax, parallax.largest(p.x, p.y) * std::sqrt(seen[i]))};
        }
        for (Index f = 0; f < static_cast<Index>(in.surface.faces.size()); ++f)
            add_weight(f, parallax);
        first_sample.assign(in.surface.faces.size(), -1);
    }

    // Without those that are there twice: once two charts have become one, and where the last point
    // between two faces has gone
    std::vector<Index> remaining_faces() const;

    void add_weight(Index f, const Parallax& parallax) {
        const auto& p = face(f).points;
        const Surface::Point &a = in.surface.points[p[0]], &b = in.surface.points[p[1]],
                             &c = in.surface.points[p[2]];
        const float moves = parallax.mean_square((a.x + b.x + c.x) / 3, (a.y + b.y + c.y) / 3);
        for (const std::uint32_t i : p)
            samples[i].weight +=
                moves * std::abs(doubled_area(a, b, c)) / 6 * in.picture_worth[at(f)];
    }

    // ---- The queue

    void refill() {
        queue = {};
        for (Index i = 0; i < static_cast<Index>(in.surface.points.size()); ++i)
            enter(i);
    }

    void enter(Index i) {
        ++stamps[at(i)];
        if (!links.find_fan(i, fan))
            return;
        list_candidates(i);
        if (!candidates.empty())
            queue.push({candidates.front().cost, i, stamps[at(i)]});
    }

    // Where the point may go, the cheapest first
    void list_candidates(Index i) {
        candidates.clear();
        const BorderEnds ends = links.border_ends(fan);
        if (ends.kind == BorderKind::Fixed)
            return;
        const auto consider = [&](std::size_t spoke) {
            const Index target = fan.spokes[spoke].point;
            double price = quadrics[at(i)].at(point(target));
            if (ends.kind == BorderKind::Border && shrinks(i, ends))
                price *= kShrinkFactor;
            // They are few: put in their order, equal ones as they are found
            const auto place = std::upper_bound(
                candidates.begin(), candidates.end(), price,
                [](double value, const Candidate& other) { return value < other.cost; });
            candidates.insert(place, {price, target});
        };
        if (ends.kind == BorderKind::None)
            for (std::size_t k = 0; k < fan.spokes.size(); ++k)
                consider(k);
        else
            for (const std::size_t k : ends.spokes)
                consider(k);
    }

    // The fan runs counter-clockwise from one end of the border to the other
    bool shrinks(Index i, const BorderEnds& ends) const {
        return doubled_area(point(i), point(fan.spokes[ends.spokes[1]].point),
                            point(fan.spokes[ends.spokes[0]].point)) <= 0;
    }

    // ---- Removing a point

    // Tries the cheapest point. @return false if there is none
    bool step() {
        if (queue.empty())
            return false;
        const Entry entry = queue.top();
        queue.pop();
        const Index i = entry.point;
        if (entry.stamp != stamps[at(i)] || !links.find_fan(i, fan))
            return true;
        list_candidates(i);
        for (const Candidate& candidate : candidates) {
            if (candidate.cost > entry.cost && !queue.empty() &&
                candidate.cost > queue.top().cost) {
                queue.push({candidate.cost, i, entry.stamp});
                return true;
            }
            if (candidate.cost < entry.cost || !is_allowed(i, candidate.target))
                continue;
            collapse(i, candidate);
            return true;
        }
        return true;
    }

    bool is_allowed(Index i, Index target) {
        return keeps_shapes(i, target) && links.keeps_manifold(fan, target) && keeps_border(i) &&
               keeps_samples(i, target);
    }

    bool keeps_shapes(Index i, Index target) const {
        constexpr float kLeastHeight = 0.1F;  // of a triangle [pixels]
        const Surface::Point& t = point(target);
        for (const Spoke& spoke : fan.spokes) {
            if (spoke.face == -1)
                continue;
            const auto [b, c] = links.others(spoke.face, i);
            if (b == target || c == target)
                continue;
            const Surface::Point &p = point(b), &q = point(c);
            const float area = doubled_area(t, p, q);
            const float longest = std::max({squared(t, p), squared(p, q), squared(q, t)});
            if (!(area > 0) || area * area < kLeastHeight * kLeastHeight * longest ||
                !keeps_texture(t, p, q, in.uv_error * std::max(1.F, bound / in.error)))
                return false;
            if (chart(spoke.face) != 0 && !stays_behind(t, p, q))
                return false;
        }
        return true;
    }

    static float squared(const Surface::Point& a, const Surface::Point& b) {
        return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
    }

    // True if the photo lies before a triangle, where the photo is
    bool stays_behind(const Surface::Point& a, const Surface::Point& b,
                      const Surface::Point& c) const {
        constexpr float kCoplanar = 1.01F;  // beside a seam the photo is the surface itself
        const auto behind = [&](float at_a, float at_b) {
            const float at_c = 1 - at_a - at_b;
            const int x = static_cast<int>(at_a * a.x + at_b * b.x + at_c * c.x);
            const int y = static_cast<int>(at_a * a.y + at_b * b.y + at_c * c.y);
            if (x < 0 || y < 0 || x >= in.front.cols || y >= in.front.rows)
                return true;
            const float own = at_a * a.disparity + at_b * b.disparity + at_c * c.disparity;
            return own <= kCoplanar * in.front(y, x);
        };
        constexpr float kThird = 1.F / 3;
        return behind(kThird, kThird) && behind(0.5F, 0.5F) && behind(0.5F, 0) && behind(0, 0.5F);
    }

    bool keeps_border(Index i) const {
        const BorderEnds ends = links.border_ends(fan);
        if (ends.kind == BorderKind::None)
            return true;
        const float stray = stray_after(i, ends);
        if (ends.kind == BorderKind::Border)
            return stray <= kLargestStray * bound;
        // The chart that grows must be painted there, which the photo's is not
        const bool first_shrinks = doubled_area(point(i), point(fan.spokes[ends.spokes[0]].point),
                                                point(fan.spokes[ends.spokes[1]].point)) > 0;
        const Index growing = fan.spokes[ends.spokes[first_shrinks ? 1 : 0]].face;
        return stray <= (chart(growing) == 0 ? kSeamStray : kPaintedBeyond);
    }

    float stray_after(Index i, const BorderEnds& ends) const {
        const Index a = fan.spokes[ends.spokes[0]].point, b = fan.spokes[ends.spokes[1]].point;
        return distance_to_segment(point(i), point(a), point(b)) + strays[at(i)];
    }

    // All places that the fan covers stay within the bound
    bool keeps_samples(Index i, Index target) {
        held.clear();
        holders.clear();
        for (const Spoke& spoke : fan.spokes)
            for (Index s = spoke.face == -1 ? -1 : first_sample[at(spoke.face)]; s != -1;
                 s = samples[at(s)].next)
                held.push_back(s);
        held.push_back(i);
        const Surface::Point& t = point(target);
        for (const Index s : held) {
            const Surface::Point& place = samples[at(s)].place;
            float best = -1e30F, disparity = 0;
            Index holder = -1;
            for (const Spoke& spoke : fan.spokes) {
                if (spoke.face == -1)
                    continue;
                const auto [b, c] = links.others(spoke.face, i);
                if (b == target || c == target)
                    continue;
                const Surface::Point &p = point(b), &q = point(c);
                const float at_t = doubled_area(place, p, q), at_p = doubled_area(t, place, q);
                const float at_q = doubled_area(t, p, place), sum = at_t + at_p + at_q;
                const float inside = std::min({at_t, at_p, at_q}) / sum;
                if (!(inside > best))
                    continue;
                best = inside;
                holder = spoke.face;
                disparity = (at_t * t.disparity + at_p * p.disparity + at_q * q.disparity) / sum;
                if (inside >= 0)
                    break;
            }
            if (holder == -1 ||
                !(std::abs(disparity - place.disparity) <= bound * samples[at(s)].tolerance))
                return false;
            holders.push_back(holder);
        }
        return true;
    }

    void collapse(Index i, const Candidate& candidate) {
        const Index target = candidate.target;
        const BorderEnds ends = links.border_ends(fan);
        if (ends.kind != BorderKind::None) {
            const float stray = stray_after(i, ends);
            for (const std::size_t end : ends.spokes) {
                float& own = strays[at(fan.spokes[end].point)];
                own = std::max(own, stray);
            }
        }
        for (const Spoke& spoke : fan.spokes)
            if (spoke.face != -1)
                first_sample[at(spoke.face)] = -1;
        for (std::size_t k = 0; k < held.size(); ++k) {
            Index& first = first_sample[at(holders[k])];
            samples[at(held[k])].next = first;
            first = held[k];
        }
        face_count -= links.collapse(fan, i, target);
        quadrics[at(target)].add(quadrics[at(i)]);
        cost += candidate.cost;
        ++stamps[at(i)];
        const Fan around = fan;  // entering a point uses the fan
        for (const Spoke& spoke : around.spokes)
            enter(spoke.point);
    }
};

Decimator::Decimator(DecimateInput input, const Parallax& parallax)
    : impl_(std::make_unique<Impl>(std::move(input), parallax)) {}

Decimator::~Decimator() = default;

bool Decimator::reduce_to(std::size_t face_count) {
    while (impl_->face_count > face_count)
        if (!impl_->step())
            return false;
    return true;
}

bool Decimator::double_bound() {
    if (impl_->bound >= kLargestBound)
        return false;
    impl_->bound *= 2;
    impl_->refill();
    return true;
}

void Decimator::merge_into_photo(const std::vector<std::uint8_t>& charts) {
    const cv::Size2f photo(impl_->in.front.size());
    const auto is_inside = [&](std::uint32_t i) {
        const Surface::Point& p = impl_->in.surface.points[i];
        return p.x >= 0 && p.y >= 0 && p.x <= photo.width && p.y <= photo.height;
    };
    for (Surface::Face& face : impl_->in.surface.faces)
        if (charts[static_cast<std::size_t>(face.chart)] &&
            std::all_of(face.points.begin(), face.points.end(), is_inside))
            face.chart = 0;
    impl_->refill();
}

std::vector<Index> Decimator::Impl::remaining_faces() const {
    std::vector<Index> remaining;
    remaining.reserve(face_count);
    for (Index f = 0; f < static_cast<Index>(in.surface.faces.size()); ++f)
        if (links.is_alive(f))
            remaining.push_back(f);
    // The first of twins is kept
    using Key = std::array<std::uint32_t, 4>;  // chart and points, these in order
    std::vector<std::pair<Key, Index>> keys;
    keys.reserve(remaining.size());
    for (const Index f : remaining) {
        const auto& p = face(f).points;
        keys.push_back({{static_cast<std::uint32_t>(chart(f)), p[0], p[1], p[2]}, f});
        std::sort(keys.back().first.begin() + 1, keys.back().first.end());
    }
    std::sort(keys.begin(), keys.end());
    std::vector<std::uint8_t> is_twin(in.surface.faces.size());
    for (std::size_t i = 1; i < keys.size(); ++i)
        is_twin[at(keys[i].second)] = keys[i].first == keys[i - 1].first;
    std::erase_if(remaining, [&](Index f) { return is_twin[at(f)]; });
    return remaining;
}

Surface Decimator::surface() const {
    Surface result{.points = impl_->in.surface.points};
    for (const Index f : impl_->remaining_faces())
        result.faces.push_back(impl_->face(f));
    return result;
}

Surface Decimator::fitted_surface() const {
    Surface result{.points = impl_->in.surface.points};
    std::vector<FitSample> samples;
    samples.reserve(impl_->samples.size());
    std::vector<std::uint8_t> is_used(result.points.size()), is_of_photo(result.points.size());
    const auto add = [&](Index sample, std::uint32_t face) {
        const Sample& s = impl_->samples[at(sample)];
        samples.push_back({face, s.place, s.weight, s.tolerance * impl_->bound});
    };
    for (const Index f : impl_->remaining_faces()) {
        const auto face = static_cast<std::uint32_t>(result.faces.size());
        result.faces.push_back(impl_->face(f));
        for (Index s = impl_->first_sample[at(f)]; s != -1; s = impl_->samples[at(s)].next)
            add(s, face);
        for (const std::uint32_t point : result.faces.back().points) {
            if (!is_used[point])
                add(static_cast<Index>(point), face);
            is_used[point] = 1;
            is_of_photo[point] |= result.faces.back().chart == 0;
        }
    }
    fit_disparity(result, samples, is_of_photo);
    return result;
}

double Decimator::cost() const {
    return impl_->cost;
}

float Decimator::bound() const {
    return impl_->bound;
}

}  // namespace unflat
