// SPDX-License-Identifier: MIT
#include "asset/asset_charts.h"
#include "core/parallel.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

constexpr int kChartsPerTask = 4;
constexpr float kBlindReach = 2.5F;  // how far around faces is painted [pixels]

// Copies the pixels of faces, and some around them: those of the face that is nearest
class ChartCopier {
public:
    ChartCopier(const Mesh& mesh, const AssetSurface& surface,
                const std::vector<std::int32_t>& sources, const AssetChart& chart,
                cv::Mat_<cv::Vec3b>& rgb, cv::Mat_<std::uint8_t>& mask)
        : mesh_(mesh),
          surface_(surface),
          sources_(sources),
          corner_(chart.box.tl() - cv::Point(kChartPadding, kChartPadding)),
          rgb_(rgb),
          mask_(mask),
          inside_(rgb.size(), -kBlindReach) {}

    // What continues the chart gives way to its own faces
    void copy(std::uint32_t face, bool own) {
        std::array<cv::Point2f, 3> p;
        for (std::size_t k = 0; k < 3; ++k) {
            const Surface::Point& point =
                surface_.surface.points[surface_.surface.faces[face].points[k]];
            p[k] = {point.x, point.y};
        }
        const cv::Point shift(surface_.charts[static_cast<std::size_t>(sources_[face])].shift);
        const cv::Rect box = reached(p);
        for (int y = box.y; y < box.y + box.height; ++y)
            for (int x = box.x; x < box.x + box.width; ++x) {
                float depth = std::min(
                    0.F, depth_in(p, static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F));
                if (!own)
                    depth -= 0.5F;
                const cv::Point place = cv::Point(x, y) - corner_, texel = cv::Point(x, y) + shift;
                if (depth <= inside_(place) || !cv::Rect({}, mesh_.atlas.size()).contains(texel))
                    continue;
                inside_(place) = depth;
                rgb_(place) = mesh_.atlas(texel);
                mask_(place) = 255;
            }
    }

private:
    cv::Rect reached(const std::array<cv::Point2f, 3>& p) const {
        const auto [left, right] = std::minmax({p[0].x, p[1].x, p[2].x});
        const auto [top, bottom] = std::minmax({p[0].y, p[1].y, p[2].y});
        const cv::Point first(static_cast<int>(std::floor(left - kBlindReach)),
                              static_cast<int>(std::floor(top - kBlindReach)));
        const cv::Point last(static_cast<int>(std::ceil(right + kBlindReach)),
                             static_cast<int>(std::ceil(bottom + kBlindReach)));
        return cv::Rect(first, last) & cv::Rect(corner_, rgb_.size());
    }

    // How far a place lies from the nearest side of a face; < 0 outside
    static float depth_in(const std::array<cv::Point2f, 3>& p, float x, float y) {
        float least = 1e30F;
        for (std::size_t k = 0; k < 3; ++k) {
            const cv::Point2f along = p[(k + 1) % 3] - p[k];
            const float cross = along.y * (x - p[k].x) - along.x * (y - p[k].y);
            least = std::min(least, cross / std::max(1e-6F, std::hypot(along.x, along.y)));
        }
        return least;
    }

    const Mesh& mesh_;
    const AssetSurface& surface_;
    const std::vector<std::int32_t>& sources_;
    cv::Point corner_;
    cv::Mat_<cv::Vec3b>& rgb_;
    cv::Mat_<std::uint8_t>& mask_;
    cv::Mat_<float> inside_;  // of the face that was copied
};

// Fills what the mask leaves out with what is around it, from far to near.
// Source: pull-push, Gortler et al., "The lumigraph", 1996
void fill_smoothly(cv::Mat_<cv::Vec4f>& colours) {
    constexpr int kSmallest = 2;
    if (std::min(colours.rows, colours.cols) < kSmallest)
        return;
    cv::Mat_<cv::Vec4f> coarse, grown;
    cv::resize(colours, coarse, {(colours.cols + 1) / 2, (colours.rows + 1) / 2}, 0, 0,
               cv::INTER_AREA);
    // What is known counts fully, however small its part
    for (cv::Vec4f& c : coarse)
        if (c[3] > 0)
            c *= 1 / c[3];
    fill_smoothly(coarse);
    cv::resize(coarse, grown, colours.size(), 0, 0, cv::INTER_LINEAR);
    parallel_ranges(colours.rows, 64, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            for (int x = 0; x < colours.cols; ++x) {
                cv::Vec4f& c = colours(y, x);
                if (c[3] < 1)
                    c += (1 - c[3]) * grown(y, x);
            }
    });
}

