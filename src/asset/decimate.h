// SPDX-License-Identifier: MIT
#pragma once

#include "asset/parallax.h"
#include "mesh/surface.h"

#include <cstdint>
#include <memory>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// What a simplification is told of a surface.
struct DecimateInput {
    Surface surface;  ///< a manifold
    /// Per face: what its view loses if its picture moves by a pixel, and what if its border does
    /// [levels of colour ^2 per pixel of area and pixel^2 of movement]
    std::vector<float> picture_worth, border_worth;
    std::vector<float> seen;  ///< per face: share of it that is seen on average, 0..1
    cv::Mat_<float> front;    ///< the photo's disparity: hidden faces stay behind it
    float error = 1;          ///< first bound on the error of what is seen well [pixels]
    float uv_error = 0.5F;    ///< as in MeshOptions
};

/// Removes points one by one, the one that costs least first. Cost is measured by quadrics over
/// (x, y, disparity) that weigh a change of disparity by what views see of it and what stands
/// there, and a move of a border by how well it is seen; all places of the given surface stay
/// within a bound. When nothing is left to remove the bound is doubled.
/// Cost: n log n in points.
class Decimator {
public:
    Decimator(DecimateInput input, const Parallax& parallax);
    ~Decimator();
    /// Goes on until at most `face_count` faces are left; false if nothing more can be removed
    /// within the bound.
    bool reduce_to(std::size_t face_count);
    bool double_bound();  ///< false if it is as large as is sensible
    /// Gives the faces of some charts to the photo's, as far as they lie in it, which has no seams
    /// with itself, and tries everything again. @param charts per chart: 1 where that is to be done
    void merge_into_photo(const std::vector<std::uint8_t>& charts);
    /// What is left; unused points are kept. A face that two charts had is there once when both are
    /// the photo's.
    Surface surface() const;
    /// The same, its points moved along the photo's rays to where all that was removed is met best.
    Surface fitted_surface() const;
    double cost() const;  ///< estimate of what all views lose [levels^2 x pixels]
    float bound() const;  ///< that held so far [pixels]

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace unflat
