// SPDX-License-Identifier: MIT
// Which samples of which pixels a triangle covers: exact, so that triangles that share an edge
// neither leave a sample out nor share one.
#pragma once

#include "render/outline.h"
#include "render/screen.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <opencv2/core/hal/intrin.hpp>

namespace unflat {

inline constexpr int kSampleCount = 8;

/// Places of the samples in a pixel [1/16 pixel]: every row and column of an 8 x 8 grid holds one;
/// the standard pattern of graphics hardware.
inline constexpr int kSampleGrid = 16;
inline constexpr std::array<int, kSampleCount> kSampleU{9, 7, 13, 5, 3, 1, 11, 15};
inline constexpr std::array<int, kSampleCount> kSampleV{5, 11, 9, 3, 13, 7, 15, 1};

/// One bit per sample.
using SampleMask = std::uint32_t;
inline constexpr SampleMask kAllSamples = (1U << kSampleCount) - 1;

/// Offset of a sample from its pixel's centre [pixels].
inline constexpr float sample_offset(int place) {
    return static_cast<float>(place) / kSampleGrid - 0.5F;
}

/// 1/z of a triangle at a sample.
inline float depth_at(const DepthPlane& depth, int x, int y, unsigned sample) {
    return depth.at(static_cast<float>(x) + sample_offset(kSampleU[sample]),
                    static_cast<float>(y) + sample_offset(kSampleV[sample]));
}

/// The samples of a pixel that see `triangle`.
inline SampleMask samples_that_see(const std::array<std::int32_t, kSampleCount>& seen,
                                   std::int32_t triangle) {
    const cv::v_int32x4 wanted = cv::v_setall_s32(triangle);
    return static_cast<SampleMask>(cv::v_signmask(cv::v_pack(
        cv::v_load(seen.data()) == wanted, cv::v_load(seen.data() + kSampleCount / 2) == wanted)));
}

/// Which samples of a pixel a triangle covers.
class SampleTest {
public:
    explicit SampleTest(const Outline& outline) {
        for (std::size_t k = 0; k < edges_.size(); ++k) {
            edges_[k] = outline.edge(k);
            const auto per_u = cv::v_setall_f64(static_cast<double>(edges_[k].per_u));
            const auto per_v = cv::v_setall_f64(static_cast<double>(edges_[k].per_v));
            for (std::size_t i = 0; i < kSampleCount; i += 2)
                cv::v_store(&beyond_corner_[k][i],
                            per_u * steps_of(kSampleU, i) + per_v * steps_of(kSampleV, i));
        }
    }

    SampleMask mask(int x, int y) const {
        std::array<cv::v_float64x2, 3> beyond;
        for (std::size_t k = 0; k < edges_.size(); ++k)
            beyond[k] = cv::v_setall_f64(-edges_[k].at(x * kPixelSteps, y * kPixelSteps));
        SampleMask mask = 0;
        for (std::size_t i = 0; i < kSampleCount; i += 2) {
            const auto is_inside = [&](std::size_t k) {
                return cv::v_load(&beyond_corner_[k][i]) > beyond[k];
            };
            const auto both =
                static_cast<SampleMask>(cv::v_signmask(is_inside(0) & is_inside(1) & is_inside(2)));
            mask |= both << i;
        }
        return mask;
    }

private:
    static cv::v_float64x2 steps_of(const std::array<int, kSampleCount>& places, std::size_t i) {
        constexpr int kSampleStep = kPixelSteps / kSampleGrid;
        return {static_cast<double>(places[i] * kSampleStep),
                static_cast<double>(places[i + 1] * kSampleStep)};
    }

    std::array<EdgeFunction, 3> edges_;
    /// Edge functions at the samples, less those at the pixel's corner
    std::array<std::array<double, kSampleCount>, 3> beyond_corner_;
};

}  // namespace unflat
