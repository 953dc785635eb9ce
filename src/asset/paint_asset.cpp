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
constexpr float kRim = 0.5F;         // how far outside of a face a pixel still shows it [pixels]

// How deep places lie in a triangle
class Depths {
public:
    Depths(const Surface& surface, const Surface::Face& face) {
        for (std::size_t k = 0; k < 3; ++k)
            p_[k] = {surface.points[face.points[k]].x, surface.points[face.points[k]].y};
        for (std::size_t k = 0; k < 3; ++k) {
            const cv::Point2f along = p_[(k + 1) % 3] - p_[k];
            const float length = std::max(1e-6F, std::sqrt(along.dot(along)));
            inward_[k] = {along.y / length, -along.x / length};
        }
    }
    // Distance from the nearest side; < 0 outside
    float at(int x, int y) const {
        const cv::Point2f place(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F);
        return std::min({inward_[0].dot(place - p_[0]), inward_[1].dot(place - p_[1]),
                         inward_[2].dot(place - p_[2])});
    }
    // Pixels that lie at most so far from it
    cv::Rect box(float reach) const {
        const auto [left, right] = std::minmax({p_[0].x, p_[1].x, p_[2].x});
        const auto [top, bottom] = std::minmax({p_[0].y, p_[1].y, p_[2].y});
        return {cv::Point(cvFloor(left - reach), cvFloor(top - reach)),
                cv::Point(cvCeil(right + reach), cvCeil(bottom + reach))};
    }

private:
    std::array<cv::Point2f, 3> p_, inward_;
};

cv::Point corner_of(const AssetChart& chart) {
    return chart.box.tl() - cv::Point(kChartPadding, kChartPadding);
}

// Copies the pixels of faces, and some around them: those of the face that is nearest
class ChartCopier {
public:
    ChartCopier(const Mesh& mesh, const AssetSurface& surface,
                const std::vector<std::int32_t>& sources, const AssetChart& chart,
                ChartPicture& picture)
        : mesh_(mesh),
          surface_(surface),
          sources_(sources),
          corner_(corner_of(chart)),
          picture_(picture),
          inside_(picture.rgb.size(), -kBlindReach) {}

    // What continues the chart gives way to its own faces
    void copy(std::uint32_t face, bool own, float seen) {
        const Surface::Face& f = surface_.surface.faces[face];
        const Depths depths(surface_.surface, f);
        const cv::Point shift(surface_.charts[static_cast<std::size_t>(sources_[face])].shift);
        const auto weight = own ? weight_of(f, seen) : std::uint8_t{0};
        const cv::Rect box = depths.box(kBlindReach) & cv::Rect(corner_, picture_.rgb.size());
        for (int y = box.y; y < box.y + box.height; ++y)
            for (int x = box.x; x < box.x + box.width; ++x) {
                float depth = std::min(0.F, depths.at(x, y));
                if (!own)
                    depth -= 0.5F;
                const cv::Point place = cv::Point(x, y) - corner_, texel = cv::Point(x, y) + shift;
                if (depth <= inside_(place) || !cv::Rect({}, mesh_.atlas.size()).contains(texel))
                    continue;
                inside_(place) = depth;
                picture_.rgb(place) = mesh_.atlas(texel);
                picture_.mask(place) = 255;
                picture_.weight(place) = depth > -kRim ? weight : std::uint8_t{0};
            }
    }

private:
    std::uint8_t weight_of(const Surface::Face& face, float seen) const {
        const auto& [a, b, c] = face.points;
        const std::vector<Surface::Point>& points = surface_.surface.points;
        const float area = 0.5F * std::abs(doubled_area(points[a], points[b], points[c]));
        return cv::saturate_cast<std::uint8_t>(255 * seen / std::max(area, 1e-6F));
    }

    const Mesh& mesh_;
    const AssetSurface& surface_;
    const std::vector<std::int32_t>& sources_;
    cv::Point corner_;
    ChartPicture& picture_;
    cv::Mat_<float> inside_;  // of the face that was copied
};

}  // namespace

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

