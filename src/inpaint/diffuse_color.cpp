// SPDX-License-Identifier: MIT
// Colour by diffusion, from coarse to fine: relaxation alone would need as many sweeps as the
// synthesis region is deep.
#include "unflat/inpaint.h"

#include "inpaint/diffusion_system.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

namespace {

constexpr int kSweeps = 5;  // pairs of sweeps per level
constexpr float kOverRelaxation = 1.4F;
constexpr std::size_t kCoarsestCount = 16;  // cells with which coarsening ends

/// A square of 1, 4, 16, … pixels of one connected part of the synthesis region.
struct Cell {
    std::int32_t x = 0;
    std::int32_t y = 0;
    std::int32_t part = 0;  // which connected part
    std::array<std::int32_t, 4> neighbours{-1, -1, -1, -1};
    std::array<float, 4> weights{};  // number of pixel borders shared with each neighbour
    float known_weight = 0;          // number of pixel borders shared with the context
    cv::Vec3f known_sum{0, 0, 0};    // sum of the context's colours there
    cv::Vec3f color{0, 0, 0};
};

struct Level {
    std::vector<Cell> cells;
    std::vector<std::int32_t> parents;  // of each cell, in the next coarser level
};

// Numbers the connected parts of the unknowns
std::vector<std::int32_t> number_parts(const DiffusionSystem& system) {
    std::vector<std::int32_t> parts(system.unknowns.size(), -1);
    std::vector<std::int32_t> stack;
    std::int32_t part_count = 0;
    for (std::size_t i = 0; i < system.reached; ++i) {
        if (parts[i] != -1)
            continue;
        parts[i] = part_count;
        stack.push_back(static_cast<std::int32_t>(i));
        while (!stack.empty()) {
            const std::int32_t unknown = stack.back();
            stack.pop_back();
            for (const std::int32_t code :
                 system.unknowns[static_cast<std::size_t>(unknown)].neighbours)
                if (code >= 0 && parts[static_cast<std::size_t>(code)] == -1) {
                    parts[static_cast<std::size_t>(code)] = part_count;
                    stack.push_back(code);
                }
        }
        ++part_count;
    }
    return parts;
}

Level finest_level(const InpaintPatch& patch, const DiffusionSystem& system) {
    const std::vector<std::int32_t> parts = number_parts(system);
    Level level;
    level.cells.resize(system.reached);
    for (std::size_t i = 0; i < system.reached; ++i) {
        const DiffusionSystem::Unknown& unknown = system.unknowns[i];
        Cell& cell = level.cells[i];
        cell.x = unknown.pixel % system.width;
        cell.y = unknown.pixel / system.width;
        cell.part = parts[i];
        for (std::size_t d = 0; d < 4; ++d) {
            const std::int32_t code = unknown.neighbours[d];
            if (code >= 0) {
                cell.neighbours[d] = code;
                cell.weights[d] = 1;
            } else if (code < DiffusionSystem::kNone) {
                const int pixel = -2 - code;
                cell.known_weight += 1;
                cell.known_sum += patch.rgb(pixel / system.width, pixel % system.width);
            }
        }
    }
    return level;
}

// Finds coarse cells by place and part; several parts may meet in one square
class CellFinder {
public:
    CellFinder(const std::vector<Cell>& fine, std::vector<Cell>& coarse) : coarse_(coarse) {
        for (const Cell& cell : fine) {
            width_ = std::max(width_, cell.x / 2 + 1);
            height_ = std::max(height_, cell.y / 2 + 1);
        }
        first_.assign(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_), -1);
    }

    std::int32_t find_or_add(int x, int y, std::int32_t part) {
        std::int32_t* place =
            &first_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                    static_cast<std::size_t>(x)];
        while (*place != -1 && coarse_[static_cast<std::size_t>(*place)].part != part)
            place = &next_[static_cast<std::size_t>(*place)];
        if (*place == -1) {
            *place = static_cast<std::int32_t>(coarse_.size());
            const std::int32_t added = *place;
            coarse_.push_back({.x = x, .y = y, .part = part});
            next_.push_back(-1);
            return added;
        }
        return *place;
    }

