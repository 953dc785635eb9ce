// SPDX-License-Identifier: MIT
#pragma once

#include "depth/weighted_median.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// exp(-D^2 / 2 s^2) of two sRGB colours, D their distance.
class ColorWeight {
public:
    /// @param sigma s, of channels in 0..1.
    explicit ColorWeight(float sigma);

    /// @param a, b three bytes each.
    float operator()(const std::uint8_t* a, const std::uint8_t* b) const {
        const int red = a[0] - b[0];
        const int green = a[1] - b[1];
        const int blue = a[2] - b[2];
        const auto place =
            static_cast<std::size_t>(red * red + green * green + blue * blue) >> kShift;
        return table_[place < table_.size() ? place : table_.size() - 1];
    }

private:
    static constexpr int kShift = 4;
    std::vector<float> table_;  ///< by the squared distance; ends where the weight is least
};

/// The places around a pixel, without itself, and their weights by distance.
struct Window {
    static constexpr int kMostAcross = 11;  ///< larger windows are sampled at a stride

    struct Place {
        int dx;
        int dy;
        float weight;
        std::ptrdiff_t value_offset;  ///< from the pixel's value [values]
        std::ptrdiff_t color_offset;  ///< from the pixel's colour [bytes]
    };

    /// @param reach its radius, >= 1 [pixels]
    /// @param sigma of the Gaussian of the distance [pixels]
    /// @param values, rgb in which the places are.
    Window(int reach, float sigma, const cv::Mat_<float>& values, const cv::Mat_<cv::Vec3b>& rgb);

    std::vector<Place> places;  ///< with each place its opposite
    int radius;
    float heaviest;  ///< largest weight
};

/// What is known around one pixel.
struct Neighbours {
    static constexpr std::size_t kLanes = 4;  ///< sums are made in so many parts, for SIMD
    static constexpr std::size_t kMost = Window::kMostAcross * Window::kMostAcross - 1;
    static_assert(kMost % kLanes == 0);
    static constexpr float kSurelyHalf = 0.4999F;  ///< the rest is for rounding
    using Numbers = std::array<float, kMost>;

    // Not initialised: filling them would cost as much as using them
    Numbers values;
    Numbers spatial;  ///< weights by distance
    Numbers colored;  ///< weights by distance and colour
    std::size_t count = 0;

    /// Makes the lanes of the last round whole, with weights of 0.
    void pad() {
        for (std::size_t i = count; i % kLanes != 0; ++i)
            values[i] = spatial[i] = colored[i] = 0;
    }

    /// How the weight lies about a pixel's own value.
    struct Balance {
        float below;  ///< of values less than own - distance
        float above;  ///< of values more than own + distance
        float total;

        /// Weight that has to change sides before the weighted median can lie further than the
        /// distance from the pixel's own value; <= 0: it may do so already.
        float slack() const { return kSurelyHalf * total - (below > above ? below : above); }
    };
    Balance balance(const Numbers& weights, float own, float distance) const;

    /// Largest difference from a pixel's own value.
    float widest_difference(float own) const;

    float median(const Numbers& weights) const;
};

}  // namespace unflat
