// SPDX-License-Identifier: MIT
#pragma once

#include "mesh/surface.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace unflat {

using Index = std::int32_t;
inline std::size_t at(Index i) {
    return static_cast<std::size_t>(i);
}

/// One neighbour of a point, and the face from it to the next one.
struct Spoke {
    Index point;
    Index face;  ///< -1 after the last one of an open fan
};

/// The faces around a point, counter-clockwise on the screen.
struct Fan {
    std::vector<Spoke> spokes;
    bool closed = false;
};

/// What runs through a point, and the spokes along which it does.
enum class BorderKind : std::uint8_t { None, Border, Seam, Fixed };
struct BorderEnds {
    BorderKind kind = BorderKind::None;
    std::array<std::size_t, 2> spokes{};  ///< for Border and Seam
};

/// Which faces meet at every point, while points are taken out.
class FaceLinks {
public:
    /// Keeps a reference to the surface, whose faces it changes.
    explicit FaceLinks(Surface& surface);

    bool is_alive(Index face) const { return alive_[at(face)]; }

    /// False if the faces do not form one fan of at least two.
    bool find_fan(Index point, Fan& fan) const;

    BorderEnds border_ends(const Fan& fan) const;

    /// The face on the other side of an edge of a face, or -1.
    Index face_beyond(Index face, Index from, Index to) const;

    /// The two points of a face after a third one, in its order.
    std::pair<Index, Index> others(Index face, Index point) const {
        const auto& p = surface_.faces[at(face)].points;
        const auto id = static_cast<std::uint32_t>(point);
        const std::size_t k = p[0] == id ? 0 : p[1] == id ? 1 : 2;
        return {static_cast<Index>(p[(k + 1) % 3]), static_cast<Index>(p[(k + 2) % 3])};
    }

    /// True if no edge gets a third face when the fan's point is drawn to `target`.
    bool keeps_manifold(const Fan& fan, Index target) const;

    /// Draws a point to a neighbour. @return how many faces vanish
    std::size_t collapse(const Fan& fan, Index point, Index target);

private:
    template <typename Visit>
    void for_faces(Index point, const Visit& visit) const {
        for (Index corner = first_corner_[at(point)]; corner != -1;
             corner = next_corner_[at(corner)])
            if (alive_[at(corner / 3)])
                visit(corner / 3);
    }
    bool are_joined(Index a, Index b) const;

    Surface& surface_;
    std::vector<std::uint8_t> alive_;
    std::vector<Index> first_corner_, next_corner_;  // corner 3 f + k of face f
};

}  // namespace unflat
