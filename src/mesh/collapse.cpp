// SPDX-License-Identifier: MIT
#include "core/parallel.h"
#include "mesh/simplify.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <unordered_map>
#include <utility>

namespace unflat {

namespace {

using Index = std::int32_t;

std::size_t at(Index i) {
    return static_cast<std::size_t>(i);
}

// A triangle while it is being worked on
struct Face {
    std::array<Index, 3> points;
    std::array<float, 3> strays{0, 0, 0};  // how far the border or seam from point k to k + 1
                                           // may be from where it was [pixels]
    std::int32_t chart = 0;
    Index first_sample = -1;
    bool alive = true;
};

// One neighbour of a point, and the face from it to the next one
struct Spoke {
    Index point;
    Index face;  // -1 after the last one of an open fan
};

// The faces around a point in order, clockwise or not does not matter to those who ask
struct Fan {
    std::vector<Spoke> spokes;
    bool closed = false;
    bool simple = false;  // all faces form one fan
};

// What a collapse may do to the border or seam that runs through a point
enum class Curve { None, Border, Seam, Fixed };

// The working set of one tile: its faces and their points
class TileMesh {
public:
    TileMesh(const std::vector<Surface::Point>& all_points, std::vector<Face>& all_faces,
             const std::vector<Index>& tile_of_point, std::vector<SampledSurface::Sample>& samples,
             std::vector<Index>& local_of_point, Index tile, std::span<const Index> faces)
        : samples_(samples), all_faces_(all_faces), face_ids_(faces) {
        std::unordered_map<Index, Index> shared;
        const auto localize = [&](Index point) {
            const bool inner = tile_of_point[at(point)] == tile;
            Index& local = inner ? local_of_point[at(point)]
                                 : shared.try_emplace(point, Index{-1}).first->second;
            if (local == -1) {
                local = static_cast<Index>(points_.size());
                points_.push_back(all_points[at(point)]);
                ids_.push_back(point);
                locked_.push_back(!inner);
            }
            return local;
        };
        faces_.reserve(faces.size());
        for (const Index id : faces) {
            faces_.push_back(all_faces[at(id)]);
            for (Index& point : faces_.back().points)
                point = localize(point);
        }
        for (const Index id : ids_)
            if (tile_of_point[at(id)] == tile)
                local_of_point[at(id)] = -1;
        link_corners();
    }

    void write_back() {
        for (std::size_t i = 0; i < faces_.size(); ++i) {
            Face face = faces_[i];
            for (Index& point : face.points)
                point = ids_[at(point)];
            all_faces_[at(face_ids_[i])] = face;
        }
    }

    Index point_count() const { return static_cast<Index>(points_.size()); }
    bool locked(Index point) const { return locked_[at(point)]; }
    void lock(Index point) { locked_[at(point)] = true; }
    const Surface::Point& point(Index i) const { return points_[at(i)]; }
    Face& face(Index i) { return faces_[at(i)]; }
    const Face& face(Index i) const { return faces_[at(i)]; }
    SampledSurface::Sample& sample(Index i) { return samples_[at(i)]; }
    Index sample_of_point(Index point) const { return ids_[at(point)]; }
    Index id(Index point) const { return ids_[at(point)]; }

    // Calls visit(face, k) for all faces that have a point, as their k-th
    template <typename Visit>
    void for_faces(Index point, const Visit& visit) const {
        for (Index corner = first_corner_[at(point)]; corner != -1;
             corner = next_corner_[at(corner)])
            if (faces_[at(corner / 3)].alive)
                visit(corner / 3, static_cast<std::size_t>(corner % 3));
    }

    // Moves the corners of one point to another; lists lose their dead faces
    void move_corners(Index from, Index to) {
        Index corner = first_corner_[at(from)];
        first_corner_[at(from)] = -1;
        while (corner != -1) {
            const Index next = next_corner_[at(corner)];
            Face& moved = faces_[at(corner / 3)];
            if (moved.alive) {
                moved.points[at(corner % 3)] = to;
                next_corner_[at(corner)] = first_corner_[at(to)];
                first_corner_[at(to)] = corner;
            }
            corner = next;
        }
    }

