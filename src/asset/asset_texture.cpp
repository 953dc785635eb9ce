// SPDX-License-Identifier: MIT
#include "asset/asset_texture.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

constexpr int kLeastQuality = 10, kGreatestQuality = 95;

double mean_square(const cv::Mat_<cv::Vec3b>& a, const cv::Mat_<cv::Vec3b>& b) {
    return cv::norm(a, b, cv::NORM_L2SQR) / (3 * static_cast<double>(a.total()));
}

}  // namespace

TextureEncoder::TextureEncoder(cv::Mat_<cv::Vec3b> atlas, const AssetCharts& charts,
                               cv::Mat_<cv::Vec3b> photo, const TextureCodec& codec,
                               bool full_chroma)
    : atlas_(std::move(atlas)),
      photo_(std::move(photo)),
      codec_(&codec),
      full_chroma_(full_chroma) {
    const AssetChart& front = charts.charts.front();
    const cv::Size2f size(front.box.size());
    front_ = cv::Rect(front.origin,
                      cv::Size(static_cast<int>(std::round(size.width * front.scale.width)),
                               static_cast<int>(std::round(size.height * front.scale.height))));
}

const EncodedTexture& TextureEncoder::at_quality(int quality) {
    EncodedTexture& texture = known_[quality];
    if (texture.quality == quality)
        return texture;
    texture.quality = quality;
    texture.bytes = codec_->encode(atlas_, quality, full_chroma_);
    texture.decoded = codec_->decode(texture.bytes);
    cv::Mat_<cv::Vec3b> front = texture.decoded(front_);
    if (front.size() != photo_.size())
        cv::resize(front, front, photo_.size(), 0, 0, cv::INTER_LINEAR);
    texture.front_error = mean_square(front, photo_);
    return texture;
}

const EncodedTexture& TextureEncoder::within(std::int64_t bytes) {
    const auto size = [&](int quality) {
        return static_cast<double>(at_quality(quality).bytes.size());
    };
    const double most = static_cast<double>(bytes);
    // Between one that fits and one that does not
    constexpr int kFirst = 75, kStep = 15;
    int low = kFirst, high = kFirst;
    while (low > kLeastQuality && size(low) > most) {
        high = low;
        low = std::max(kLeastQuality, low - kStep);
    }
    while (high < kGreatestQuality && size(high) <= most) {
        low = high;
        high = std::min(kGreatestQuality, high + kStep);
    }
    if (size(high) <= most)
        return at_quality(high);

    // Where the logarithm of the size leads, in turn with halving. A step of quality is some two
    // per cent of the size, so less is near enough
    constexpr double kNearEnough = 0.98;
    for (int round = 0; high - low > 1 && size(low) < kNearEnough * most; ++round) {
        const double share = std::log(most / size(low)) / std::log(size(high) / size(low));
        const int guess = round % 3 == 2
                              ? (low + high) / 2
                              : low + static_cast<int>(share * static_cast<double>(high - low));
        const int next = std::clamp(guess, low + 1, high - 1);
        (size(next) <= most ? low : high) = next;
    }
    return at_quality(low);
}

double TextureEncoder::error_within(std::int64_t bytes) const {
    // The error falls about as a power of the size
    std::vector<std::pair<double, double>> points;
    for (const auto& [quality, texture] : known_)
        points.emplace_back(std::log(static_cast<double>(texture.bytes.size())),
                            std::log(texture.front_error + 1e-3));
    if (points.size() < 2)
        return points.empty() ? 0 : std::exp(points.front().second);
    // Beyond the greatest quality more bytes are of no use
    double x = std::log(std::max(1., static_cast<double>(bytes)));
    if (known_.contains(kGreatestQuality))
        x = std::min(x, points.back().first);
    std::size_t i = 1;
    while (i + 1 < points.size() && points[i].first < x)
        ++i;
    const auto& [x0, y0] = points[i - 1];
    const auto& [x1, y1] = points[i];
    const double slope = x1 > x0 ? (y1 - y0) / (x1 - x0) : 0;
    return std::exp(y0 + slope * (x - x0));
}

}  // namespace unflat
