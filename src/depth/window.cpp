// SPDX-License-Identifier: MIT
#include "depth/window.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <opencv2/core/hal/intrin.hpp>

namespace unflat {
namespace {

constexpr double kLeastColorWeight = 1e-9;  // a colour like no other still has a median

using Lanes = cv::v_float32x4;
static_assert(Lanes::nlanes == Neighbours::kLanes);

/// Sum in an order of its own, the same on every machine.
float sum(const Lanes& lanes) {
    std::array<float, Neighbours::kLanes> parts;
    cv::v_store(parts.data(), lanes);
    return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

}  // namespace

ColorWeight::ColorWeight(float sigma) {
    constexpr int kMostDistance2 = 3 * 255 * 255;
    const double bytes = static_cast<double>(sigma) * 255;
    const double scale = -1 / (2 * bytes * bytes);
    double weight = 1;
    for (int i = 0; i <= kMostDistance2 >> kShift && weight > kLeastColorWeight; ++i) {
        weight = std::max(std::exp(scale * static_cast<double>(i << kShift)), kLeastColorWeight);
        table_.push_back(static_cast<float>(weight));
    }
}

Window::Window(int reach, float sigma, const cv::Mat_<float>& values,
               const cv::Mat_<cv::Vec3b>& rgb)
    : radius(reach), heaviest(0) {
    const int stride = (2 * reach + kMostAcross) / kMostAcross;
    const int count = reach / stride;
    for (int y = -count; y <= count; ++y)
        for (int x = -count; x <= count; ++x) {
            if (x == 0 && y == 0)
                continue;
            const int distance2 = (x * x + y * y) * stride * stride;
            const float weight = std::exp(static_cast<float>(-distance2) / (2 * sigma * sigma));
            const int dx = x * stride;
            const int dy = y * stride;
            places.push_back(
                {dx, dy, weight, dx + dy * static_cast<std::ptrdiff_t>(values.step1()),
                 std::ptrdiff_t{3} * dx + dy * static_cast<std::ptrdiff_t>(rgb.step1())});
            heaviest = std::max(heaviest, weight);
        }
}

Neighbours::Balance Neighbours::balance(const Numbers& weights, float own, float distance) const {
    const Lanes least = cv::v_setall_f32(-distance);
    const Lanes most = cv::v_setall_f32(distance);
    const Lanes middle = cv::v_setall_f32(own);
    Lanes below = cv::v_setzero_f32();
    Lanes above = cv::v_setzero_f32();
    Lanes total = cv::v_setzero_f32();
    for (std::size_t i = 0; i < count; i += kLanes) {
        const Lanes weight = cv::v_load(weights.data() + i);
        const Lanes difference = cv::v_load(values.data() + i) - middle;
        below += weight & (difference < least);
        above += weight & (difference > most);
        total += weight;
    }
    return {sum(below), sum(above), sum(total)};
}

float Neighbours::widest_difference(float own) const {
    const Lanes middle = cv::v_setall_f32(own);
    Lanes widest = cv::v_setzero_f32();
    for (std::size_t i = 0; i < count; i += kLanes) {
        // What pads the last round has no weight and does not count
        const Lanes counts = cv::v_load(spatial.data() + i) > cv::v_setzero_f32();
        widest = cv::v_max(widest, cv::v_absdiff(cv::v_load(values.data() + i), middle) & counts);
    }
    return cv::v_reduce_max(widest);
}

float Neighbours::median(const Numbers& weights) const {
    std::array<WeightedValue, kMost> samples;
    for (std::size_t i = 0; i < count; ++i)
        samples[i] = {values[i], weights[i]};
    return weighted_median(std::span(samples.data(), count));
}

}  // namespace unflat