    void drop_dead_corners(Index point) {
        Index* place = &first_corner_[at(point)];
        while (*place != -1)
            if (faces_[at(*place / 3)].alive)
                place = &next_corner_[at(*place)];
            else
                *place = next_corner_[at(*place)];
    }

private:
    void link_corners() {
        first_corner_.assign(points_.size(), -1);
        next_corner_.resize(3 * faces_.size());
        for (std::size_t i = 3 * faces_.size(); i-- > 0;) {
            Index& first = first_corner_[at(faces_[i / 3].points[i % 3])];
            next_corner_[i] = first;
            first = static_cast<Index>(i);
        }
    }

    std::vector<SampledSurface::Sample>& samples_;
    std::vector<Face>& all_faces_;
    std::span<const Index> face_ids_;
    std::vector<Surface::Point> points_;
    std::vector<Index> ids_;  // per point: its index in the whole surface
    std::vector<bool> locked_;
    std::vector<Face> faces_;
    std::vector<Index> first_corner_, next_corner_;  // corner 3 f + k of face f
};

float distance_to_segment(const Surface::Point& p, const Surface::Point& a,
                          const Surface::Point& b) {
    const float along_x = b.x - a.x, along_y = b.y - a.y;
    const float squared = along_x * along_x + along_y * along_y;
    const float t = std::clamp(
        ((p.x - a.x) * along_x + (p.y - a.y) * along_y) / std::max(squared, 1e-12F), 0.F, 1.F);
    return std::hypot(p.x - a.x - t * along_x, p.y - a.y - t * along_y);
}

// Collapses the edges of one tile
class Collapser {
public:
    // `waiting` tells per point of the surface whether it is worth a try; locked points keep theirs
    Collapser(TileMesh& mesh, const Ldi& ldi, const SimplifyBounds& bounds,
              std::vector<std::uint8_t>& waiting)
        : mesh_(mesh), ldi_(ldi), bounds_(bounds), waiting_of_all_(waiting) {}

    void run(bool gently_first) {
        // Cheap removals first: the same order as sorting by error, without a queue
        constexpr float kShares[] = {0.35F, 1};
        constexpr int kSweeps = 4;
        remember_inner();
        for (const float share : kShares) {
            if (!gently_first && share < 1)
                continue;
            tolerance_ = share * bounds_.disparity;
            if (gently_first)
                waiting_.assign(at(mesh_.point_count()), true);
            else
                take_waiting();
            Index removed = 1;
            for (int sweep = 0; sweep < kSweeps && removed > 0; ++sweep) {
                removed = 0;
                for (Index i = 0; i < mesh_.point_count(); ++i)
                    if (waiting_[at(i)] && !mesh_.locked(i)) {
                        waiting_[at(i)] = false;
                        removed += try_to_remove(i);
                    }
            }
        }
        for (const Index point : inner_)
            waiting_of_all_[at(mesh_.id(point))] = waiting_[at(point)];
    }

private:
    void remember_inner() {
        for (Index i = 0; i < mesh_.point_count(); ++i)
            if (!mesh_.locked(i))
                inner_.push_back(i);
    }

    // What an earlier round tried in vain, and nothing near it has changed since, is not tried
    // again
    void take_waiting() {
        waiting_.assign(at(mesh_.point_count()), false);
        for (const Index point : inner_)
            waiting_[at(point)] = waiting_of_all_[at(mesh_.id(point))] != 0;
    }

    struct Candidate {
        std::size_t spoke;
        float shape;
    };

    // ---- What surrounds a point

    void find_fan(Index point) {
        around_.clear();
        mesh_.for_faces(point, [&](Index face, std::size_t k) {
            const auto& p = mesh_.face(face).points;
            around_.push_back({p[(k + 1) % 3], p[(k + 2) % 3], face});
        });
        fan_.spokes.clear();
        fan_.simple = false;
        if (around_.empty())
            return;

        // Begin where nothing leads to, else anywhere
        std::size_t start = 0;
        for (std::size_t i = 0; i < around_.size(); ++i)
            if (std::none_of(around_.begin(), around_.end(),
                             [&](const Side& side) { return side.to == around_[i].from; }))
                start = i;
        const Index first = around_[start].from;
        Index next = first;
        for (std::size_t used = 0; used < around_.size(); ++used) {
            const auto side = std::find_if(around_.begin(), around_.end(),
                                           [&](const Side& s) { return s.from == next; });
            if (side == around_.end())
                return;
            fan_.spokes.push_back({next, side->face});
            next = side->to;
            if (next == first && used + 1 < around_.size())
                return;
        }
        fan_.closed = next == first;
        if (!fan_.closed)
            fan_.spokes.push_back({next, -1});
        fan_.simple = true;
    }

