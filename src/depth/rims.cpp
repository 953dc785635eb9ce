// SPDX-License-Identifier: MIT
#include "unflat/depth.h"
#include "unflat/error.h"

#include "depth/rim_finder.h"
#include "depth/specks.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace unflat {
namespace {

/// The far pixels beside depth edges and for each the crack that it is nearest to.
class Band {
public:
    struct Source {
        const Crack* crack = nullptr;
        const RimPlace* place = nullptr;
    };

    Band(const cv::Mat_<float>& disparity, float threshold)
        : disparity_(disparity), threshold_(threshold), nearest_(disparity.size(), -1) {}

    void add(const Crack& crack, const RimPlace& place) {
        sources_.push_back({&crack, &place});
        offer(pixel_of(crack.far_pixel), static_cast<int>(sources_.size()) - 1, front_);
    }

    /// Lets every source spread over its surface.
    void spread(int steps) {
        for (int step = 0; step < steps; ++step) {
            std::vector<cv::Point> next;
            for (const cv::Point& pixel : front_)
                for (int i = 0; i < 4; ++i) {
                    const cv::Point other = pixel + step_of(static_cast<Direction>(i));
                    if (is_linked(pixel, other))
                        offer(other, nearest_(pixel), next);
                }
            front_ = std::move(next);
        }
    }

    /// The disparity of the near side beside a pixel.
    float near_value(const cv::Point& pixel) const {
        return *(disparity_[0] + source(pixel).crack->near_pixel);
    }
    const std::vector<cv::Point>& pixels() const { return pixels_; }
    const Source& source(const cv::Point& pixel) const {
        return sources_[static_cast<std::size_t>(nearest_(pixel))];
    }
    bool contains(const cv::Point& pixel) const { return nearest_(pixel) >= 0; }
    bool is_linked(const cv::Point& a, const cv::Point& b) const {
        return cv::Rect({}, disparity_.size()).contains(b) &&
               std::abs(disparity_(a) - disparity_(b)) <= threshold_;
    }

private:
    cv::Point pixel_of(int index) const {
        return {index % disparity_.cols, index / disparity_.cols};
    }

    float distance(const cv::Point& pixel, int source) const {
        const cv::Point2f offset =
            cv::Point2f(pixel) + cv::Point2f(0.5F, 0.5F) -
            middle_of(*sources_[static_cast<std::size_t>(source)].crack, disparity_.cols);
        return offset.dot(offset);
    }

    /// Takes a source for a pixel that has none or a farther one.
    void offer(const cv::Point& pixel, int source, std::vector<cv::Point>& front) {
        int& nearest = nearest_(pixel);
        if (nearest >= 0 && distance(pixel, nearest) <= distance(pixel, source))
            return;
        if (nearest < 0)
            pixels_.push_back(pixel);
        nearest = source;
        front.push_back(pixel);
    }

    const cv::Mat_<float>& disparity_;
    float threshold_;
    cv::Mat_<int> nearest_;
    std::vector<Source> sources_;
    std::vector<cv::Point> pixels_;
    std::vector<cv::Point> front_;
};

/// Gives the marked pixels of a band the disparity of their near side, but takes back what would
/// fray: pixels that touch the foreground on one side at most.
void move(const Band& band, Mask& moved, const cv::Mat_<float>& before, cv::Mat_<float>& after) {
    const auto is_near = [&](const cv::Point& pixel, const cv::Point& other) {
        if (!cv::Rect({}, before.size()).contains(other))
            return false;
        if (moved(other))
            return true;
        return !band.is_linked(pixel, other) && before(other) > before(pixel);
    };
    for (int pass = 0; pass < 2; ++pass) {
        std::vector<cv::Point> taken_back;
        for (const cv::Point& pixel : band.pixels()) {
            int count = 0;
            for (int i = 0; i < 4; ++i)
                count += is_near(pixel, pixel + step_of(static_cast<Direction>(i))) ? 1 : 0;
            if (moved(pixel) && count <= 1)
                taken_back.push_back(pixel);
        }
        for (const cv::Point& pixel : taken_back)
            moved(pixel) = 0;
    }
    for (const cv::Point& pixel : band.pixels())
        if (moved(pixel))
            after(pixel) = band.near_value(pixel);
}

}  // namespace

DisparityMap move_tinted_rims(const Photo& photo, const DisparityMap& disparity,
                              const DepthEdges& edges, const RimOptions& options) {
    require(photo.rgb.size() == disparity.values.size() && edges.size == photo.rgb.size(),
            "photo, disparity map and depth edges must have the same size");
    require(options.width >= 0 && options.width <= 100, "the width of a rim must be in 0..100");
    require(options.min_tint > 0 && options.min_tint <= 1, "the least tint must be in 0..1");
    DisparityMap result = disparity;
    result.values = disparity.values.clone();

    // Find how wide the rim is along every edge
    const RimFinder finder(photo, disparity, edges, options);
    std::vector<std::vector<RimPlace>> rims;
    rims.reserve(edges.edges.size());
    Band band(disparity.values, edges.threshold);
    for (const DepthEdge& edge : edges.edges) {
        rims.push_back(finder.places(edge));
        for (std::size_t i = 0; i < edge.cracks.size(); ++i)
            band.add(edge.cracks[i], rims.back()[i]);
    }

    // Move its pixels
    band.spread(static_cast<int>(std::ceil(finder.width())) + 1);
    Mask moved(disparity.values.size(), std::uint8_t{0});
    for (const cv::Point& pixel : band.pixels())
        moved(pixel) = finder.is_rim(pixel, *band.source(pixel).place) ? 1 : 0;
    move(band, moved, disparity.values, result.values);

    // What is left of the background between moved rims, or was noise, must not stand alone
    const float scale = static_cast<float>(std::max(photo.rgb.cols, photo.rgb.rows)) / 1024;
    constexpr float kSpeckArea = 8;  // [square pixels at 1024 on the long side]
    absorb_specks(result.values, edges.threshold,
                  std::max(3, static_cast<int>(std::lround(kSpeckArea * scale * scale))));
    return result;
}

}  // namespace unflat
