// SPDX-License-Identifier: MIT
#include "unflat/depth.h"

#include "core/checkpoint.h"
#include "depth/dequantize.h"
#include "depth/fill.h"
#include "depth/resample.h"
#include "depth/sharpen.h"

#include <algorithm>
#include <string>

#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

constexpr double kMostAspect = 1.25;  // factor between the aspects of photo and depth

std::string text(cv::Size size) {
    return std::to_string(size.width) + "x" + std::to_string(size.height);
}

void check_options(const PrepareDepthOptions& options) {
    require(options.window >= 1 && options.window % 2 == 1,
            "the sharpening window must be odd and >= 1");
    require(options.spatial_sigma > 0 && options.color_sigma > 0,
            "the sigmas of the sharpening must be > 0");
    require(options.max_passes >= 0, "the number of sharpening passes must be >= 0");
    require(options.edge_threshold > 0 && options.edge_threshold < 1,
            "the threshold of a depth edge must be between 0 and 1");
}

/// A side of n pixels, of the map or of a reduced photo, may have been rounded from anything
/// within half a pixel of n, and a side of one pixel from less: what matters for small and narrow
/// pictures.
void check_aspect(cv::Size photo, cv::Size depth) {
    const auto least = [](int side) { return side == 1 ? 0 : side - 0.5; };
    const auto most = [](int side) { return side + 0.5; };
    const double factor = std::max(
        least(depth.width) * least(photo.height) / (most(depth.height) * most(photo.width)),
        least(depth.height) * least(photo.width) / (most(depth.width) * most(photo.height)));
    if (factor > kMostAspect)
        throw Error(ErrorKind::InvalidInput,
                    "the depth map of " + text(depth) + " pixels does not fit the photo of " +
                        text(photo) +
                        " pixels: the aspect ratios may differ by at most a factor of 1.25");
}

bool has_unknown(const cv::Mat_<float>& values) {
    return std::any_of(values.begin(), values.end(), [](float value) { return value != value; });
}

}  // namespace

DisparityMap prepare_depth(const Photo& photo, const DepthMap& depth,
                           const PrepareDepthOptions& options, Progress* progress) {
    check_options(options);
    require(!photo.rgb.empty(), "the photo is empty: it must have at least one pixel");
    require(!depth.values.empty(), "the depth map is empty: it must have at least one pixel");
    check_aspect(photo.rgb.size(), depth.values.size());
    checkpoint(progress, "depth", 0);
    DisparityMap result = disparity_from_depth(depth, progress);
    const float step = options.edge_threshold * result.range;
    const bool same_size = result.values.size() == photo.rgb.size();
    const bool had_unknown = has_unknown(result.values);

    // Make steps of ramps before anything is interpolated
    if (options.sharpen) {
        dequantize(result.values, step);
        cv::Mat_<cv::Vec3b> reduced = photo.rgb;
        if (!same_size) {
            cv::resize(photo.rgb, reduced, result.values.size(), 0, 0, cv::INTER_AREA);
            sharpen_soft(result.values, result.range, reduced, options, progress);
        }
        sharpen(result.values, result.range, reduced, {}, 0, options, progress);
    }

    // Fill what is unknown from behind, then bring it to the photo's size
    if (had_unknown)
        fill_unknown(result.values, step);
    const Resampled resampled = resample_disparity(result.values, photo.rgb.size(), step);
    result.values = resampled.values;

    // Place the steps by the photo
    if (options.sharpen && (!same_size || had_unknown))
        sharpen(result.values, result.range, photo.rgb, resampled.loose, resampled.loose_radius,
                options, progress);
    checkpoint(progress, "depth", 1);
    return result;
}

}  // namespace unflat