    // Finds which neighbours the point may move to
    Curve find_curve() {
        ends_.clear();
        const std::size_t count = fan_.spokes.size();
        for (std::size_t i = 0; i < count; ++i) {
            const Index here = fan_.spokes[i].face;
            const Index before =
                i > 0 ? fan_.spokes[i - 1].face : (fan_.closed ? fan_.spokes[count - 1].face : -1);
            if (here == -1 || before == -1 || mesh_.face(here).chart != mesh_.face(before).chart)
                ends_.push_back(i);
        }
        if (ends_.empty())
            return Curve::None;
        if (ends_.size() != 2)
            return Curve::Fixed;
        return fan_.closed ? Curve::Seam : Curve::Border;
    }

    // ---- May the point go?

    bool try_to_remove(Index point) {
        find_fan(point);
        if (!fan_.simple || fan_.spokes.size() < 3)
            return false;
        const Curve curve = find_curve();
        if (curve == Curve::Fixed)
            return false;
        float stray = 0;
        if (curve != Curve::None) {
            stray = stray_of_curve(point, curve);
            if (!(stray >= 0))
                return false;
        }
        collect_samples(point);
        find_candidates(point, curve);
        for (const Candidate& candidate : candidates_)
            if (keeps_manifold(candidate.spoke) &&
                keeps_samples(point, fan_.spokes[candidate.spoke].point)) {
                collapse(point, candidate.spoke, curve, stray);
                return true;
            }
        return false;
    }

    // How far the curve would lie from where it was; negative if it must stay
    float stray_of_curve(Index point, Curve curve) const {
        constexpr float kCollinear = 1e-3F, kRefused = -1;
        const Surface::Point& p = mesh_.point(point);
        const Surface::Point& a = mesh_.point(fan_.spokes[ends_[0]].point);
        const Surface::Point& b = mesh_.point(fan_.spokes[ends_[1]].point);
        const float distance = distance_to_segment(p, a, b);
        const float stray =
            distance + std::max(stray_along(point, ends_[0]), stray_along(point, ends_[1]));
        if (curve == Curve::Seam)
            return stray <= bounds_.place ? stray : kRefused;
        if (distance < kCollinear)
            return stray;
        // The fan runs counter-clockwise from a to b. The border grows if the point lies on the
        // inner side of the new border
        const bool grows = doubled_area(p, b, a) > 0;
        if (!grows || stray > 2 * bounds_.place)
            return kRefused;
        const bool of_photo = mesh_.face(fan_.spokes[ends_[0]].face).chart == 0;
        return of_photo || stays_behind(a, b) ? stray : kRefused;
    }

    // The stray of the curve between a point and one of its neighbours
    float stray_along(Index point, std::size_t spoke) const {
        float stray = 0;
        const auto look = [&](Index id) {
            if (id == -1)
                return;
            const Face& face = mesh_.face(id);
            for (std::size_t k = 0; k < 3; ++k) {
                const Index from = face.points[k], to = face.points[(k + 1) % 3];
                if ((from == point && to == fan_.spokes[spoke].point) ||
                    (to == point && from == fan_.spokes[spoke].point))
                    stray = std::max(stray, face.strays[k]);
            }
        };
        look(fan_.spokes[spoke].face);
        if (spoke > 0 || fan_.closed)
            look(fan_.spokes[(spoke + fan_.spokes.size() - 1) % fan_.spokes.size()].face);
        return stray;
    }

