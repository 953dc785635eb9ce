// SPDX-License-Identifier: MIT
#include "asset/asset_texture.h"

#include "asset/texture_curves.h"
#include "core/parallel.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace unflat {

namespace {

// Where another size is to be expected: sizes go about as this power of 100 - quality
int quality_for(int quality, double size_factor) {
    constexpr double kPower = -0.7, kBeyond = 100;
    const double rest = (kBeyond - quality) * std::pow(size_factor, 1 / kPower);
    return std::clamp(static_cast<int>(std::floor(kBeyond - rest)), kLeastQuality,
                      kGreatestQuality);
}

}  // namespace

TextureEncoder::TextureEncoder(cv::Mat_<cv::Vec3b> atlas, const TextureCodec& codec,
                               bool full_chroma)
    : atlas_(std::move(atlas)), codec_(codec), full_chroma_(full_chroma) {}

void TextureEncoder::encode(std::vector<int> qualities) {
    std::erase_if(qualities, [&](int quality) { return known_.contains(quality); });
    std::vector<Encoded> encoded(qualities.size());
    parallel_ranges(static_cast<int>(qualities.size()), 1, [&](int i, int) {
        const auto k = static_cast<std::size_t>(i);
        encoded[k] = {qualities[k], codec_.encode(atlas_, qualities[k], full_chroma_)};
    });
    for (Encoded& one : encoded)
        known_[one.quality] = std::move(one);
}

std::int64_t TextureEncoder::size_at(int quality) {
    encode({quality});
    return static_cast<std::int64_t>(known_.at(quality).bytes.size());
}

const TextureEncoder::Encoded& TextureEncoder::within(std::int64_t bytes, int guess) {
    constexpr double kNearEnough = 0.975;  // a step of quality is some two per cent of the size
    const auto most = static_cast<double>(bytes);
    const auto size = [](const Encoded& one) { return static_cast<double>(one.bytes.size()); };
    const int first = std::clamp(guess, kLeastQuality, kGreatestQuality - 1);
    std::vector<int> next{first, first + 1};  // the second one costs a core that has nothing to do
    while (true) {
        encode(next);
        // Between one that fits and one that does not
        auto high = std::find_if(known_.begin(), known_.end(),
                                 [&](const auto& one) { return size(one.second) > most; });
        if (high == known_.begin()) {
            if (high->first == kLeastQuality)
                return high->second;
            const int lower = quality_for(high->first, most / size(high->second));
            next = {std::min(lower, high->first - 1)};
            next.push_back(std::max(kLeastQuality, next.front() - 1));
            continue;
        }
        const Encoded& low = std::prev(high)->second;
        const int end = high == known_.end() ? kGreatestQuality + 1 : high->first;
        if (low.quality + 1 >= end || size(low) >= kNearEnough * most)
            return low;
        next = {std::clamp(quality_for(low.quality, most / size(low)), low.quality + 1, end - 1)};
        if (next.front() + 1 < end)
            next.push_back(next.front() + 1);
    }
}

}  // namespace unflat
