// SPDX-License-Identifier: MIT
#pragma once

#include "mesh/surface.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// A surface whose last faces are blended with what is behind them.
struct SoftSurface {
    Surface surface;
    std::size_t blended_faces = 0;      ///< from far to near
    std::vector<std::uint8_t> opacity;  ///< per point, 255 is opaque; empty if no face is blended
};

/// Where the photo's chart ends with nothing beside it: its silhouettes. Of the points on them
/// those with one such edge before and one behind, which thus know their inside.
class Silhouette {
public:
    explicit Silhouette(const Surface& surface);

    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    struct Place {
        std::uint32_t previous = kNone, next = kNone;
        bool is_simple() const { return previous != kNone && next != kNone; }
    };
    const Place& place(std::uint32_t point) const { return places_[point]; }
    /// Points with an edge before and one behind, in order.
    const std::vector<std::uint32_t>& points() const { return points_; }

private:
    std::vector<Place> places_;
    std::vector<std::uint32_t> points_;
};

/// The direction on the photo that leads inside from an edge, of length 1.
cv::Vec2f inwards_of(const Surface::Point& from, const Surface::Point& to);

/// A soft rim at a point of a silhouette.
struct Rim {
    float width = 0;    ///< of the blended strip, inwards [pixels]; 0: none
    float opacity = 1;  ///< at the silhouette; it is opaque at its other side
    float worth = 0;    ///< what views gain by it [levels^2 x pixels]
};

/// Draws the opaque surface back from its silhouettes by the rims' widths and puts blended strips
/// into their place. The surface stays where it was; what would turn a face over is made narrower,
/// or left out.
/// @param rims per point; changed to what was done
SoftSurface carve_rims(const Surface& surface, const Silhouette& silhouette,
                       std::vector<Rim>& rims);

}  // namespace unflat
