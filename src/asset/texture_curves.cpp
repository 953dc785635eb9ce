// SPDX-License-Identifier: MIT
#include "asset/texture_curves.h"

#include "core/parallel.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

constexpr int kTile = 64;               // [pixels]
constexpr std::size_t kMostTiles = 24;  // of the photo, and of what is hidden
constexpr double kHeaderBytes = 700;    // of an encoded picture, whatever its size

// Weights in a part of a picture, 0..255 each, and how many pixels of it are painted
std::pair<double, double> contents(const ChartPicture& picture, cv::Rect part) {
    const double painted =
        picture.mask.empty() ? part.area() : cv::countNonZero(picture.mask(part));
    const double weight =
        picture.weight.empty() ? 255. * part.area() : cv::sum(picture.weight(part))[0];
    return {weight, painted};
}

// The tiles beside each other on so many texels, as an atlas would hold them
cv::Mat_<cv::Vec3b> strip_of(const std::vector<cv::Mat_<cv::Vec4f>>& tiles, int side) {
    cv::Mat_<cv::Vec3b> strip(side, side * static_cast<int>(tiles.size()));
    for (std::size_t i = 0; i < tiles.size(); ++i) {
        cv::Mat_<cv::Vec4f> colours = tiles[i];
        fill_smoothly(colours);
        rounded(colours).copyTo(strip(cv::Rect(static_cast<int>(i) * side, 0, side, side)));
    }
    return strip;
}

// Sum over a tile of the squared differences, each pixel by its weight. Half of it as the own view
// shows them, half as other views do, in which neighbours are mixed
double weighted_error(const cv::Mat_<cv::Vec3b>& shown, const ChartPicture& picture,
                      cv::Rect part) {
    cv::Mat difference;
    cv::subtract(shown, picture.rgb(part), difference, cv::noArray(), CV_16S);
    double sum = 0;
    for (int y = 0; y + 1 < part.height; ++y) {
        const auto* row = difference.ptr<cv::Vec3s>(y);
        const auto* below = difference.ptr<cv::Vec3s>(y + 1);
        for (int x = 0; x + 1 < part.width; ++x) {
            const int weight =
                picture.weight.empty() ? 255 : picture.weight(part.y + y, part.x + x);
            if (weight == 0)
                continue;
            int alone = 0, mixed = 0;
            for (int k = 0; k < 3; ++k) {
                const int four = row[x][k] + row[x + 1][k] + below[x][k] + below[x + 1][k];
                alone += row[x][k] * row[x][k];
                mixed += four * four;
            }
            sum += weight * (0.5 * alone + 0.5 / 16 * mixed);
        }
    }
    return sum;
}

}  // namespace

TextureCurves::TextureCurves(std::vector<ChartPicture> pictures, const TextureCodec& codec)
    : pictures_(std::move(pictures)), codec_(&codec) {
    const auto photo_pixels = static_cast<double>(pictures_.front().rgb.total());
    front_ = sample(pictures_, 0, 1, photo_pixels);
    hidden_ = sample(pictures_, 1, pictures_.size(), photo_pixels);
}

TextureCurves::Part TextureCurves::sample(const std::vector<ChartPicture>& pictures,
                                          std::size_t first, std::size_t last,
                                          double photo_pixels) {
    std::vector<Tile> all;
    double weight = 0, painted = 0;
    for (std::size_t i = first; i < last; ++i) {
        if (pictures[i].rgb.empty())
            continue;
        const cv::Rect whole({}, pictures[i].rgb.size());
        for (int y = 0; y < whole.height; y += kTile)
            for (int x = 0; x < whole.width; x += kTile) {
                const cv::Rect part = cv::Rect(x, y, kTile, kTile) & whole;
                const auto [w, p] = contents(pictures[i], part);
                weight += w;
                painted += p;
                // Tiles are whole; what is cut off at the sides is like the rest
                if (p > 0 && part.area() == kTile * kTile)
                    all.push_back({&pictures[i], part});
            }
    }
    Part result;
    double some_weight = 0, some_painted = 0;
    const std::size_t count = std::min(kMostTiles, all.size());
    for (std::size_t i = 0; i < count; ++i) {
        result.tiles.push_back(all[(2 * i + 1) * all.size() / (2 * count)]);
        const auto [w, p] = contents(*result.tiles.back().picture, result.tiles.back().part);
        some_weight += w;
        some_painted += p;
    }
    result.whole_per_sample = some_painted > 0 ? painted / some_painted : 0;
    constexpr int kChannels = 3, kFullWeight = 255;
    if (some_weight > 0)
        result.error_factor = weight / some_weight / (kChannels * kFullWeight * photo_pixels);
    return result;
}