private:
    std::vector<Cell>& coarse_;
    std::vector<std::int32_t> first_, next_;
    int width_ = 0, height_ = 0;
};

// Joins 2 x 2 cells, each `side` pixels wide, of a part into one
Level coarsen(Level& fine, float side) {
    // The context begins half a pixel beyond a cell's border: it moves away from the cell's centre
    const float known_share = (side + 1) / (2 * side + 1);
    Level level;
    level.cells.reserve(fine.cells.size() / 3 + 1);
    CellFinder finder(fine.cells, level.cells);
    fine.parents.resize(fine.cells.size());
    for (std::size_t i = 0; i < fine.cells.size(); ++i)
        fine.parents[i] =
            finder.find_or_add(fine.cells[i].x / 2, fine.cells[i].y / 2, fine.cells[i].part);
    for (std::size_t i = 0; i < fine.cells.size(); ++i) {
        const Cell& cell = fine.cells[i];
        Cell& parent = level.cells[static_cast<std::size_t>(fine.parents[i])];
        parent.known_weight += cell.known_weight * known_share;
        parent.known_sum += cell.known_sum * known_share;
        for (std::size_t d = 0; d < 4; ++d) {
            if (cell.neighbours[d] == -1)
                continue;
            const std::int32_t beside = fine.parents[static_cast<std::size_t>(cell.neighbours[d])];
            if (beside == fine.parents[i])
                continue;
            // Centres lie twice as far apart, so a border conducts half as much
            parent.neighbours[d] = beside;
            parent.weights[d] += cell.weights[d] / 2;
        }
    }
    return level;
}

void relax(std::vector<Cell>& cells) {
    const auto relax_cell = [&](Cell& cell) {
        cv::Vec3f sum = cell.known_sum;
        float weight = cell.known_weight;
        for (std::size_t d = 0; d < 4; ++d)
            if (cell.neighbours[d] != -1) {
                sum += cells[static_cast<std::size_t>(cell.neighbours[d])].color * cell.weights[d];
                weight += cell.weights[d];
            }
        if (weight > 0)
            cell.color += (sum * (1 / weight) - cell.color) * kOverRelaxation;
    };
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
        std::for_each(cells.begin(), cells.end(), relax_cell);
        std::for_each(cells.rbegin(), cells.rend(), relax_cell);
    }
}

void solve(Level& level, float side = 1) {
    if (level.cells.size() > kCoarsestCount) {
        Level coarse = coarsen(level, side);
        if (coarse.cells.size() < level.cells.size()) {
            solve(coarse, 2 * side);
            for (std::size_t i = 0; i < level.cells.size(); ++i)
                level.cells[i].color =
                    coarse.cells[static_cast<std::size_t>(level.parents[i])].color;
        }
    } else {
        for (Cell& cell : level.cells)
            if (cell.known_weight > 0)
                cell.color = cell.known_sum * (1 / cell.known_weight);
        for (int i = 0; i < 8; ++i)
            relax(level.cells);
    }
    relax(level.cells);
}

}  // namespace

cv::Mat_<cv::Vec3f> diffuse_color(const InpaintPatch& patch) {
    const DiffusionSystem system(patch);
    Level level = finest_level(patch, system);
    solve(level);

    // Where no context is joined there is no better guess than the mean of all of it
    cv::Mat context;
    cv::compare(patch.role, static_cast<int>(Role::Context), context, cv::CMP_EQ);
    const cv::Scalar mean = cv::mean(patch.rgb, context);
    const cv::Vec3f fallback(static_cast<float>(mean[0]), static_cast<float>(mean[1]),
                             static_cast<float>(mean[2]));
    cv::Mat_<cv::Vec3f> color(patch.role.size(), cv::Vec3f(0, 0, 0));
    for (std::size_t i = 0; i < system.unknowns.size(); ++i) {
        const int pixel = system.unknowns[i].pixel;
        color(pixel / system.width, pixel % system.width) =
            i < system.reached ? level.cells[i].color : fallback;
    }
    return color;
}

}  // namespace unflat
