// SPDX-License-Identifier: MIT
#include "core/parallel.h"
#include "mesh/simplify.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>

namespace unflat {

namespace {

constexpr int kLargestUnit = 64;  // [pixels a side], powers of two
constexpr int kSmallestUnit = 8;

// A square of 2^level pixels
struct Block {
    int x, y, level;  // in the unit
};

// A part of a chart that can be one block at most
struct Unit {
    std::int32_t chart;
    int side;                          // [pixels]
    cv::Point origin;                  // in the photo's raster
    std::vector<std::int32_t> pixels;  // side x side, -1 where the chart has none
    std::vector<Block> blocks;

    std::size_t place(int x, int y) const { return static_cast<std::size_t>(y * side + x); }
    std::int32_t pixel(int x, int y) const { return pixels[place(x, y)]; }
    void clear_pixels() { pixels.assign(place(0, side), -1); }
};

// Divides the charts among units with the same grid for all, so that blocks of neighbours match
std::vector<Unit> make_units(const Ldi& ldi, const Charts& charts) {
    std::vector<Unit> units;
    const cv::Point corner = ldi.canvas.tl();
    for (std::size_t c = 0; c < charts.charts.size(); ++c) {
        // A block is not larger than the chart's shorter side
        const cv::Rect box = charts.charts[c].box - corner;
        const auto shorter = static_cast<unsigned>(std::min(box.width, box.height));
        const int side =
            std::clamp(static_cast<int>(std::bit_floor(shorter)), kSmallestUnit, kLargestUnit);
        const cv::Rect cells(
            cv::Point(box.x / side, box.y / side),
            cv::Point((box.x + box.width - 1) / side + 1, (box.y + box.height - 1) / side + 1));
        const std::size_t first = units.size();
        for (int y = cells.y; y < cells.y + cells.height; ++y)
            for (int x = cells.x; x < cells.x + cells.width; ++x)
                units.push_back(
                    {static_cast<std::int32_t>(c), side, cv::Point(x * side, y * side) + corner});
        if (c == 0)
            continue;  // the photo's pixels are found without a list
        for (const std::int32_t pixel : charts.charts[c].pixels) {
            const LdiPixel& p = ldi.pixels[static_cast<std::size_t>(pixel)];
            const cv::Point place = cv::Point(p.x, p.y) - corner;
            const int cell = (place.y / side - cells.y) * cells.width + place.x / side - cells.x;
            Unit& unit = units[first + static_cast<std::size_t>(cell)];
            if (unit.pixels.empty())
                unit.clear_pixels();
            unit.pixels[unit.place(place.x % side, place.y % side)] = pixel;
        }
    }
    return units;
}

void list_photo_pixels(const Ldi& ldi, const Charts& charts, Unit& unit) {
    unit.clear_pixels();
    const cv::Size photo = ldi.camera.size;
    const cv::Point first(std::max(0, -unit.origin.x), std::max(0, -unit.origin.y));
    const cv::Point last(std::min(unit.side, photo.width - unit.origin.x),
                         std::min(unit.side, photo.height - unit.origin.y));
    for (int y = first.y; y < last.y; ++y)
        for (int x = first.x; x < last.x; ++x) {
            const int pixel = (unit.origin.y + y) * photo.width + unit.origin.x + x;
            if (charts.of_pixel[static_cast<std::size_t>(pixel)] == 0)
                unit.pixels[unit.place(x, y)] = pixel;
        }
}

// Finds the largest flat blocks of one unit, bottom-up
class BlockFinder {
public:
    BlockFinder(const Ldi& ldi, const CornerVertices& corners, const SimplifyBounds& bounds,
                Unit& unit)
        : ldi_(ldi), bounds_(bounds), unit_(unit) {
        levels_.assign(unit.pixels.size(), -1);
        disparities_.resize(unit.pixels.size());
        for (std::size_t i = 0; i < levels_.size(); ++i) {
            if (unit.pixels[i] == -1)
                continue;
            levels_[i] = 0;
            for (std::size_t k = 0; k < 4; ++k)
                disparities_[i][k] = corners.disparities[static_cast<std::size_t>(
                    corners.of_pixel[static_cast<std::size_t>(unit.pixels[i])][k])];
        }
    }

