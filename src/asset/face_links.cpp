// SPDX-License-Identifier: MIT
#include "asset/face_links.h"

#include <algorithm>

namespace unflat {

FaceLinks::FaceLinks(Surface& surface) : surface_(surface) {
    alive_.assign(surface.faces.size(), 1);
    first_corner_.assign(surface.points.size(), -1);
    next_corner_.resize(3 * surface.faces.size());
    for (std::size_t i = next_corner_.size(); i-- > 0;) {
        Index& first = first_corner_[surface.faces[i / 3].points[i % 3]];
        next_corner_[i] = first;
        first = static_cast<Index>(i);
    }
}

bool FaceLinks::find_fan(Index point, Fan& fan) const {
    struct Side {
        Index from, to, face;
    };
    constexpr std::size_t kMostFaces = 64;
    Side sides[kMostFaces];
    std::size_t count = 0;
    bool too_many = false;
    for_faces(point, [&](Index face) {
        const auto [from, to] = others(face, point);
        if (count < kMostFaces)
            sides[count++] = {from, to, face};
        else
            too_many = true;
    });
    fan.spokes.clear();
    if (count < 2 || too_many)
        return false;

    // Begin where nothing leads to, else anywhere
    std::size_t start = 0;
    for (std::size_t i = 0; i < count; ++i)
        if (std::none_of(sides, sides + count,
                         [&](const Side& side) { return side.to == sides[i].from; }))
            start = i;
    // Faces may meet at an edge in threes; none is used twice
    const Index first = sides[start].from;
    Index next = first;
    for (std::size_t used = 0; used < count; ++used) {
        Side* const side =
            std::find_if(sides, sides + count, [&](const Side& s) { return s.from == next; });
        if (side == sides + count)
            return false;
        fan.spokes.push_back({next, side->face});
        next = side->to;
        side->from = -1;
        if (next == first && used + 1 < count)
            return false;
    }
    fan.closed = next == first;
    if (!fan.closed)
        fan.spokes.push_back({next, -1});
    return fan.spokes.size() >= 3;
}

BorderEnds FaceLinks::border_ends(const Fan& fan) const {
    BorderEnds ends;
    const std::size_t count = fan.spokes.size();
    std::size_t end_count = 0;
    const auto chart = [&](Index face) { return surface_.faces[at(face)].chart; };
    for (std::size_t i = 0; i < count; ++i) {
        const Index here = fan.spokes[i].face;
        const Index before =
            i > 0 ? fan.spokes[i - 1].face : (fan.closed ? fan.spokes[count - 1].face : -1);
        if (here == -1 || before == -1 || chart(here) != chart(before))
            ends.spokes[end_count++ % 2] = i;
    }
    if (end_count == 0)
        return ends;
    if (end_count != 2)
        ends.kind = BorderKind::Fixed;
    else
        ends.kind = fan.closed ? BorderKind::Seam : BorderKind::Border;
    return ends;
}

Index FaceLinks::face_beyond(Index face, Index from, Index to) const {
    Index found = -1;
    for_faces(from, [&](Index other) {
        if (other == face)
            return;
        const auto [b, c] = others(other, from);
        if (b == to || c == to)
            found = other;
    });
    return found;
}

bool FaceLinks::keeps_manifold(const Fan& fan, Index target) const {
    const std::size_t count = fan.spokes.size();
    std::size_t spoke = 0;
    while (fan.spokes[spoke].point != target)
        ++spoke;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == spoke)
            continue;
        const bool beside = (i + 1) % count == spoke || (spoke + 1) % count == i;
        const bool vanishes = beside && (fan.closed || i + 1 == spoke || spoke + 1 == i);
        if (!vanishes && are_joined(target, fan.spokes[i].point))
            return false;
    }
    return true;
}

bool FaceLinks::are_joined(Index a, Index b) const {
    bool joined = false;
    for_faces(a, [&](Index face) {
        const auto [p, q] = others(face, a);
        joined |= p == b || q == b;
    });
    return joined;
}

std::size_t FaceLinks::collapse(const Fan& fan, Index point, Index target) {
    std::size_t vanished = 0;
    for (const Spoke& spoke : fan.spokes) {
        if (spoke.face == -1)
            continue;
        const auto [b, c] = others(spoke.face, point);
        if (b == target || c == target) {
            alive_[at(spoke.face)] = 0;
            ++vanished;
        }
    }
    Index corner = first_corner_[at(point)];
    first_corner_[at(point)] = -1;
    while (corner != -1) {
        const Index next = next_corner_[at(corner)];
        if (alive_[at(corner / 3)]) {
            surface_.faces[at(corner / 3)].points[at(corner % 3)] =
                static_cast<std::uint32_t>(target);
            next_corner_[at(corner)] = first_corner_[at(target)];
            first_corner_[at(target)] = corner;
        }
        corner = next;
    }
    return vanished;
}

}  // namespace unflat
