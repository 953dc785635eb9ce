// SPDX-License-Identifier: MIT
#include "io/depth_convert.h"
#include "io/embedded.h"
#include "io/exif.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

constexpr double kInvalid = std::numeric_limits<double>::quiet_NaN();

// Confidence is coded in steps of 1/7 at the coarsest (DEPTH16): less than half a step is none
constexpr double kLeastConfidence = 1.0 / 14;

// As for depth files: a depth map of another shape is of another picture
constexpr double kMostAspect = 1.25;

// A crop of a few pixels to a codec's blocks is no other shape
constexpr double kAspectTolerance = 0.02;

double aspect(cv::Size2d size) {
    return size.width / size.height;
}

DepthFormula formula_of(const StoredDepth& depth, const ReadDepthOptions& options) {
    ReadDepthOptions asked = options;
    if (options.range && !options.code && !options.kind)
        asked.code = depth.code;
    return asked.code || asked.kind ? chosen_formula(depth.picture, asked, depth.info.range)
                                    : depth.formula;
}

void mask_unsure(const StoredDepth& depth, cv::Mat_<float>& values,
                 std::vector<std::string>& warnings) {
    if (depth.confidence.empty())
        return;
    cv::Mat confidence = depth.confidence;
    if (confidence.size() != values.size())
        cv::resize(depth.confidence, confidence, values.size(), 0, 0, cv::INTER_NEAREST);
    const double full = confidence.depth() == CV_16U ? 65535 : 255;
    const cv::Mat is_unsure = confidence < kLeastConfidence * full;
    if (cv::countNonZero(is_unsure) == static_cast<int>(values.total())) {
        warnings.emplace_back("its depth is nowhere sure; its confidence was ignored");
        return;
    }
    values.setTo(kInvalid, is_unsure);
}

// Lengths of rays become z: shorter by the cosine of the angle to the axis
void project_onto_axis(cv::Mat_<float>& values, const Camera& photo_camera) {
    const Camera camera = resized_camera(photo_camera, values.size());
    for (int y = 0; y < values.rows; ++y)
        for (int x = 0; x < values.cols; ++x) {
            const cv::Vec3f ray =
                camera.unproject(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F, 1);
            values(y, x) /= std::sqrt(ray.dot(ray));
        }
}

}  // namespace

EmbeddedDepth convert_embedded(const StoredDepth& depth, const ReadDepthOptions& options,
                               int orientation, const Camera& camera,
                               std::vector<std::string>& warnings) {
    EmbeddedDepth result;
    result.map = convert_depth(depth.picture, formula_of(depth, options), options.invalid);
    mask_unsure(depth, result.map.values, warnings);
    result.map.values = turn_upright(result.map.values, depth.orientation.value_or(orientation));
    const double ratio = aspect(result.map.values.size()) / aspect(camera.size);
    if (std::max(ratio, 1 / ratio) > kMostAspect)
        throw Malformed("it has " + std::to_string(result.map.values.cols) + "x" +
                        std::to_string(result.map.values.rows) +
                        " pixels, another shape than the photo's");

    const bool is_depth = result.map.kind == DepthKind::Depth;
    if (is_depth && depth.is_along_ray)
        project_onto_axis(result.map.values, camera);
    if (is_depth && depth.unit != 1)
        result.map.values *= depth.unit;
    result.is_metric = depth.info.is_metric && result.map.kind != DepthKind::Disparity;
    result.convention = depth.info.format + " " + depth.info.convention;
    return result;
}

std::optional<Camera> camera_of(const StoredLens& lens, int orientation, cv::Size upright) {
    const bool is_transposed = orientation >= 5;
    const cv::Size2d size =
        is_transposed ? cv::Size2d(lens.size.height, lens.size.width) : lens.size;
    const double ratio = aspect(size) / aspect(upright);
    if (!(std::abs(ratio - 1) <= kAspectTolerance))
        return std::nullopt;

    const double x = lens.principal.x, y = lens.principal.y;
    const double mirrored_x = lens.size.width - x, mirrored_y = lens.size.height - y;
    const std::array<cv::Point2d, 8> places = {{{x, y},
                                                {mirrored_x, y},
                                                {mirrored_x, mirrored_y},
                                                {x, mirrored_y},
                                                {y, x},
                                                {mirrored_y, x},
                                                {mirrored_y, mirrored_x},
                                                {y, mirrored_x}}};
    const cv::Point2d place = places[static_cast<std::size_t>(std::clamp(orientation, 1, 8) - 1)];
    const double scale =
        std::max(upright.width, upright.height) / std::max(size.width, size.height);
    const Camera camera{.size = upright,
                        .focal = static_cast<float>(lens.focal * scale),
                        .cx = static_cast<float>(place.x * upright.width / size.width),
                        .cy = static_cast<float>(place.y * upright.height / size.height)};
    const bool is_inside =
        place.x >= 0 && place.y >= 0 && place.x <= size.width && place.y <= size.height;
    if (!is_inside || !is_likely_focal(static_cast<double>(camera.focal), upright))
        return std::nullopt;
    return camera;
}

}  // namespace unflat
