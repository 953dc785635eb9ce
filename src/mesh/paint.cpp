// SPDX-License-Identifier: MIT
#include "core/parallel.h"
#include "mesh/charts.h"

#include <algorithm>
#include <array>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

constexpr int kRowsPerTask = 64;
constexpr int kChartsPerTask = 8;

// Paints one chart with what surrounds it
class ChartPainter {
public:
    ChartPainter(const Ldi& ldi, const Chart& chart, int padding, cv::Mat_<cv::Vec3b>& atlas)
        : ldi_(ldi),
          frame_(chart.box.x - padding, chart.box.y - padding, chart.box.width + 2 * padding,
                 chart.box.height + 2 * padding),
          target_(atlas(cv::Rect(chart.origin - cv::Point(padding, padding), frame_.size()))),
          painted_(frame_.height, frame_.width, std::uint8_t{0}),
          padding_(padding) {
        for (const std::int32_t pixel : chart.pixels)
            put(pixel);
    }

    void paint() {
        follow_links();
        replicate();
    }

private:
    bool put(std::int32_t pixel) {
        const LdiPixel& source = ldi_.pixels[static_cast<std::size_t>(pixel)];
        const cv::Point place = cv::Point(source.x, source.y) - frame_.tl();
        if (!cv::Rect({}, frame_.size()).contains(place) || painted_(place))
            return false;
        painted_(place) = 1;
        target_(place) = source.rgb;
        order_.push_back(place);
        pixels_.push_back(pixel);
        return true;
    }

    // Continue the surface beyond the chart as far as filtering may look
    void follow_links() {
        std::size_t first = 0;
        for (int step = 0; step < padding_; ++step) {
            const std::size_t last = pixels_.size();
            for (std::size_t i = first; i < last; ++i)
                for (const std::int32_t other :
                     ldi_.pixels[static_cast<std::size_t>(pixels_[i])].links)
                    if (other != -1)
                        put(other);
            first = last;
        }
    }

    // Everything else takes the colour of the place from which the flood reaches it first
    void replicate() {
        const cv::Rect frame({}, frame_.size());
        for (std::size_t i = 0; i < order_.size(); ++i)
            for (int d = 0; d < 4; ++d) {
                const cv::Point from = order_[i];
                const cv::Point place = from + step_of(static_cast<Direction>(d));
                if (!frame.contains(place) || painted_(place))
                    continue;
                painted_(place) = 1;
                target_(place) = target_(from);
                order_.push_back(place);
            }
    }

    const Ldi& ldi_;
    cv::Rect frame_;  // positions that are painted
    cv::Mat_<cv::Vec3b> target_;
    cv::Mat_<std::uint8_t> painted_;
    std::vector<cv::Point> order_;      // places in the frame, as they were painted
    std::vector<std::int32_t> pixels_;  // the first of them: pixels that they show
    int padding_;
};

void paint_photo(const Ldi& ldi, cv::Mat_<cv::Vec3b> target) {
    parallel_ranges(target.rows, kRowsPerTask, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            for (int x = 0; x < target.cols; ++x)
                target(y, x) =
                    ldi.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(target.cols) +
                               static_cast<std::size_t>(x)]
                        .rgb;
    });
}

// Repeats the photo's last column and row beyond it
void pad_photo(cv::Size photo, int padding, cv::Mat_<cv::Vec3b>& atlas) {
    const int right = std::min(atlas.cols, photo.width + padding);
    const int bottom = std::min(atlas.rows, photo.height + padding);
    for (int x = photo.width; x < right; ++x)
        atlas(cv::Rect(photo.width - 1, 0, 1, photo.height))
            .copyTo(atlas(cv::Rect(x, 0, 1, photo.height)));
    for (int y = photo.height; y < bottom; ++y)
        atlas(cv::Rect(0, photo.height - 1, right, 1)).copyTo(atlas(cv::Rect(0, y, right, 1)));
}

}  // namespace

cv::Mat_<cv::Vec3b> paint_atlas(const Ldi& ldi, const Charts& charts, int padding) {
    const cv::Size photo = ldi.camera.size;
    cv::Mat_<cv::Vec3b> atlas(charts.atlas);
    paint_photo(ldi, atlas(cv::Rect({}, photo)));

    // Empty places have the photo's mean colour: nothing dark bleeds into coarse mip maps
    const cv::Scalar mean = cv::mean(atlas(cv::Rect({}, photo)));
    atlas(cv::Rect(photo.width, 0, atlas.cols - photo.width, photo.height)).setTo(mean);
    atlas(cv::Rect(0, photo.height, atlas.cols, atlas.rows - photo.height)).setTo(mean);
    pad_photo(photo, padding, atlas);

    const int chart_count = static_cast<int>(charts.charts.size());
    parallel_ranges(chart_count - 1, kChartsPerTask, [&](int first, int last) {
        for (int i = first; i < last; ++i)
            ChartPainter(ldi, charts.charts[static_cast<std::size_t>(i) + 1], padding, atlas)
                .paint();
    });
    return atlas;
}

}  // namespace unflat
