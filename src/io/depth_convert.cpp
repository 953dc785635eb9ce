// SPDX-License-Identifier: MIT
#include "io/depth_convert.h"

#include "io/grey_rows.h"

#include <algorithm>
#include <limits>

namespace unflat {

namespace {

// The number stored for 1: floats hold 1 itself
double code_scale(const cv::Mat& samples) {
    return samples.depth() == CV_8U || samples.depth() == CV_16U ? full_scale(samples) : 1;
}

std::optional<double> rounded_as(const cv::Mat& samples, const std::optional<double>& number) {
    // A number typed in decimals has been rounded where the file holds floats
    if (number && samples.depth() == CV_32F)
        return static_cast<double>(static_cast<float>(*number));
    return number;
}

}  // namespace

DepthFormula chosen_formula(const Picture& picture, const ReadDepthOptions& options,
                            const std::optional<DepthRange>& declared) {
    if (!options.code)
        return DepthFormula::linear(options.kind.value_or(DepthKind::Disparity));
    return DepthFormula::of(*options.code, options.range ? options.range : declared,
                            code_scale(picture.samples));
}

DepthMap convert_depth(const Picture& picture, const DepthFormula& formula,
                       const std::optional<double>& invalid) {
    if (picture.model == ColorModel::Cmyk)
        throw Malformed("it is a CMYK picture");
    constexpr float kInvalid = std::numeric_limits<float>::quiet_NaN();
    DepthMap depth{.values = cv::Mat_<float>(picture.samples.size()), .kind = formula.kind()};
    GreyRows rows(picture);
    const std::optional<double> unknown = rounded_as(picture.samples, invalid);
    for (int y = 0; y < depth.values.rows; ++y) {
        const std::vector<double>& row = rows.read(y);
        std::transform(row.begin(), row.end(), depth.values[y], [&](double stored) {
            const double value = unknown && stored == *unknown
                                     ? std::numeric_limits<double>::quiet_NaN()
                                     : formula(stored);
            return is_depth(value, depth.kind) ? static_cast<float>(value) : kInvalid;
        });
    }
    if (picture.has_alpha) {
        cv::Mat alpha;
        cv::extractChannel(picture.samples, alpha, picture.samples.channels() - 1);
        depth.values.setTo(static_cast<double>(kInvalid), alpha == 0);
    }
    return depth;
}

}  // namespace unflat