    // True if the photo lies in front of all that a border from a to b may newly cover
    bool stays_behind(const Surface::Point& a, const Surface::Point& b) const {
        const cv::Rect photo({}, ldi_.camera.size);
        const int reach = static_cast<int>(std::ceil(2 * bounds_.place));
        const int steps = 1 + static_cast<int>(std::max(std::abs(b.x - a.x), std::abs(b.y - a.y)));
        for (int i = 0; i <= steps; ++i) {
            const float t = static_cast<float>(i) / static_cast<float>(steps);
            const float disparity = a.disparity + t * (b.disparity - a.disparity);
            const int x = static_cast<int>(std::floor(a.x + t * (b.x - a.x)));
            const int y = static_cast<int>(std::floor(a.y + t * (b.y - a.y)));
            for (int row = y - reach; row < y + reach; ++row)
                for (int column = x - reach; column < x + reach; ++column)
                    if (photo.contains({column, row}) &&
                        ldi_.pixels[at(row * photo.width + column)].disparity <
                            disparity + bounds_.disparity)
                        return false;
        }
        return true;
    }

    // The neighbours that the point may be drawn to, best shapes first
    void find_candidates(Index point, Curve curve) {
        candidates_.clear();
        const auto consider = [&](std::size_t spoke) {
            const float shape = shape_after(point, spoke);
            if (shape > 0)
                candidates_.push_back({spoke, shape});
        };
        if (curve == Curve::None)
            for (std::size_t i = 0; i < fan_.spokes.size(); ++i)
                consider(i);
        else
            for (const std::size_t end : ends_)
                consider(end);
        std::stable_sort(candidates_.begin(), candidates_.end(),
                         [](const Candidate& a, const Candidate& b) { return a.shape > b.shape; });
    }

    // The worst shape of the triangles that a collapse would leave; 0 if one would turn over
    float shape_after(Index point, std::size_t spoke) const {
        constexpr float kLeastHeight = 0.2F;  // of a triangle [pixels]
        const Index target = fan_.spokes[spoke].point;
        const Surface::Point& t = mesh_.point(target);
        float worst = 2;
        for (const Spoke& s : fan_.spokes) {
            if (s.face == -1)
                continue;
            const auto [b, c] = others(s.face, point);
            if (b == target || c == target)
                continue;
            const Surface::Point& p = mesh_.point(b);
            const Surface::Point& q = mesh_.point(c);
            const float area = doubled_area(t, p, q);
            const float longest =
                std::max({length_squared(t, p), length_squared(p, q), length_squared(q, t)});
            if (!(area > 0) || area * area < kLeastHeight * kLeastHeight * longest ||
                !keeps_texture(t, p, q, bounds_.uv_error))
                return 0;
            worst = std::min(worst, area / longest);
        }
        return worst;
    }

    // True if no edge would get a third face: all neighbours that both ends have lie in faces that
    // vanish. Edges between points of other tiles are not known here, so none is made.
    bool keeps_manifold(std::size_t spoke) const {
        const Index target = fan_.spokes[spoke].point;
        const std::size_t count = fan_.spokes.size();
        for (std::size_t i = 0; i < count; ++i) {
            if (i == spoke)
                continue;
            const bool beside = (i + 1) % count == spoke || (spoke + 1) % count == i;
            const bool vanishes = beside && (fan_.closed || (i + 1 == spoke || spoke + 1 == i));
            if (vanishes)
                continue;
            const Index other = fan_.spokes[i].point;
            if (mesh_.locked(target) && mesh_.locked(other))
                return false;
            if (are_joined(target, other))
                return false;
        }
        return true;
    }

    bool are_joined(Index a, Index b) const {
        bool joined = false;
        mesh_.for_faces(a, [&](Index face, std::size_t) {
            const auto& p = mesh_.face(face).points;
            joined |= p[0] == b || p[1] == b || p[2] == b;
        });
        return joined;
    }

    // ---- Samples

    void collect_samples(Index point) {
        around_samples_.clear();
        for (const Spoke& spoke : fan_.spokes)
            if (spoke.face != -1)
                for (Index s = mesh_.face(spoke.face).first_sample; s != -1;
                     s = mesh_.sample(s).next)
                    around_samples_.push_back(s);
        around_samples_.push_back(mesh_.sample_of_point(point));
    }

