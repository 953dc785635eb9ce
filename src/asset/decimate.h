// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"

#include "mesh/surface.h"

#include <cstdint>
#include <memory>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// How far views see a place move when its disparity changes.
class Parallax {
public:
    Parallax(const Camera& camera, const std::vector<View>& views);
    /// Mean over the views of its square [(pixels per unit of disparity)^2].
    float mean_square(float x, float y) const;
    /// The most that any view sees [pixels per unit of disparity].
    float largest(float x, float y) const;

private:
    cv::Vec2f shift(const cv::Vec3f& position, float x, float y) const {
        return {position[2] * (x - camera_.cx) - camera_.focal * position[0],
                position[2] * (y - camera_.cy) - camera_.focal * position[1]};
    }
    Camera camera_;
    std::vector<cv::Vec3f> positions_;
};

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
    /// Gives the faces of some charts to the photo's, which has no seams with itself, and tries
    /// everything again. @param charts per chart: 1 where that is to be done
    void merge_into_photo(const std::vector<std::uint8_t>& charts);
    /// What is left; unused points are kept. A face that two charts had is there once when both are
    /// the photo's.
    Surface surface() const;
    double cost() const;  ///< estimate of what all views lose [levels^2 x pixels]
    float bound() const;  ///< that held so far [pixels]

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace unflat
