// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/inpaint.h"

#include <cstdint>

#include <opencv2/core.hpp>

namespace unflat {

/// What channels and outputs need beyond the patch itself.
struct Needs {
    bool diffused_disparity = false;
    bool diffused_color = false;
    bool exemplar = false;
    bool distance = false;

    friend Needs operator|(const Needs& a, const Needs& b) {
        return {a.diffused_disparity || b.diffused_disparity, a.diffused_color || b.diffused_color,
                a.exemplar || b.exemplar, a.distance || b.distance};
    }
};

/// All that a network may be told of a patch; docs/models.md.
struct Facts {
    const InpaintPatch* patch = nullptr;  ///< not owned
    float mean = 0;                       ///< disparity of the context
    float spread = 1;                     ///< its unit in "disparity_local"
    float largest = 1;                    ///< largest disparity of the context
    float mean_log_depth = 0;             ///< of the context
    cv::Mat_<std::uint8_t> near_side;     ///< 1 on pixels on the near side of a cut
    cv::Mat_<std::uint8_t> mask;          ///< not 0 where the network is to synthesise
    cv::Mat_<float> distance;             ///< to the context [pixels]; may be empty
    cv::Mat_<float> diffused_disparity;   ///< in the synthesis region; may be empty
    cv::Mat_<cv::Vec3f> diffused_color;   ///< likewise
    cv::Mat_<cv::Vec3b> exemplar;         ///< likewise

    bool is_context(int x, int y) const { return patch->role_at(x, y) == Role::Context; }
    bool is_synthesis(int x, int y) const { return patch->role_at(x, y) == Role::Synthesis; }
    /// True if a depth edge lies between two pixels of the patch.
    bool is_cut(int x, int y, bool down) const;
};

struct FactOptions {
    int mask_closing = 0;         ///< side of the square that closes gaps of the regions [pixels]
    bool continued_edges = true;  ///< count edges in the synthesis region
};

/// Measures a patch; what `needs` names and `known` does not hold is made here.
/// @pre the patch outlives the result.
Facts measure(const InpaintPatch& patch, const FactOptions& options, const Needs& needs,
              const Facts& known = {});

}  // namespace unflat