    void find() {
        for (int level = 1; 1 << level <= unit_.side; ++level)
            if (!merge_level(level))
                break;
        for (int y = 0; y < unit_.side; ++y)
            for (int x = 0; x < unit_.side; ++x) {
                const int level = level_at(x, y);
                const int mask = (1 << std::max(level, 0)) - 1;
                if (level >= 0 && (x & mask) == 0 && (y & mask) == 0)
                    unit_.blocks.push_back({x, y, level});
            }
    }

private:
    std::int8_t& level_at(int x, int y) { return levels_[unit_.place(x, y)]; }
    float disparity(int x, int y, int corner) const {
        return disparities_[unit_.place(x, y)][static_cast<std::size_t>(corner)];
    }

    bool merge_level(int level) {
        const int size = 1 << level;
        bool merged = false;
        for (int y = 0; y < unit_.side; y += size)
            for (int x = 0; x < unit_.side; x += size)
                if (is_whole(x, y, level) && is_flat(x, y, size)) {
                    merged = true;
                    for (int row = y; row < y + size; ++row)
                        std::fill_n(&level_at(x, row), size, static_cast<std::int8_t>(level));
                }
        return merged;
    }

    // Four blocks of the level below, linked along their common sides
    bool is_whole(int x, int y, int level) {
        const int half = 1 << (level - 1);
        if (level_at(x, y) != level - 1 || level_at(x + half, y) != level - 1 ||
            level_at(x, y + half) != level - 1 || level_at(x + half, y + half) != level - 1)
            return false;
        const auto linked = [&](int a_x, int a_y, Direction direction) {
            const cv::Point b = cv::Point(a_x, a_y) + step_of(direction);
            return ldi_.pixels[static_cast<std::size_t>(unit_.pixel(a_x, a_y))].link(direction) ==
                   unit_.pixel(b.x, b.y);
        };
        for (int i = 0; i < 2 * half; ++i)
            if (!linked(x + half - 1, y + i, Direction::Right) ||
                !linked(x + i, y + half - 1, Direction::Down))
                return false;
        return true;
    }

    bool is_flat(int x, int y, int size) const {
        const int last = size - 1;
        const float top_left = disparity(x, y, kTopLeft);
        const float top_right = disparity(x + last, y, kTopRight);
        const float bottom_left = disparity(x, y + last, kBottomLeft);
        const float bottom_right = disparity(x + last, y + last, kBottomRight);
        const float per_x =
            (top_right - top_left + bottom_right - bottom_left) / (2 * static_cast<float>(size));
        const float per_y =
            (bottom_left - top_left + bottom_right - top_right) / (2 * static_cast<float>(size));
        float low = top_left, high = top_left, nearest = top_left, farthest = top_left;
        const auto add = [&](int i, int j, float value) {
            const float above =
                value - per_x * static_cast<float>(i) - per_y * static_cast<float>(j);
            low = std::min(low, above);
            high = std::max(high, above);
            nearest = std::max(nearest, value);
            farthest = std::min(farthest, value);
        };
        for (int j = 0; j < size; ++j) {
            for (int i = 0; i < size; ++i)
                add(i, j, disparity(x + i, y + j, kTopLeft));
            add(size, j, disparity(x + last, y + j, kTopRight));
            add(j, size, disparity(x + j, y + last, kBottomLeft));
            if (high - low > 2 * bounds_.disparity)
                return false;
        }
        add(size, size, bottom_right);
        const float diagonal = std::sqrt(2.F) * static_cast<float>(size);
        return high - low <= 2 * bounds_.disparity &&
               diagonal * (nearest - farthest) <= 2 * bounds_.uv_error * (nearest + farthest);
    }

    const Ldi& ldi_;
    const SimplifyBounds& bounds_;
    Unit& unit_;
    std::vector<std::int8_t> levels_;  // per pixel: of its block, -1 where there is none
    std::vector<std::array<float, 4>> disparities_;
};

// The vertices along a block's outline
class Outline {
public:
    Outline(const Ldi& ldi, const CornerVertices& corners, const Unit& unit)
        : ldi_(ldi), corners_(corners), unit_(unit) {}