cv::Mat_<cv::Vec4f> scaled_part(const ChartPicture& picture, cv::Rect part, cv::Size size) {
    cv::Mat_<cv::Vec4f> whole(part.size());
    for (int y = 0; y < part.height; ++y)
        for (int x = 0; x < part.width; ++x) {
            const cv::Point at(part.x + x, part.y + y);
            const float known = picture.mask.empty() || picture.mask(at) ? 1.F : 0.F;
            const cv::Vec3b& rgb = picture.rgb(at);
            whole(y, x) = {known * static_cast<float>(rgb[0]), known * static_cast<float>(rgb[1]),
                           known * static_cast<float>(rgb[2]), known};
        }
    if (size == part.size())
        return whole;
    cv::Mat_<cv::Vec4f> reduced;
    cv::resize(whole, reduced, size, 0, 0, cv::INTER_AREA);
    for (cv::Vec4f& c : reduced)
        if (c[3] > 0)
            c *= 1 / c[3];
    return reduced;
}

cv::Mat_<cv::Vec3b> rounded(const cv::Mat_<cv::Vec4f>& colours) {
    cv::Mat_<cv::Vec3b> rgb(colours.size());
    parallel_ranges(rgb.rows, 64, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            for (int x = 0; x < rgb.cols; ++x)
                for (int k = 0; k < 3; ++k)
                    rgb(y, x)[k] = cv::saturate_cast<std::uint8_t>(colours(y, x)[k]);
    });
    return rgb;
}

namespace {

cv::Size size_in_atlas(cv::Size picture, const AssetChart& chart) {
    const auto scaled = [](int side, float scale) {
        return static_cast<int>(std::round(static_cast<float>(side) * scale));
    };
    return {scaled(picture.width, chart.scale.width), scaled(picture.height, chart.scale.height)};
}

// Empty blocks get one colour each, that of the empty one before them
void flatten_empty_blocks(const cv::Mat_<std::uint8_t>& is_painted, cv::Mat_<cv::Vec3b>& atlas) {
    const cv::Size blocks = is_painted.size();
    parallel_ranges(blocks.height, 1, [&](int row, int) {
        bool follows_one = false;
        cv::Scalar colour;
        for (int column = 0; column < blocks.width; ++column) {
            cv::Mat_<cv::Vec3b> block = atlas(cv::Rect(column * kTextureBlock, row * kTextureBlock,
                                                       kTextureBlock, kTextureBlock));
            const bool is_empty = !is_painted(row, column);
            if (is_empty && !follows_one)
                colour = cv::mean(block);
            if (is_empty)
                block.setTo(cv::Scalar(std::round(colour[0]), std::round(colour[1]),
                                       std::round(colour[2])));
            follows_one = is_empty;
        }
    });
}

cv::Mat_<std::uint8_t> painted_blocks(const cv::Mat_<cv::Vec4f>& colours) {
    cv::Mat_<std::uint8_t> painted(colours.rows / kTextureBlock, colours.cols / kTextureBlock,
                                   std::uint8_t{0});
    parallel_ranges(painted.rows, 1, [&](int row, int) {
        for (int y = row * kTextureBlock; y < (row + 1) * kTextureBlock; ++y)
            for (int x = 0; x < painted.cols * kTextureBlock; ++x)
                if (colours(y, x)[3] > 0)
                    painted(row, x / kTextureBlock) = 1;
    });
    return painted;
}

}  // namespace

