// SPDX-License-Identifier: MIT
#include "asset/plan_error.h"

#include "asset/visibility.h"
#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace unflat {

namespace {

constexpr int kSide = 192;             // of a drawing, the longer one at most [pixels]
constexpr std::size_t kMostViews = 5;  // that are drawn
const cv::Vec3f kNothing(-1, -1, -1);  // where nothing is drawn
constexpr double kNothingError = 1e4;  // of a pixel that shows nothing where something was

// The picture's colour at a place of the photo's raster, between its pixels' centres
cv::Vec3f colour_at(const ChartPicture& picture, float x, float y) {
    const float u = std::clamp(x - 0.5F, 0.F, static_cast<float>(picture.rgb.cols - 1));
    const float v = std::clamp(y - 0.5F, 0.F, static_cast<float>(picture.rgb.rows - 1));
    const int left = static_cast<int>(u), top = static_cast<int>(v);
    const int right = std::min(left + 1, picture.rgb.cols - 1);
    const int bottom = std::min(top + 1, picture.rgb.rows - 1);
    const float at_right = u - static_cast<float>(left), at_bottom = v - static_cast<float>(top);
    const cv::Vec3b &a = picture.rgb(top, left), &b = picture.rgb(top, right),
                    &c = picture.rgb(bottom, left), &d = picture.rgb(bottom, right);
    cv::Vec3f colour;
    for (int k = 0; k < 3; ++k) {
        const float upper =
            (1 - at_right) * static_cast<float>(a[k]) + at_right * static_cast<float>(b[k]);
        const float lower =
            (1 - at_right) * static_cast<float>(c[k]) + at_right * static_cast<float>(d[k]);
        colour[k] = (1 - at_bottom) * upper + at_bottom * lower;
    }
    return colour;
}

}  // namespace

PlanErrors::PlanErrors(const Surface& surface, const Camera& camera, const AssetCharts& charts,
                       const std::vector<ChartPicture>& pictures, const std::vector<View>& views)
    : camera_(camera),
      charts_(charts),
      pictures_(pictures),
      reduction_((std::max(camera.size.width, camera.size.height) + kSide - 1) / kSide) {
    const std::size_t count = std::min(kMostViews, views.size());
    for (std::size_t i = 0; i < count; ++i)
        views_.push_back(views[i * views.size() / count]);
    truth_.resize(count);
    parallel_ranges(static_cast<int>(count), 1, [&](int i, int) {
        const auto k = static_cast<std::size_t>(i);
        truth_[k] = colours(surface, views_[k]);
    });
}

double PlanErrors::of(const Surface& plan) const {
    std::vector<double> errors(views_.size());
    parallel_ranges(static_cast<int>(views_.size()), 1, [&](int i, int) {
        const auto k = static_cast<std::size_t>(i);
        errors[k] = error_in(plan, k);
    });
    double sum = 0;
    for (const double error : errors)
        sum += error;
    return sum / static_cast<double>(views_.size());
}

double PlanErrors::error_in(const Surface& plan, std::size_t view) const {
    const cv::Mat_<cv::Vec3f> shown = colours(plan, views_[view]);
    double sum = 0;
    for (int y = 0; y < shown.rows; ++y)
        for (int x = 0; x < shown.cols; ++x) {
            const cv::Vec3f &a = truth_[view](y, x), &b = shown(y, x);
            if (a == kNothing)
                continue;
            const cv::Vec3f difference = a - b;
            sum +=
                b == kNothing ? kNothingError : static_cast<double>(difference.dot(difference)) / 3;
        }
    return sum / static_cast<double>(shown.total());
}

cv::Mat_<cv::Vec3f> PlanErrors::colours(const Surface& surface, const View& view) const {
    const SeenFaces seen = draw_faces(surface, camera_, view, reduction_);
    const cv::Matx33f photo_from_view = photo_from_camera(view.pose);
    const auto pixels = static_cast<float>(reduction_);
    const auto place_at = [&](int x, int y, float disparity) {
        const cv::Vec3f p =
            view.camera.unproject(pixels * (static_cast<float>(x) + 0.5F),
                                  pixels * (static_cast<float>(y) + 0.5F), 1 / disparity);
        return camera_.project(photo_from_view * p + view.pose.position);
    };
    cv::Mat_<cv::Vec3f> result(seen.face.size(), kNothing);
    for (int y = 0; y < result.rows; ++y)
        for (int x = 0; x < result.cols; ++x) {
            if (seen.face(y, x) == -1)
                continue;
            const Surface::Face& face = surface.faces[static_cast<std::size_t>(seen.face(y, x))];
            const cv::Point2f at = place_at(x, y, seen.disparity(y, x));
            const auto chart = static_cast<std::size_t>(face.chart);
            const cv::Point corner = chart == 0 ? cv::Point(0, 0)
                                                : charts_.charts[chart].box.tl() -
                                                      cv::Point(kChartPadding, kChartPadding);
            result(y, x) = colour_at(pictures_[chart], at.x - static_cast<float>(corner.x),
                                     at.y - static_cast<float>(corner.y));
        }
    return result;
}

}  // namespace unflat
