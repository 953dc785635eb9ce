// SPDX-License-Identifier: MIT
#pragma once

#include "io/picture.h"

#include <vector>

namespace unflat {

/// Reads rows of samples as one number a pixel: the mean of channels that are equal but for noise.
class GreyRows {
public:
    explicit GreyRows(const Picture& picture);

    /// @throws Malformed where the channels differ by more than noise: that is a colour picture.
    const std::vector<double>& read(int y);

private:
    bool bear_noise(double difference);

    cv::Mat samples_;
    int color_channels_;
    double tolerance_ = 0;
    std::size_t noisy_left_ = 0;
    cv::Mat_<double> row_;
    std::vector<double> means_;
};

/// What the largest difference between channels is measured against: full scale of integers, the
/// span of the finite values of floating-point numbers.
double full_scale(const cv::Mat& samples);

}  // namespace unflat