// Puts a picture whose mask may be empty into the atlas
void put(const cv::Mat_<cv::Vec3b>& rgb, const cv::Mat_<std::uint8_t>& mask, cv::Size size,
         cv::Mat_<cv::Vec4f> target) {
    cv::Mat_<cv::Vec4f> whole(rgb.size());
    for (int y = 0; y < rgb.rows; ++y)
        for (int x = 0; x < rgb.cols; ++x) {
            const float known = mask.empty() || mask(y, x) ? 1.F : 0.F;
            const cv::Vec3f colour = known * cv::Vec3f(rgb(y, x));
            whole(y, x) = {colour[0], colour[1], colour[2], known};
        }
    if (size == rgb.size()) {
        whole.copyTo(target);
        return;
    }
    cv::Mat_<cv::Vec4f> reduced;
    cv::resize(whole, reduced, size, 0, 0, cv::INTER_AREA);
    for (cv::Vec4f& c : reduced)
        if (c[3] > 0)
            c *= 1 / c[3];
    reduced.copyTo(target);
}

int multiple_of_four(int pixels) {
    return (pixels + 3) / 4 * 4;
}

}  // namespace

AssetPainter::AssetPainter(const Mesh& mesh, const AssetSurface& surface,
                           const std::vector<std::int32_t>& sources, const AssetCharts& charts) {
    pictures_.resize(charts.charts.size());
    pictures_[0].rgb = mesh.atlas(mesh.photo_in_atlas);
    parallel_ranges(
        static_cast<int>(pictures_.size()) - 1, kChartsPerTask, [&](int first, int last) {
            for (int i = first + 1; i < last + 1; ++i) {
                const AssetChart& chart = charts.charts[static_cast<std::size_t>(i)];
                Picture& picture = pictures_[static_cast<std::size_t>(i)];
                // Scales are fourths: sizes stay whole
                const cv::Size size(multiple_of_four(chart.box.width + 2 * kChartPadding),
                                    multiple_of_four(chart.box.height + 2 * kChartPadding));
                picture.rgb = cv::Mat_<cv::Vec3b>(size, cv::Vec3b());
                picture.mask = cv::Mat_<std::uint8_t>(size, std::uint8_t{0});
                ChartCopier copier(mesh, surface, sources, chart, picture.rgb, picture.mask);
                for (const std::uint32_t face : chart.faces)
                    copier.copy(face, true);
                for (const std::uint32_t face : chart.beside)
                    copier.copy(face, false);
            }
        });
}

cv::Mat_<cv::Vec3b> AssetPainter::paint(const AssetCharts& charts) const {
    cv::Mat_<cv::Vec4f> colours(charts.atlas, cv::Vec4f());
    parallel_ranges(static_cast<int>(pictures_.size()), kChartsPerTask, [&](int first, int last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
            const AssetChart& chart = charts.charts[i];
            const Picture& picture = pictures_[i];
            if (chart.box.empty())
                continue;
            const cv::Size size(static_cast<int>(std::round(static_cast<float>(picture.rgb.cols) *
                                                            chart.scale.width)),
                                static_cast<int>(std::round(static_cast<float>(picture.rgb.rows) *
                                                            chart.scale.height)));
            const int padding =
                i == 0 ? 0 : static_cast<int>(std::round(kChartPadding * chart.scale.width));
            const cv::Rect place(chart.origin - cv::Point(padding, padding), size);
            put(picture.rgb, picture.mask, size, colours(place));
        }
    });
    fill_smoothly(colours);
    cv::Mat_<cv::Vec3b> atlas(colours.size());
    parallel_ranges(atlas.rows, 64, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            for (int x = 0; x < atlas.cols; ++x)
                for (int k = 0; k < 3; ++k)
                    atlas(y, x)[k] = cv::saturate_cast<std::uint8_t>(colours(y, x)[k]);
    });
    return atlas;
}

}  // namespace unflat
