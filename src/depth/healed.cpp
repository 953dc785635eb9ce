// SPDX-License-Identifier: MIT
#include "unflat/depth.h"
#include "unflat/error.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

constexpr float kReferenceSide = 1024;
constexpr float kReach = 4;         // way over which a step is spread [pixels at 1024]
constexpr int kPassesPerPixel = 4;  // of smoothing, by reach: the farther, the slower
constexpr float kKeptShare = 0.5F;  // of a threshold, by which cut neighbours must part [on either
                                    // side of their middle; of the step if that is less]

/// A map whose marked pixels are smoothed along the surfaces, with depth edges as its bounds.
class Surfaces {
public:
    Surfaces(const cv::Mat_<float>& values, const DepthEdges& edges)
        : values_(values.clone()), cuts_(values.size(), std::uint8_t{0}) {
        for (const DepthEdge& edge : edges.edges)
            for (const Crack& crack : edge.cracks)
                cut(crack, edges.threshold);
    }

    /// Collects the pixels within `reach` of both sides of cracks that were healed.
    void mark(const std::vector<Crack>& healed, int reach) {
        Mask marks(values_.size(), std::uint8_t{0});
        for (const Crack& crack : healed) {
            *(marks[0] + crack.near_pixel) = 1;
            *(marks[0] + crack.far_pixel) = 1;
        }
        cv::dilate(marks, marks,
                   cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * reach - 1, 2 * reach - 1}));
        for (int y = 0; y < marks.rows; ++y)
            for (int x = 0; x < marks.cols; ++x)
                if (marks(y, x))
                    pixels_.push_back(y * marks.cols + x);
    }

    void smooth(int passes) {
        std::vector<float> next(pixels_.size());
        for (int pass = 0; pass < passes; ++pass) {
            for (std::size_t i = 0; i < pixels_.size(); ++i)
                next[i] = smoothed(pixels_[i]);
            for (std::size_t i = 0; i < pixels_.size(); ++i)
                at(pixels_[i]) = next[i];
        }
    }

    /// Makes sure that what is cut still parts, and on the same side.
    void keep_order() {
        for (const Bound& bound : bounds_) {
            float& near = at(bound.near_pixel);
            float& far = at(bound.far_pixel);
            near = std::max(near, bound.least_near);
            far = std::min(far, bound.most_far);
        }
    }

    const cv::Mat_<float>& values() const { return values_; }

private:
    struct Bound {
        int near_pixel;
        int far_pixel;
        float least_near;
        float most_far;
    };

    float& at(int pixel) { return *(values_[0] + pixel); }
    float at(int pixel) const { return *(values_[0] + pixel); }

    void cut(const Crack& crack, float threshold) {
        const auto bit = [](Direction direction) {
            return static_cast<std::uint8_t>(1U << static_cast<unsigned>(direction));
        };
        std::uint8_t& near = *(cuts_[0] + crack.near_pixel);
        std::uint8_t& far = *(cuts_[0] + crack.far_pixel);
        near = static_cast<std::uint8_t>(near | bit(crack.far_from_near));
        far = static_cast<std::uint8_t>(far | bit(opposite(crack.far_from_near)));
        const float middle = (at(crack.near_pixel) + at(crack.far_pixel)) / 2;
        const float margin =
            std::min(kKeptShare * threshold, (at(crack.near_pixel) - at(crack.far_pixel)) / 2);
        bounds_.push_back({crack.near_pixel, crack.far_pixel, middle + margin, middle - margin});
    }

    float smoothed(int pixel) const {
        const int x = pixel % values_.cols;
        const int y = pixel / values_.cols;
        const std::uint8_t cuts = *(cuts_[0] + pixel);
        float sum = at(pixel);
        float count = 1;
        for (unsigned i = 0; i < 4; ++i) {
            const cv::Point step = step_of(static_cast<Direction>(i));
            const cv::Point other(x + step.x, y + step.y);
            if ((cuts >> i & 1U) || !cv::Rect({}, values_.size()).contains(other))
                continue;
            sum += values_(other);
            count += 1;
        }
        return sum / count;
    }

    cv::Mat_<float> values_;
    cv::Mat_<std::uint8_t> cuts_;  ///< a bit per direction
    std::vector<Bound> bounds_;
    std::vector<int> pixels_;
};

}  // namespace

DisparityMap spread_healed_steps(const DisparityMap& disparity, const DepthEdges& edges) {
    require(edges.size == disparity.values.size(),
            "disparity map and depth edges must have the same size");
    DisparityMap result = disparity;
    if (edges.healed.empty())
        return result;
    const float side = static_cast<float>(std::max(edges.size.width, edges.size.height));
    const int reach = std::max(2, cvRound(kReach * side / kReferenceSide));
    Surfaces surfaces(disparity.values, edges);
    surfaces.mark(edges.healed, reach);
    surfaces.smooth(kPassesPerPixel * reach);
    surfaces.keep_order();
    result.values = surfaces.values();
    return result;
}

}  // namespace unflat
