// SPDX-License-Identifier: MIT
#include "io/profile.h"

#include "core/parallel.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <type_traits>

#include <lcms2.h>
#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

template <typename Handle, auto Release>
struct Releaser {
    using pointer = Handle;
    void operator()(Handle handle) const { Release(handle); }
};
using Context = std::unique_ptr<void, Releaser<cmsContext, cmsDeleteContext>>;
using Profile = std::unique_ptr<void, Releaser<cmsHPROFILE, cmsCloseProfile>>;
using Transform = std::unique_ptr<void, Releaser<cmsHTRANSFORM, cmsDeleteTransform>>;

cmsColorSpaceSignature space_of(ColorModel model) {
    switch (model) {
        case ColorModel::Grey:
            return cmsSigGrayData;
        case ColorModel::Cmyk:
            return cmsSigCmykData;
        case ColorModel::Rgb:
            break;
    }
    return cmsSigRgbData;
}

// lcms2's description of samples: colour space, channels, alpha, bytes each
cmsUInt32Number layout_of(const Picture& picture) {
    constexpr std::array<cmsUInt32Number, 3> kSpaces = {PT_GRAY, PT_RGB, PT_CMYK};
    const auto extra = static_cast<cmsUInt32Number>(picture.has_alpha);
    const auto channels = static_cast<cmsUInt32Number>(picture.samples.channels()) - extra;
    const auto bytes = static_cast<cmsUInt32Number>(picture.samples.elemSize1());
    return COLORSPACE_SH(kSpaces[static_cast<std::size_t>(picture.model)]) | CHANNELS_SH(channels) |
           EXTRA_SH(extra) | BYTES_SH(bytes);
}

// A profile that moves no colour by more than rounding is sRGB under another name
bool changes_nothing(cmsContext context, cmsHPROFILE profile, cmsHPROFILE srgb,
                     cmsUInt32Number flags) {
    constexpr int kSteps = 9;
    std::vector<cv::Vec3b> colors;
    for (int r = 0; r < kSteps; ++r)
        for (int g = 0; g < kSteps; ++g)
            for (int b = 0; b < kSteps; ++b)
                colors.emplace_back(cv::Vec3i(r, g, b) * 255 / (kSteps - 1));
    const Transform transform(cmsCreateTransformTHR(context, profile, TYPE_RGB_8, srgb, TYPE_RGB_8,
                                                    INTENT_RELATIVE_COLORIMETRIC, flags));
    if (!transform)
        return false;
    std::vector<cv::Vec3b> converted(colors.size());
    cmsDoTransform(transform.get(), colors.data(), converted.data(),
                   static_cast<cmsUInt32Number>(colors.size()));
    return cv::norm(colors, converted, cv::NORM_INF) <= 1;
}

cv::Mat_<cv::Vec3b> apply(cmsHTRANSFORM transform, const cv::Mat& samples) {
    cv::Mat_<cv::Vec3b> rgb(samples.size());
    constexpr int kPixelsPerRange = 1 << 16;
    const int grain = std::max(1, kPixelsPerRange / samples.cols);
    parallel_ranges(samples.rows, grain, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            cmsDoTransform(transform, samples.ptr(y), rgb.ptr(y),
                           static_cast<cmsUInt32Number>(samples.cols));
    });
    return rgb;
}

// Nothing if the profile is sRGB; empty with a warning if it is of no use
std::optional<cv::Mat_<cv::Vec3b>> convert_by_profile(const Picture& picture,
                                                      std::vector<std::string>& warnings) {
    const Context context(cmsCreateContext(nullptr, nullptr));
    const Profile profile(
        cmsOpenProfileFromMemTHR(context.get(), picture.profile.data(),
                                 static_cast<cmsUInt32Number>(picture.profile.size())));
    if (!profile) {
        warnings.emplace_back("its ICC profile is broken and was ignored");
        return std::nullopt;
    }
    if (cmsGetColorSpace(profile.get()) != space_of(picture.model)) {
        warnings.emplace_back("its ICC profile is for other colours than it has and was ignored");
        return std::nullopt;
    }

    // No cache: it would be shared by the threads
    constexpr cmsUInt32Number kFlags = cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_NOCACHE;
    const Profile srgb(cmsCreate_sRGBProfileTHR(context.get()));
    if (picture.model == ColorModel::Rgb &&
        changes_nothing(context.get(), profile.get(), srgb.get(), kFlags))
        return std::nullopt;
    const Transform transform(cmsCreateTransformTHR(context.get(), profile.get(),
                                                    layout_of(picture), srgb.get(), TYPE_RGB_8,
                                                    INTENT_RELATIVE_COLORIMETRIC, kFlags));
    if (!transform) {
        warnings.emplace_back("its ICC profile is broken and was ignored");
        return std::nullopt;
    }
    return apply(transform.get(), picture.samples);
}

