// SPDX-License-Identifier: MIT
#include "io/depth_code.h"

#include "io/picture.h"

#include <cmath>
#include <limits>

namespace unflat {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Steps per metre of sensors' files
constexpr double kPerMetre = 1000, kTumPerMetre = 5000, kKittiPerMetre = 256;

// NYU's calibration of the Kinect: metres = 351.3 / (1092.5 - v)
constexpr double kKinectFactor = 351.3, kKinectOffset = 1092.5;
constexpr double kMostKinect = 2047;

// Android's DEPTH16: millimetres below, above them how sure they are; 1 is not at all
constexpr unsigned kDepth16Bits = 13;

double sun3d_metres(double stored) {
    const auto raw = static_cast<unsigned>(stored);
    return ((raw >> 3 | raw << 13) & 0xFFFF) / kPerMetre;
}

double depth16_metres(double stored) {
    const auto raw = static_cast<unsigned>(stored);
    const unsigned confidence = raw >> kDepth16Bits;
    return confidence == 1 ? kUnknown : (raw & ((1U << kDepth16Bits) - 1)) / kPerMetre;
}

double kinect_metres(double stored) {
    return stored > 0 && stored < kKinectOffset ? kKinectFactor / (kKinectOffset - stored)
                                                : kUnknown;
}

}  // namespace

bool is_usable(const DepthRange& range) {
    return std::isfinite(range.near) && range.near > 0 && range.far > range.near;
}

DepthFormula DepthFormula::linear(DepthKind kind, double offset, double factor) {
    return {Form::Linear, kind, offset, factor};
}

DepthFormula DepthFormula::of(DepthCode code, const std::optional<DepthRange>& range,
                              double full_scale) {
    const auto metres = [](Form form, double factor) {
        return DepthFormula(form, DepthKind::Depth, 0, factor);
    };
    switch (code) {
        case DepthCode::Millimetres:
            return metres(Form::Linear, 1 / kPerMetre);
        case DepthCode::Tum:
            return metres(Form::Linear, 1 / kTumPerMetre);
        case DepthCode::Kitti:
            return metres(Form::Linear, 1 / kKittiPerMetre);
        case DepthCode::Kinect:
            return metres(Form::Kinect, 1);
        case DepthCode::Sun3d:
            return metres(Form::Sun3d, 1);
        case DepthCode::Depth16:
            return metres(Form::Depth16, 1);
        default:
            break;
    }
    if (!range || !is_usable(*range))
        throw Malformed("its numbers span a range whose near and far ends are not known");
    const double near = range->near, far = range->far;
    switch (code) {
        case DepthCode::RangeInverse:  // far near / (far - v (far - near)), which is linear in 1/z
            return {Form::Inverse, DepthKind::Depth, 1 / near, (1 / far - 1 / near) / full_scale};
        case DepthCode::UniformInverse:  // 1/z = v (1/near - 1/far) + 1/far
            return {Form::Inverse, DepthKind::Depth, 1 / far, (1 / near - 1 / far) / full_scale};
        default:
            if (!std::isfinite(far))
                throw Malformed("its numbers span a range whose far end is infinite");
            return {Form::Linear, DepthKind::Depth, near, (far - near) / full_scale};
    }
}

double DepthFormula::operator()(double stored) const {
    // Sensors' codes are whole numbers of 16 bits
    const bool is_code = stored >= 0 && stored <= 65535;
    switch (form_) {
        case Form::Linear:
            return offset_ + factor_ * stored;
        case Form::Inverse:
            return 1 / (offset_ + factor_ * stored);
        case Form::Kinect:
            return kinect_metres(stored);
        case Form::Sun3d:
            return is_code ? sun3d_metres(stored) : kUnknown;
        case Form::Depth16:
            return is_code ? depth16_metres(stored) : kUnknown;
    }
    return kUnknown;
}

bool is_depth(double value, DepthKind kind) {
    constexpr double kLargest = static_cast<double>(std::numeric_limits<float>::max());
    if (!(std::abs(value) <= kLargest))
        return false;
    // As floats, numbers next to 0 vanish or have no finite inverse
    constexpr double kSmallest = static_cast<double>(std::numeric_limits<float>::min());
    return kind == DepthKind::Disparity || value >= kSmallest;
}

bool is_byte_swapped_kinect(const cv::Mat& samples) {
    if (samples.depth() != CV_16U)
        return false;
    double most = 0;
    cv::minMaxLoc(samples.reshape(1), nullptr, &most);
    return most > kMostKinect;
}

}  // namespace unflat
