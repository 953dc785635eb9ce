// SPDX-License-Identifier: MIT
#include "asset/asset_texture.h"

#include <algorithm>
#include <cmath>
#include <iterator>
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

EncodedTexture& TextureEncoder::encoded(int quality) {
    EncodedTexture& texture = known_[quality];
    if (texture.quality == quality)
        return texture;
    texture.quality = quality;
    texture.bytes = codec_->encode(atlas_, quality, full_chroma_);
    return texture;
}

const EncodedTexture& TextureEncoder::judged(int quality) {
    EncodedTexture& texture = encoded(quality);
    if (!texture.decoded.empty())
        return texture;
    texture.decoded = codec_->decode(texture.bytes);
    cv::Mat_<cv::Vec3b> front = texture.decoded(front_);
    if (front.size() != photo_.size())
        cv::resize(front, front, photo_.size(), 0, 0, cv::INTER_LINEAR);
    texture.front_error = mean_square(front, photo_);
    return texture;
}

const EncodedTexture& TextureEncoder::within(std::int64_t bytes) {
    const auto size = [&](int quality) {
        return static_cast<double>(encoded(quality).bytes.size());
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
        return judged(high);

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
    return judged(low);
}

double TextureEncoder::error_within(std::int64_t bytes) {
    // The error falls about as a power of the size: between the two qualities around it
    const auto log_size = [](const EncodedTexture& texture) {
        return std::log(static_cast<double>(texture.bytes.size()));
    };
    const auto log_error = [this](int quality) {
        return std::log(judged(quality).front_error + 1e-3);
    };
    if (known_.empty())
        return 0;
    if (known_.size() == 1)
        return std::exp(log_error(known_.begin()->first));
    // Beyond the greatest quality more bytes are of no use
    double x = std::log(std::max(1., static_cast<double>(bytes)));
    if (known_.contains(kGreatestQuality))
        x = std::min(x, log_size(known_.rbegin()->second));
    auto upper = std::next(known_.begin());
    while (std::next(upper) != known_.end() && log_size(upper->second) < x)
        ++upper;
    const auto lower = std::prev(upper);
    const double x0 = log_size(lower->second), x1 = log_size(upper->second);
    const double y0 = log_error(lower->first), y1 = log_error(upper->first);
    const double slope = x1 > x0 ? (y1 - y0) / (x1 - x0) : 0;
    return std::exp(y0 + slope * (x - x0));
}

}  // namespace unflat