    // True if all samples stay within the bound; remembers which face holds which
    bool keeps_samples(Index point, Index target) {
        holders_.clear();
        const Surface::Point& t = mesh_.point(target);
        for (const Index s : around_samples_) {
            const Surface::Point& place = mesh_.sample(s).place;
            Index holder = -1;
            float best = -std::numeric_limits<float>::max(), disparity = 0;
            for (const Spoke& spoke : fan_.spokes) {
                if (spoke.face == -1)
                    continue;
                const auto [b, c] = others(spoke.face, point);
                if (b == target || c == target)
                    continue;
                const Surface::Point& p = mesh_.point(b);
                const Surface::Point& q = mesh_.point(c);
                const float at_t = doubled_area(place, p, q), at_p = doubled_area(t, place, q);
                const float at_q = doubled_area(t, p, place), sum = at_t + at_p + at_q;
                const float inside = std::min({at_t, at_p, at_q}) / sum;
                if (inside <= best)
                    continue;
                best = inside;
                holder = spoke.face;
                disparity = (at_t * t.disparity + at_p * p.disparity + at_q * q.disparity) / sum;
                if (inside >= 0)
                    break;
            }
            if (holder == -1 || !(std::abs(disparity - place.disparity) <= tolerance_))
                return false;
            holders_.push_back(holder);
        }
        return true;
    }

    // ---- Doing it

    void collapse(Index point, std::size_t spoke, Curve curve, float stray) {
        const Index target = fan_.spokes[spoke].point;

        // Hand the samples to the faces that stay
        for (const Spoke& s : fan_.spokes)
            if (s.face != -1)
                mesh_.face(s.face).first_sample = -1;
        for (std::size_t i = 0; i < around_samples_.size(); ++i) {
            Index& first = mesh_.face(holders_[i]).first_sample;
            mesh_.sample(around_samples_[i]).next = first;
            first = around_samples_[i];
        }

        // Take out the faces beside the edge; what is known of their outer edges stays
        for (const Spoke& s : fan_.spokes) {
            if (s.face == -1)
                continue;
            const auto [b, c] = others(s.face, point);
            if (b != target && c != target)
                continue;
            const Index apex = b == target ? c : b;
            inherit(point, target, apex, s.face);
            mesh_.face(s.face).alive = false;
        }
        mesh_.move_corners(point, target);
        mesh_.drop_dead_corners(target);
        if (curve != Curve::None)
            set_stray(target, fan_.spokes[spoke == ends_[0] ? ends_[1] : ends_[0]].point, stray);
        mesh_.lock(point);
        for (const Spoke& s : fan_.spokes)
            waiting_[at(s.point)] = true;
    }

    // The edge from target to apex of a face that vanishes becomes that of its neighbour
    void inherit(Index point, Index target, Index apex, Index vanishing) {
        float stray = 0;
        const Face& old = mesh_.face(vanishing);
        for (std::size_t k = 0; k < 3; ++k)
            if (joins(old, k, target, apex))
                stray = old.strays[k];
        for (const Spoke& s : fan_.spokes) {
            if (s.face == -1 || s.face == vanishing)
                continue;
            Face& face = mesh_.face(s.face);
            for (std::size_t k = 0; k < 3; ++k)
                if (joins(face, k, point, apex))
                    face.strays[k] = std::max(face.strays[k], stray);
        }
    }

    void set_stray(Index a, Index b, float stray) {
        mesh_.for_faces(a, [&](Index id, std::size_t) {
            Face& face = mesh_.face(id);
            for (std::size_t k = 0; k < 3; ++k)
                if (joins(face, k, a, b))
                    face.strays[k] = stray;
        });
    }

    static bool joins(const Face& face, std::size_t k, Index a, Index b) {
        const Index from = face.points[k], to = face.points[(k + 1) % 3];
        return (from == a && to == b) || (from == b && to == a);
    }

    static float length_squared(const Surface::Point& a, const Surface::Point& b) {
        return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
    }

    // The two points of a face after a third one, in its order
    std::pair<Index, Index> others(Index face, Index point) const {
        const auto& p = mesh_.face(face).points;
        if (p[0] == point)
            return {p[1], p[2]};
        return p[1] == point ? std::pair(p[2], p[0]) : std::pair(p[0], p[1]);
    }

    struct Side {
        Index from, to, face;
    };

    TileMesh& mesh_;
    const Ldi& ldi_;
    const SimplifyBounds& bounds_;
    std::vector<std::uint8_t>& waiting_of_all_;
    std::vector<Index> inner_;  // points of this tile alone
    float tolerance_ = 0;
    std::vector<bool> waiting_;  // per point: something near it has changed since it was tried

