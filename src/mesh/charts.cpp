// SPDX-License-Identifier: MIT
#include "mesh/charts.h"

#include <algorithm>
#include <numeric>

namespace unflat {

namespace {

constexpr std::int32_t kPhotoChart = 0;
constexpr std::int32_t kWaiting = -1;

// A chart's pieces lie in one cell of a grid of this side; badly filled ones are divided further
constexpr int kLargestCell = 128;
constexpr int kSmallestCell = 16;
constexpr double kLeastFill = 0.5;

// How many of the photo's pixels go with what continues them. Two: filtering looks half a pixel
// beyond a seam, which simplification may have moved by as much, and past its corners
constexpr int kRimWidth = 2;

class ChartFinder {
public:
    explicit ChartFinder(const Ldi& ldi) : ldi_(ldi) {
        result_.of_pixel.assign(ldi.pixels.size(), kWaiting);
        result_.charts.push_back({.box = cv::Rect({}, ldi.camera.size)});
        occupied_.assign(kLargestCell * kLargestCell, -1);
    }

    Charts find() {
        std::fill_n(result_.of_pixel.begin(), ldi_.photo_pixel_count(), kPhotoChart);
        std::vector<std::int32_t> loose(ldi_.pixels.size() - ldi_.photo_pixel_count());
        std::iota(loose.begin(), loose.end(), static_cast<std::int32_t>(ldi_.photo_pixel_count()));
        std::size_t first = 0;
        for (int step = 0; step < kRimWidth; ++step) {
            const std::size_t last = loose.size();
            for (std::size_t i = first; i < last; ++i)
                loosen_neighbours(loose[i], loose);
            first = last;
        }
        divide(loose, kLargestCell);
        return std::move(result_);
    }

private:
    std::int32_t& chart_of(std::int32_t pixel) {
        return result_.of_pixel[static_cast<std::size_t>(pixel)];
    }
    const LdiPixel& at(std::int32_t pixel) const {
        return ldi_.pixels[static_cast<std::size_t>(pixel)];
    }
    // Takes the pixels that a pixel is linked to out of the photo's chart
    void loosen_neighbours(std::int32_t pixel, std::vector<std::int32_t>& loose) {
        for (const std::int32_t other : at(pixel).links)
            if (other != -1 && chart_of(other) == kPhotoChart) {
                chart_of(other) = kWaiting;
                loose.push_back(other);
            }
    }
    cv::Point cell_of(std::int32_t pixel, int cell) const {
        return {(at(pixel).x - ldi_.canvas.x) / cell, (at(pixel).y - ldi_.canvas.y) / cell};
    }

    void divide(const std::vector<std::int32_t>& members, int cell) {
        for (const std::int32_t seed : members) {
            if (chart_of(seed) != kWaiting)
                continue;
            Chart chart = flood(seed, cell);
            // Texels that go with the chart whatever its shape
            constexpr int kMargin = 8;
            const double area = static_cast<double>(chart.box.width + kMargin) *
                                static_cast<double>(chart.box.height + kMargin);
            const bool wasteful = static_cast<double>(chart.pixels.size()) < kLeastFill * area &&
                                  std::max(chart.box.width, chart.box.height) > cell / 2;
            if (wasteful && cell > kSmallestCell) {
                for (const std::int32_t pixel : chart.pixels)
                    chart_of(pixel) = kWaiting;
                divide(chart.pixels, cell / 2);
            } else {
                result_.charts.push_back(std::move(chart));
            }
        }
    }

    // The waiting pixels that links join to a seed within its cell, at most one at a position
    Chart flood(std::int32_t seed, int cell) {
        const auto id = static_cast<std::int32_t>(result_.charts.size());
        ++stamp_;
        const cv::Point home = cell_of(seed, cell);
        Chart chart;
        const auto accept = [&](std::int32_t pixel) {
            if (pixel == -1 || chart_of(pixel) != kWaiting || cell_of(pixel, cell) != home)
                return;
            const int column = (at(pixel).x - ldi_.canvas.x) % cell;
            const int row = (at(pixel).y - ldi_.canvas.y) % cell;
            std::int32_t& place = occupied_[static_cast<std::size_t>(row * cell + column)];
            if (place == stamp_)
                return;
            place = stamp_;
            chart_of(pixel) = id;
            chart.pixels.push_back(pixel);
        };
        accept(seed);
        cv::Point low(at(seed).x, at(seed).y), high = low;
        for (std::size_t i = 0; i < chart.pixels.size(); ++i) {
            const LdiPixel& pixel = at(chart.pixels[i]);
            low = {std::min(low.x, pixel.x), std::min(low.y, pixel.y)};
            high = {std::max(high.x, pixel.x), std::max(high.y, pixel.y)};
            for (const std::int32_t other : pixel.links)
                accept(other);
        }
        chart.box = cv::Rect(low, high + cv::Point(1, 1));
        return chart;
    }

    const Ldi& ldi_;
    Charts result_;
    std::vector<std::int32_t> occupied_;  // per position of a cell: the last flood that was there
    std::int32_t stamp_ = -1;
};

}  // namespace

Charts find_charts(const Ldi& ldi) {
    return ChartFinder(ldi).find();
}

}  // namespace unflat
