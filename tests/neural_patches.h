// SPDX-License-Identifier: MIT
// Patches whose right answer is known by construction.
#pragma once

#include "unflat/inpaint.h"

#include <cstdint>

#include <opencv2/core.hpp>

namespace unflat {

constexpr float kThreshold = 0.04F;

/// A patch of context, of one disparity, with a texture.
inline InpaintPatch context_patch(cv::Size size, float disparity = 1) {
    InpaintPatch patch{
        .role = cv::Mat_<std::uint8_t>(size, static_cast<std::uint8_t>(Role::Context)),
        .rgb = cv::Mat_<cv::Vec3b>(size),
        .disparity = cv::Mat_<float>(size, disparity),
        .max_disparity = cv::Mat_<float>(size, 0.0F),
        .cuts = cv::Mat_<std::uint8_t>(size, std::uint8_t{0}),
        .threshold = kThreshold};
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            patch.rgb(y, x) = {static_cast<std::uint8_t>(x * 3 % 256),
                               static_cast<std::uint8_t>(y * 5 % 256),
                               static_cast<std::uint8_t>((x + y) * 7 % 256)};
    return patch;
}

/// Makes a part of a patch unknown: behind something at disparity 9.
inline void hide(InpaintPatch& patch, const cv::Rect& part) {
    patch.role(part).setTo(static_cast<int>(Role::Synthesis));
    patch.rgb(part).setTo(cv::Scalar(0, 0, 0));
    patch.max_disparity(part).setTo(9);
}

/// Takes a part away.
inline void leave_out(InpaintPatch& patch, const cv::Rect& part) {
    patch.role(part).setTo(static_cast<int>(Role::Outside));
    patch.rgb(part).setTo(cv::Scalar(0, 0, 0));
    patch.disparity(part).setTo(0);
}

/// Cuts every link between pixels whose disparities (guesses, where unknown) differ by more than
/// the threshold.
inline void cut_steps(InpaintPatch& patch) {
    for (int y = 0; y < patch.role.rows; ++y)
        for (int x = 0; x < patch.role.cols; ++x)
            for (const bool down : {false, true}) {
                const int x2 = down ? x : x + 1, y2 = down ? y + 1 : y;
                const bool inside = x2 < patch.role.cols && y2 < patch.role.rows;
                if (!inside ||
                    std::abs(patch.disparity(y, x) - patch.disparity(y2, x2)) > patch.threshold)
                    patch.cuts(y, x) |= down ? 2 : 1;
            }
}

}  // namespace unflat