    // Calls visit(vertex, needed) counter-clockwise on the screen from the top-left corner.
    // Needed: corners, and where a crack or another sheet begins.
    template <typename Visit>
    void walk(const Block& block, const Visit& visit) const {
        struct Side {
            cv::Point start, step;
            Corner corner;
            Direction outwards;
        };
        const int last = (1 << block.level) - 1;
        const cv::Point origin(block.x, block.y);
        const Side sides[4] = {
            {{0, 0}, {0, 1}, kTopLeft, Direction::Left},
            {{0, last}, {1, 0}, kBottomLeft, Direction::Down},
            {{last, last}, {0, -1}, kBottomRight, Direction::Right},
            {{last, 0}, {-1, 0}, kTopRight, Direction::Up},
        };
        for (const Side& side : sides) {
            std::int32_t before = -1;
            for (int i = 0; i <= last; ++i) {
                const cv::Point place = origin + side.start + i * side.step;
                const std::int32_t pixel = unit_.pixel(place.x, place.y);
                const std::int32_t beyond =
                    ldi_.pixels[static_cast<std::size_t>(pixel)].link(side.outwards);
                const bool needed = i == 0 || !follows(before, beyond, side.step);
                visit(corners_.of_pixel[static_cast<std::size_t>(pixel)]
                                       [static_cast<std::size_t>(side.corner)],
                      needed);
                before = beyond;
            }
        }
    }

private:
    // True if what lies beyond the outline goes on as it was
    bool follows(std::int32_t before, std::int32_t beyond, cv::Point step) const {
        if (before == -1 || beyond == -1)
            return before == beyond;
        const Direction along = step.x > 0   ? Direction::Right
                                : step.x < 0 ? Direction::Left
                                : step.y > 0 ? Direction::Down
                                             : Direction::Up;
        return ldi_.pixels[static_cast<std::size_t>(before)].link(along) == beyond;
    }

    const Ldi& ldi_;
    const CornerVertices& corners_;
    const Unit& unit_;
};

constexpr std::uint8_t kKept = 1;

// Several units may keep the same vertex at once
void keep(std::vector<std::uint8_t>& kept, std::int32_t vertex) {
    std::atomic_ref(kept[static_cast<std::size_t>(vertex)]).store(kKept, std::memory_order_relaxed);
}

// What one unit adds to the surface; vertices are still those of pixels
struct UnitFaces {
    std::vector<Surface::Face> faces;
    std::vector<std::int32_t> centre_of_face;  // vertex that the face must stay close to, or -1
    std::vector<std::int32_t> new_points;      // centres of fans
};

class Triangulator {
public:
    Triangulator(const Ldi& ldi, const CornerVertices& corners,
                 const std::vector<std::uint8_t>& kept, const Unit& unit)
        : corners_(corners), kept_(kept), unit_(unit), outline_(ldi, corners, unit) {}

    UnitFaces run() {
        for (const Block& block : unit_.blocks)
            add(block);
        return std::move(result_);
    }

private:
    void add(const Block& block) {
        ring_.clear();
        outline_.walk(block, [&](std::int32_t vertex, bool) {
            if (kept_[static_cast<std::size_t>(vertex)])
                ring_.push_back(vertex);
        });
        const int half = (1 << block.level) / 2;
        const std::int32_t middle_pixel = unit_.pixel(block.x + half, block.y + half);
        const std::int32_t centre =
            block.level == 0 ? -1
                             : corners_.of_pixel[static_cast<std::size_t>(middle_pixel)][kTopLeft];
        if (ring_.size() == 4)
            add_square(centre);
        else
            add_fan(centre);
    }

    // Two triangles, folded along the diagonal that runs more level
    void add_square(std::int32_t centre) {
        const auto rise = [&](std::size_t a, std::size_t b) {
            return std::abs(corners_.disparities[static_cast<std::size_t>(ring_[a])] -
                            corners_.disparities[static_cast<std::size_t>(ring_[b])]);
        };
        if (rise(0, 2) <= rise(1, 3)) {
            add_face(ring_[0], ring_[1], ring_[2], centre);
            add_face(ring_[0], ring_[2], ring_[3], -1);
        } else {
            add_face(ring_[1], ring_[2], ring_[3], centre);
            add_face(ring_[1], ring_[3], ring_[0], -1);
        }
    }