    // Of the point that is being tried; kept to save allocations
    std::vector<Side> around_;
    Fan fan_;
    std::vector<std::size_t> ends_;  // the spokes that lie on the border or seam
    std::vector<Candidate> candidates_;
    std::vector<Index> around_samples_, holders_;
};

// Divides faces among square tiles by their centre
class Tiles {
public:
    Tiles(const std::vector<Surface::Point>& points, const std::vector<Face>& faces,
          const cv::Rect& canvas, int side, int shift) {
        const int columns = (canvas.width + shift) / side + 1;
        const int rows = (canvas.height + shift) / side + 1;
        tile_of_point.assign(points.size(), -1);
        std::vector<Index> tile_of_face(faces.size());
        first.assign(at(columns * rows) + 1, 0);
        for (std::size_t i = 0; i < faces.size(); ++i) {
            float x = 0, y = 0;
            for (const Index p : faces[i].points) {
                x += points[at(p)].x / 3;
                y += points[at(p)].y / 3;
            }
            const int column = (static_cast<int>(x) - canvas.x + shift) / side;
            const int row = (static_cast<int>(y) - canvas.y + shift) / side;
            const Index tile =
                std::clamp(row, 0, rows - 1) * columns + std::clamp(column, 0, columns - 1);
            tile_of_face[i] = tile;
            ++first[at(tile) + 1];
            for (const Index p : faces[i].points) {
                Index& owner = tile_of_point[at(p)];
                owner = owner == -1 || owner == tile ? tile : kShared;
            }
        }
        for (std::size_t i = 1; i < first.size(); ++i)
            first[i] += first[i - 1];
        order.resize(faces.size());
        std::vector<Index> next(first.begin(), first.end() - 1);
        for (std::size_t i = 0; i < faces.size(); ++i)
            order[at(next[at(tile_of_face[i])]++)] = static_cast<Index>(i);
    }

    static constexpr Index kShared = -2;
    std::vector<Index> tile_of_point;  // kShared if faces of several tiles meet there
    std::vector<Index> first;          // per tile, and one more: where its faces begin in `order`
    std::vector<Index> order;
};

}  // namespace

void collapse_edges(SampledSurface& sampled, const Ldi& ldi, const SimplifyBounds& bounds) {
    Surface& surface = sampled.surface;
    std::vector<Face> faces(surface.faces.size());
    for (std::size_t i = 0; i < faces.size(); ++i) {
        for (std::size_t k = 0; k < 3; ++k)
            faces[i].points[k] = static_cast<Index>(surface.faces[i].points[k]);
        faces[i].chart = surface.faces[i].chart;
        faces[i].first_sample = sampled.first_sample[i];
    }

    // What lies on the border of a tile waits for the next round, whose tiles lie otherwise
    struct Round {
        int side, shift;
        bool gently_first;
    };
    constexpr Round kRounds[] = {
        {96, 0, true}, {96, 48, false}, {192, 72, false}, {1536, 0, false}};
    std::vector<Index> local_of_point(surface.points.size(), -1);
    std::vector<std::uint8_t> waiting(surface.points.size(), 1);
    for (const Round& round : kRounds) {
        const Tiles tiles(surface.points, faces, ldi.canvas, round.side, round.shift);
        parallel_ranges(static_cast<int>(tiles.first.size()) - 1, 1, [&](int tile, int) {
            const auto first = at(tiles.first[at(tile)]), last = at(tiles.first[at(tile) + 1]);
            TileMesh mesh(surface.points, faces, tiles.tile_of_point, sampled.samples,
                          local_of_point, tile,
                          std::span(tiles.order).subspan(first, last - first));
            Collapser(mesh, ldi, bounds, waiting).run(round.gently_first);
            mesh.write_back();
        });
        std::erase_if(faces, [](const Face& face) { return !face.alive; });
    }

    surface.faces.clear();
    for (const Face& face : faces)
        surface.faces.push_back({{static_cast<std::uint32_t>(face.points[0]),
                                  static_cast<std::uint32_t>(face.points[1]),
                                  static_cast<std::uint32_t>(face.points[2])},
                                 face.chart});
}

}  // namespace unflat
