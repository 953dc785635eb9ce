// SPDX-License-Identifier: MIT
#include "unflat/photo.h"

#include "unflat/error.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace unflat {

Photo reduce_photo(const Photo& photo, int long_side) {
    require(long_side >= 0, "reduce_photo: the long side must be >= 0");
    const cv::Size size = photo.rgb.size();
    const int longest = std::max(size.width, size.height);
    if (long_side == 0 || longest <= long_side)
        return photo;

    const double factor = static_cast<double>(long_side) / longest;
    const cv::Size reduced(std::max(1, static_cast<int>(std::lround(size.width * factor))),
                           std::max(1, static_cast<int>(std::lround(size.height * factor))));
    Photo result = photo;
    result.rgb = cv::Mat_<cv::Vec3b>();
    cv::resize(photo.rgb, result.rgb, reduced, 0, 0, cv::INTER_AREA);
    result.camera = resized_camera(photo.camera, reduced);
    return result;
}

}  // namespace unflat
