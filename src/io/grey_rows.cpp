// SPDX-License-Identifier: MIT
#include "io/grey_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace unflat {

namespace {

constexpr double kMaxChannelShare = 8.0 / 255;

// JPEG's colour noise: twice the difference is borne in a thousandth of the pixels
constexpr double kNoisyFactor = 2;
constexpr int kPixelsPerNoisy = 1000;

}  // namespace

double full_scale(const cv::Mat& samples) {
    if (samples.depth() == CV_8U)
        return 255;
    if (samples.depth() == CV_16U)
        return 65535;
    double least = std::numeric_limits<double>::infinity(), most = -least;
    cv::Mat_<double> row;
    for (int y = 0; y < samples.rows; ++y) {
        samples.row(y).reshape(1).convertTo(row, CV_64F);
        for (const double value : row)
            if (std::isfinite(value)) {
                least = std::min(least, value);
                most = std::max(most, value);
            }
    }
    return std::max(most - least, 0.0);
}

GreyRows::GreyRows(const Picture& picture)
    : samples_(picture.samples),
      color_channels_(picture.samples.channels() - (picture.has_alpha ? 1 : 0)),
      means_(static_cast<std::size_t>(picture.samples.cols)) {
    if (color_channels_ > 1)
        tolerance_ = kMaxChannelShare * full_scale(samples_);
    if (picture.format == "JPEG")
        noisy_left_ = samples_.total() / kPixelsPerNoisy;
}

const std::vector<double>& GreyRows::read(int y) {
    samples_.row(y).reshape(1).convertTo(row_, CV_64F);
    const double* pixel = row_[0];
    for (std::size_t x = 0; x < means_.size(); ++x, pixel += samples_.channels()) {
        double least = pixel[0], most = pixel[0], sum = pixel[0];
        for (int c = 1; c < color_channels_; ++c) {
            least = std::min(least, pixel[c]);
            most = std::max(most, pixel[c]);
            sum += pixel[c];
        }
        if (std::isfinite(sum) && most - least > tolerance_ && !bear_noise(most - least))
            throw Malformed(
                "it is a picture in colour, whose channels differ by more than 8 "
                "of 255 at (" +
                std::to_string(x) + ", " + std::to_string(y) + ")");
        means_[x] = sum / color_channels_;
    }
    return means_;
}

bool GreyRows::bear_noise(double difference) {
    if (noisy_left_ == 0 || difference > kNoisyFactor * tolerance_)
        return false;
    --noisy_left_;
    return true;
}

}  // namespace unflat