    void add_fan(std::int32_t centre) {
        result_.new_points.push_back(centre);
        for (std::size_t i = 0; i < ring_.size(); ++i)
            add_face(centre, ring_[i], ring_[(i + 1) % ring_.size()], -1);
    }

    void add_face(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t centre) {
        result_.faces.push_back({{static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b),
                                  static_cast<std::uint32_t>(c)},
                                 unit_.chart});
        result_.centre_of_face.push_back(centre);
    }

    const CornerVertices& corners_;
    const std::vector<std::uint8_t>& kept_;
    const Unit& unit_;
    Outline outline_;
    std::vector<std::int32_t> ring_;
    UnitFaces result_;
};

Surface::Point point_of(const CornerVertices& corners, std::int32_t vertex) {
    const cv::Point place = corners.places[static_cast<std::size_t>(vertex)];
    return {static_cast<float>(place.x), static_cast<float>(place.y),
            corners.disparities[static_cast<std::size_t>(vertex)]};
}

// Joins what the units made; only vertices that are kept become points
SampledSurface join(const CornerVertices& corners, std::vector<std::uint8_t>& kept,
                    const std::vector<UnitFaces>& parts) {
    SampledSurface result;
    Surface& surface = result.surface;
    std::size_t face_count = 0;
    for (const UnitFaces& part : parts) {
        face_count += part.faces.size();
        for (const std::int32_t vertex : part.new_points)
            kept[static_cast<std::size_t>(vertex)] = kKept;
    }
    std::vector<std::uint32_t> point_of_vertex(kept.size());
    for (std::size_t i = 0; i < kept.size(); ++i)
        if (kept[i]) {
            point_of_vertex[i] = static_cast<std::uint32_t>(surface.points.size());
            surface.points.push_back(point_of(corners, static_cast<std::int32_t>(i)));
        }

    for (const Surface::Point& point : surface.points)
        result.samples.push_back({point});
    surface.faces.reserve(face_count);
    for (const UnitFaces& part : parts)
        for (std::size_t i = 0; i < part.faces.size(); ++i) {
            Surface::Face face = part.faces[i];
            for (std::uint32_t& point : face.points)
                point = point_of_vertex[point];
            surface.faces.push_back(face);
            const std::int32_t centre = part.centre_of_face[i];
            result.first_sample.push_back(
                centre == -1 ? -1 : static_cast<std::int32_t>(result.samples.size()));
            if (centre != -1)
                result.samples.push_back({point_of(corners, centre)});
        }
    return result;
}

}  // namespace

SampledSurface merge_flat_blocks(const Ldi& ldi, const CornerVertices& corners,
                                 const Charts& charts, const SimplifyBounds& bounds) {
    constexpr int kUnitsPerTask = 4;
    std::vector<Unit> units = make_units(ldi, charts);
    const int unit_count = static_cast<int>(units.size());
    std::vector<std::uint8_t> kept(corners.places.size());
    parallel_ranges(unit_count, kUnitsPerTask, [&](int first, int last) {
        for (int i = first; i < last; ++i) {
            Unit& unit = units[static_cast<std::size_t>(i)];
            if (unit.chart == 0)
                list_photo_pixels(ldi, charts, unit);
            if (unit.pixels.empty())
                continue;
            BlockFinder(ldi, corners, bounds, unit).find();
            const Outline outline(ldi, corners, unit);
            for (const Block& block : unit.blocks)
                outline.walk(block, [&](std::int32_t vertex, bool needed) {
                    if (needed)
                        keep(kept, vertex);
                });
        }
    });

    std::vector<UnitFaces> parts(units.size());
    parallel_ranges(unit_count, kUnitsPerTask, [&](int first, int last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i)
            parts[i] = Triangulator(ldi, corners, kept, units[i]).run();
    });
    return join(corners, kept, parts);
}

}  // namespace unflat
