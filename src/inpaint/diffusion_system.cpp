// SPDX-License-Identifier: MIT
#include "inpaint/diffusion_system.h"

#include <opencv2/core.hpp>

namespace unflat {

bool InpaintPatch::joined(int x, int y, bool down) const {
    const int other_x = x + (down ? 0 : 1), other_y = y + (down ? 1 : 0);
    return other_x < role.cols && other_y < role.rows && role_at(x, y) != Role::Outside &&
           role_at(other_x, other_y) != Role::Outside && !(cuts(y, x) & (down ? 2 : 1));
}

DiffusionSystem::DiffusionSystem(const InpaintPatch& patch) : width(patch.role.cols) {
    const int height = patch.role.rows;
    cv::Mat_<std::int32_t> index(patch.role.size(), kNone);

    const auto joined = [&](int x, int y, int direction) {
        switch (static_cast<Direction>(direction)) {
            case Direction::Right:
                return patch.joined(x, y, false);
            case Direction::Down:
                return patch.joined(x, y, true);
            case Direction::Left:
                return x > 0 && patch.joined(x - 1, y, false);
            case Direction::Up:
                return y > 0 && patch.joined(x, y - 1, true);
        }
        return false;
    };
    const auto add = [&](int x, int y, std::int32_t ring) {
        index(y, x) = static_cast<std::int32_t>(unknowns.size());
        unknowns.push_back({.pixel = y * width + x, .ring = ring});
    };

    // The first ring touches the context
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            if (patch.role_at(x, y) != Role::Synthesis)
                continue;
            for (int d = 0; d < 4; ++d) {
                const cv::Point q = cv::Point(x, y) + step_of(static_cast<Direction>(d));
                if (joined(x, y, d) && patch.role_at(q.x, q.y) == Role::Context) {
                    add(x, y, 0);
                    break;
                }
            }
        }

    // Further rings touch an earlier one
    const auto grow = [&](std::size_t first) {
        for (std::size_t i = first; i < unknowns.size(); ++i)
            for (int d = 0; d < 4; ++d) {
                const int x = unknowns[i].pixel % width, y = unknowns[i].pixel / width;
                const cv::Point q = cv::Point(x, y) + step_of(static_cast<Direction>(d));
                if (joined(x, y, d) && patch.role_at(q.x, q.y) == Role::Synthesis &&
                    index(q) == kNone)
                    add(q.x, q.y, unknowns[i].ring + 1);
            }
    };
    grow(0);
    reached = unknowns.size();

    // What no context reaches comes last
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            if (patch.role_at(x, y) == Role::Synthesis && index(y, x) == kNone)
                add(x, y, 0);

    for (Unknown& unknown : unknowns)
        for (int d = 0; d < 4; ++d) {
            const int x = unknown.pixel % width, y = unknown.pixel / width;
            if (!joined(x, y, d))
                continue;
            const cv::Point q = cv::Point(x, y) + step_of(static_cast<Direction>(d));
            unknown.neighbours[static_cast<std::size_t>(d)] =
                patch.role_at(q.x, q.y) == Role::Context ? -2 - (q.y * width + q.x) : index(q);
        }
}

}  // namespace unflat