std::vector<ChartPicture> paint_charts(const Mesh& mesh, const AssetSurface& surface,
                                       const std::vector<std::int32_t>& sources,
                                       const std::vector<float>& seen, const AssetCharts& charts) {
    std::vector<ChartPicture> pictures(charts.charts.size());
    pictures[0].rgb = mesh.atlas(mesh.photo_in_atlas);
    parallel_ranges(static_cast<int>(pictures.size()) - 1, kChartsPerTask,
                    [&](int first, int last) {
                        for (int i = first + 1; i < last + 1; ++i) {
                            const AssetChart& chart = charts.charts[static_cast<std::size_t>(i)];
                            ChartPicture& picture = pictures[static_cast<std::size_t>(i)];
                            const cv::Size size = picture_size(chart);
                            picture.rgb = cv::Mat_<cv::Vec3b>(size, cv::Vec3b());
                            picture.mask = cv::Mat_<std::uint8_t>(size, std::uint8_t{0});
                            picture.weight = cv::Mat_<std::uint8_t>(size, std::uint8_t{0});
                            ChartCopier copier(mesh, surface, sources, chart, picture);
                            for (const std::uint32_t face : chart.faces)
                                copier.copy(face, true, seen[face]);
                            for (const std::uint32_t face : chart.beside)
                                copier.copy(face, false, 0);
                        }
                    });
    return pictures;
}

std::vector<ChartPicture> painted_where_needed(const std::vector<ChartPicture>& pictures,
                                               const Surface& surface, const AssetCharts& charts,
                                               float scale) {
    std::vector<std::vector<std::uint32_t>> members(pictures.size());
    for (std::uint32_t f = 0; f < surface.faces.size(); ++f)
        members[static_cast<std::size_t>(surface.faces[f].chart)].push_back(f);
    // A texel around, and half of one that lies across
    const float reach = 1.5F / scale;
    std::vector<ChartPicture> result = pictures;
    parallel_ranges(static_cast<int>(pictures.size()), kChartsPerTask, [&](int first, int last) {
        for (auto i = static_cast<std::size_t>(std::max(first, 1));
             i < static_cast<std::size_t>(last); ++i) {
            const ChartPicture& picture = pictures[i];
            result[i].mask = cv::Mat_<std::uint8_t>(picture.mask.size(), std::uint8_t{0});
            const cv::Rect whole(corner_of(charts.charts[i]), picture.rgb.size());
            for (const std::uint32_t f : members[i]) {
                const Depths depths(surface, surface.faces[f]);
                const cv::Rect box = depths.box(reach) & whole;
                for (int y = box.y; y < box.y + box.height; ++y)
                    for (int x = box.x; x < box.x + box.width; ++x) {
                        const cv::Point place = cv::Point(x, y) - whole.tl();
                        if (depths.at(x, y) >= -reach)
                            result[i].mask(place) = picture.mask(place);
                    }
            }
        }
    });
    return result;
}

cv::Mat_<cv::Vec3b> paint_atlas(const std::vector<ChartPicture>& pictures,
                                const AssetCharts& charts) {
    cv::Mat_<cv::Vec4f> colours(charts.atlas, cv::Vec4f());
    parallel_ranges(static_cast<int>(pictures.size()), kChartsPerTask, [&](int first, int last) {
        for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
            const AssetChart& chart = charts.charts[i];
            const ChartPicture& picture = pictures[i];
            if (chart.box.empty())
                continue;
            const cv::Size size = size_in_atlas(picture.rgb.size(), chart);
            const int padding =
                i == 0 ? 0 : static_cast<int>(std::round(kChartPadding * chart.scale.width));
            const cv::Rect place(chart.origin - cv::Point(padding, padding), size);
            scaled_part(picture, cv::Rect({}, picture.rgb.size()), size).copyTo(colours(place));
        }
    });
    const cv::Mat_<std::uint8_t> is_painted = painted_blocks(colours);
    fill_smoothly(colours);
    cv::Mat_<cv::Vec3b> atlas = rounded(colours);
    flatten_empty_blocks(is_painted, atlas);
    return atlas;
}

void repaint_photo(const cv::Mat_<cv::Vec3b>& photo, const AssetCharts& charts,
                   cv::Mat_<cv::Vec3b>& atlas) {
    const AssetChart& chart = charts.charts.front();
    const cv::Rect place(chart.origin, size_in_atlas(photo.size(), chart));
    const ChartPicture picture{.rgb = photo};
    rounded(scaled_part(picture, cv::Rect({}, photo.size()), place.size())).copyTo(atlas(place));
}

}  // namespace unflat
