// SPDX-License-Identifier: MIT
// One connected surface of a patch at one scale, laid out for comparing squares of pixels.
#pragma once

#include "unflat/inpaint.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat::exemplar {

constexpr int kMaxSide = 7;  ///< of a square, so that its pixels fit the bits of a Mask
constexpr int kMargin = 8;   ///< Outside pixels around a level: reads of whole squares stay inside

constexpr int kDepthSteps = 2;  ///< of Level::depth, per threshold of a depth edge

/// Bits of the cuts, as in InpaintPatch.
constexpr std::uint8_t kCutRight = 1, kCutDown = 2;

/// Which pixels of a square count: bit `(dy + half) * side + dx + half`.
using Mask = std::uint64_t;

/// Red, green, blue, and how textured the surroundings are.
using Texel = cv::Vec4b;

/// An index for the standard containers, which count in std::size_t.
constexpr std::size_t at(int index) {
    return static_cast<std::size_t>(index);
}

/// A position is an index into the row-major raster of `width` x `height` pixels.
struct Level {
    int width = 0, height = 0;
    int scale = 1;                    ///< side of a pixel, in pixels of the patch
    int side = kMaxSide;              ///< of the compared squares
    cv::Point origin;                 ///< of the raster in the patch; level 0 only
    std::vector<std::uint8_t> role;   ///< Role
    std::vector<std::uint8_t> cuts;   ///< as in InpaintPatch
    std::vector<Texel> texels;        ///< valid in the context
    std::vector<std::uint8_t> depth;  ///< steps behind what is nearest; in the synthesis region of
                                      ///< the patch's first guess

    std::vector<std::uint8_t> is_source;  ///< 1: the square around it is all context, without cuts
    std::vector<int> sources;             ///< their positions
    std::vector<int> targets;    ///< centres of the squares that reach into the synthesis region
    std::vector<Mask> masks;     ///< per target: what of its square is the same surface
    std::vector<int> target_at;  ///< per position: index in `targets` or -1
    std::vector<std::uint16_t> steps;  ///< per synthesis pixel: steps to the context, from 1
    std::vector<int> bands;  ///< first target of each group of rows, and the end: units of work

    int half() const { return side / 2; }
    Mask full_mask() const { return (Mask{1} << (side * side)) - 1; }
    int size() const { return width * height; }
    Role role_at(int position) const { return static_cast<Role>(role[at(position)]); }
    int target_index(int position) const { return target_at[at(position)]; }
    /// True if both pixels are of the surface and no depth edge lies between.
    bool joined(int position, bool down) const {
        const int other = position + (down ? width : 1);
        return role[at(position)] != 0 && role[at(other)] != 0 &&
               !(cuts[at(position)] & (down ? kCutDown : kCutRight));
    }
};

/// Labels the connected parts of context and synthesis region together, over joined() links.
/// @return labels from 1 on, 0 outside; and the bounding boxes, [0] unused.
struct Surfaces {
    cv::Mat_<int> labels;
    std::vector<cv::Rect> boxes;
};
Surfaces find_surfaces(const InpaintPatch& patch);

/// Cuts one surface out of a patch. Sources and targets are not set yet.
Level cut_out(const InpaintPatch& patch, const cv::Mat_<int>& labels, int label,
              const cv::Rect& box);

/// The same surface at half the scale: colours are means over the context alone.
Level half_scale(const Level& fine);

/// Finds sources, targets, masks and steps for squares of `side`. Where the context holds too few
/// whole squares the side is reduced; if even 3 is too large, there are no sources.
void prepare_squares(Level& level, int side);

}  // namespace unflat::exemplar
