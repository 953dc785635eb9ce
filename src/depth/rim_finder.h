// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/depth.h"
#include "unflat/photo.h"

#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// What the photo says about one crack of a depth edge: the colours on its two sides, and how wide
/// a rim on its far side belongs to the foreground.
struct RimPlace {
    cv::Point2f middle;             ///< on the smoothed edge
    cv::Point2f normal;             ///< towards the far side, of length 1
    bool sure = false;              ///< whether the colours tell the two sides apart
    cv::Vec3f background{0, 0, 0};  ///< sRGB, 0..1
    cv::Vec3f line{0, 0, 0};        ///< foreground's colour - background
    cv::Vec3f axis{0, 0, 0};        ///< dot(colour - background, axis) is the tint
    float contrast = 0;             ///< length of the line
    float noise = 0;                ///< of the background's tint
    float near_noise = 0;           ///< of the foreground's colours [sRGB, 0..1]
    float width = 0;                ///< of the rim that belongs to the foreground [pixels]
};

/// Finds by colour how far beyond its depth edges the foreground of a photo reaches.
class RimFinder {
public:
    RimFinder(const Photo& photo, const DisparityMap& disparity, const DepthEdges& edges,
              const RimOptions& options);

    /// A place for every crack of an edge.
    std::vector<RimPlace> places(const DepthEdge& edge) const;

    float width() const { return width_; }

    /// Whether a pixel on the far side belongs to the rim of a place.
    bool is_rim(const cv::Point& pixel, const RimPlace& place) const;

private:
    struct Side;

    std::vector<RimPlace> trace(const std::vector<Crack>& cracks) const;
    int neighbour(const std::vector<Crack>& cracks, int i, int k) const;
    cv::Point pixel_at(const RimPlace& place, float distance) const;
    void sample(const RimPlace& place, float distance, float own, float other, Side& side) const;
    void learn_colors(const std::vector<Crack>& cracks, std::vector<RimPlace>& places) const;
    static void judge(const Side& near, const Side& far, RimPlace& place);
    float gain(const cv::Vec3b& rgb, const RimPlace& place) const;
    void find_widths(const std::vector<Crack>& cracks, std::vector<RimPlace>& places) const;
    float gain_at(const Crack& crack, const RimPlace& place, float distance) const;

    float near_value(const Crack& crack) const { return *(disparity_[0] + crack.near_pixel); }
    float far_value(const Crack& crack) const { return *(disparity_[0] + crack.far_pixel); }

    cv::Mat_<cv::Vec3b> rgb_;
    cv::Mat_<float> disparity_;
    float threshold_;
    float width_;
    float min_tint_;
};

/// The middle of a crack [pixels], `columns` pixels being in a row.
cv::Point2f middle_of(const Crack& crack, int columns);

}  // namespace unflat