cv::Mat to_8_bit(const cv::Mat& samples) {
    if (samples.depth() == CV_8U)
        return samples;
    cv::Mat bytes;
    samples.convertTo(bytes, CV_8U, 1 / 257.0);  // 65535 = 257 * 255; rounds
    return bytes;
}

cv::Mat_<cv::Vec3b> convert_cmyk(const cv::Mat& inks) {
    cv::Mat_<cv::Vec3b> rgb(inks.size());
    const int channels = inks.channels();
    for (int y = 0; y < inks.rows; ++y) {
        const std::uint8_t* ink = inks.ptr(y);
        for (int x = 0; x < inks.cols; ++x, ink += channels)
            for (int c = 0; c < 3; ++c)
                rgb(y, x)[c] =
                    static_cast<std::uint8_t>(((255 - ink[c]) * (255 - ink[3]) + 127) / 255);
    }
    return rgb;
}

}  // namespace

std::vector<std::byte> make_profile(Primaries primaries) {
    // ITU-R BT.2020-2 table 3; SMPTE EG 432-1; the white of both
    constexpr cmsCIExyYTRIPLE kBt2020 = {{0.708, 0.292, 1}, {0.170, 0.797, 1}, {0.131, 0.046, 1}};
    constexpr cmsCIExyYTRIPLE kDisplayP3 = {
        {0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
    constexpr cmsCIExyY kD65 = {0.3127, 0.3290, 1};
    constexpr cmsUInt32Number kPiecewiseCurve = 4;  // IEC 61966-2-1, in the terms of lcms2
    constexpr std::array<double, 5> kSrgbCurve = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92,
                                                  0.04045};

    const Context context(cmsCreateContext(nullptr, nullptr));
    cmsToneCurve* const curve =
        cmsBuildParametricToneCurve(context.get(), kPiecewiseCurve, kSrgbCurve.data());
    cmsToneCurve* const curves[3] = {curve, curve, curve};
    const Profile profile(cmsCreateRGBProfileTHR(
        context.get(), &kD65, primaries == Primaries::Bt2020 ? &kBt2020 : &kDisplayP3, curves));
    cmsFreeToneCurve(curve);
    cmsUInt32Number size = 0;
    cmsSaveProfileToMem(profile.get(), nullptr, &size);
    std::vector<std::byte> bytes(size);
    cmsSaveProfileToMem(profile.get(), bytes.data(), &size);
    return bytes;
}

cv::Mat_<cv::Vec3b> convert_to_srgb(const Picture& picture, std::vector<std::string>& warnings) {
    if (!picture.profile.empty())
        if (auto converted = convert_by_profile(picture, warnings))
            return *converted;

    const cv::Mat bytes = to_8_bit(picture.samples);
    if (picture.model == ColorModel::Cmyk)
        return convert_cmyk(bytes);
    cv::Mat_<cv::Vec3b> rgb;
    switch (bytes.channels()) {
        case 1:
            cv::cvtColor(bytes, rgb, cv::COLOR_GRAY2RGB);
            break;
        case 2: {
            cv::Mat grey;
            cv::extractChannel(bytes, grey, 0);
            cv::cvtColor(grey, rgb, cv::COLOR_GRAY2RGB);
            break;
        }
        case 3:
            rgb = bytes;
            break;
        default:
            cv::cvtColor(bytes, rgb, cv::COLOR_RGBA2RGB);
    }
    return rgb;
}

}  // namespace unflat