TextureCurves::Curve TextureCurves::measure(const Key& key) const {
    const Part& part = key.front ? front_ : hidden_;
    Curve curve;
    if (part.tiles.empty())
        return curve;
    const int side = std::max(1, static_cast<int>(std::lround(kTile * key.scale)));
    std::vector<cv::Mat_<cv::Vec4f>> tiles;
    for (const Tile& tile : part.tiles)
        tiles.push_back(scaled_part(*tile.picture, tile.part, {side, side}));
    const cv::Mat_<cv::Vec3b> strip = strip_of(tiles, side);
    for (std::size_t k = 0; k < kQualities.size(); ++k) {
        const std::vector<std::byte> bytes = codec_->encode(strip, kQualities[k], key.full_chroma);
        const cv::Mat_<cv::Vec3b> decoded = codec_->decode(bytes);
        curve[k].bytes =
            std::max(0., static_cast<double>(bytes.size()) - kHeaderBytes) * part.whole_per_sample;
        for (std::size_t i = 0; i < part.tiles.size(); ++i) {
            cv::Mat_<cv::Vec3b> shown =
                decoded(cv::Rect(static_cast<int>(i) * side, 0, side, side));
            if (side != kTile)
                cv::resize(shown, shown, {kTile, kTile}, 0, 0, cv::INTER_LINEAR);
            curve[k].error += part.error_factor *
                              weighted_error(shown, *part.tiles[i].picture, part.tiles[i].part);
        }
    }
    return curve;
}

void TextureCurves::add_scales(const std::vector<float>& front, const std::vector<float>& hidden,
                               bool full_chroma) {
    std::vector<Key> keys;
    for (const bool is_front : {true, false})
        for (const float scale : is_front ? front : hidden)
            if (!curves_.contains({is_front, scale, full_chroma}))
                keys.push_back({is_front, scale, full_chroma});
    std::vector<Curve> curves(keys.size());
    parallel_ranges(static_cast<int>(keys.size()), 1, [&](int i, int) {
        curves[static_cast<std::size_t>(i)] = measure(keys[static_cast<std::size_t>(i)]);
    });
    for (std::size_t i = 0; i < keys.size(); ++i)
        curves_[keys[i]] = curves[i];
}

TextureCurves::Estimate TextureCurves::within(const TextureSetting& setting, std::int64_t bytes,
                                              double hidden) const {
    const Curve& f = curves_.at({true, setting.front_scale, setting.full_chroma});
    const Curve& h = curves_.at({false, setting.hidden_scale, setting.full_chroma});
    // Size, error and quality go as powers of each other between those that were measured
    std::array<double, kQualities.size()> size{}, error{};
    for (std::size_t k = 0; k < size.size(); ++k) {
        size[k] = std::log(1 + kHeaderBytes + alone_ * f[k].bytes + between_ * hidden * h[k].bytes);
        error[k] = std::log(1e-3 + f[k].error + hidden * h[k].error);
    }
    const double most = std::log(std::max(1., static_cast<double>(bytes)));
    if (most >= size.back())
        return {std::exp(error.back()), kGreatestQuality};
    std::size_t upper = 1;
    while (upper + 1 < size.size() && size[upper] < most)
        ++upper;
    const std::size_t lower = upper - 1;
    const double at = (most - size[lower]) / std::max(1e-6, size[upper] - size[lower]);
    const double quality = kQualities[lower] + at * (kQualities[upper] - kQualities[lower]);
    return {std::exp(error[lower] + at * (error[upper] - error[lower])),
            std::clamp(static_cast<int>(quality), kLeastQuality, kGreatestQuality)};
}

bool TextureCurves::learn(const TextureSetting& setting, int quality, std::int64_t bytes,
                          double hidden) {
    const Curve& f = curves_.at({true, setting.front_scale, setting.full_chroma});
    const Curve& h = curves_.at({false, setting.hidden_scale, setting.full_chroma});
    std::size_t upper = 1;
    while (upper + 1 < kQualities.size() && kQualities[upper] < quality)
        ++upper;
    const double at = static_cast<double>(quality - kQualities[upper - 1]) /
                      (kQualities[upper] - kQualities[upper - 1]);
    const auto size_in = [&](const Curve& curve) {
        const double low = std::log(1 + curve[upper - 1].bytes);
        return std::exp(low + at * (std::log(1 + curve[upper].bytes) - low));
    };
    const double rest = static_cast<double>(bytes) - kHeaderBytes;
    const double front = size_in(f), behind = std::max(1., hidden * size_in(h));
    // Nothing costs less for standing beside others
    constexpr double kMostBetween = 2.5, kLeastFront = 0.5, kMostFront = 2;
    const double between_before = between_, alone_before = alone_;
    between_ = std::clamp((rest - front) / behind, 1., kMostBetween);
    alone_ = std::clamp((rest - between_ * behind) / front, kLeastFront, kMostFront);
    constexpr double kNews = 0.1;
    return std::abs(between_ / between_before - 1) > kNews ||
           std::abs(alone_ / alone_before - 1) > kNews;
}

}  // namespace unflat
