// SPDX-License-Identifier: MIT
#include "inspect_pictures.h"

#include "unflat/render.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <opencv2/imgproc.hpp>

namespace unflat::program {

namespace {

const cv::Vec3b kBlue{60, 110, 255};
const cv::Vec3b kRed{255, 60, 50};
const cv::Vec3b kGreen{60, 230, 90};
const cv::Vec3b kMagenta{255, 0, 255};

cv::Vec3b mix(const cv::Vec3b& a, const cv::Vec3b& b, double share_of_b) {
    cv::Vec3b result;
    for (int channel = 0; channel < 3; ++channel)
        result[channel] = cv::saturate_cast<std::uint8_t>(a[channel] * (1 - share_of_b) +
                                                          b[channel] * share_of_b);
    return result;
}

cv::Scalar scalar(const cv::Vec3b& color) {
    return {double(color[0]), double(color[1]), double(color[2])};
}

// The photo as a quiet ground to draw on
Picture faded(const Picture& photo) {
    cv::Mat grey;
    cv::cvtColor(photo, grey, cv::COLOR_RGB2GRAY);
    cv::Mat rgb;
    cv::cvtColor(grey, rgb, cv::COLOR_GRAY2RGB);
    constexpr double kContrast = 0.6, kLift = 40;
    rgb.convertTo(rgb, CV_8UC3, kContrast, kLift);
    return rgb;
}

cv::Mat_<std::uint8_t> to_bytes(const cv::Mat_<float>& values, double least, double most) {
    const double scale = most > least ? 255 / (most - least) : 0;
    cv::Mat_<std::uint8_t> bytes(values.size());
    std::transform(values.begin(), values.end(), bytes.begin(), [&](float value) {
        return std::isnan(value)
                   ? std::uint8_t{0}
                   : cv::saturate_cast<std::uint8_t>((static_cast<double>(value) - least) * scale);
    });
    return bytes;
}

// Colours far apart for neighbouring numbers: steps of the golden ratio around the hues
cv::Vec3b color_of(std::size_t index) {
    constexpr double kGoldenRatio = 0.61803398875;
    const double turn = std::fmod(static_cast<double>(index) * kGoldenRatio, 1.0);
    Picture pixel(1, 1);
    pixel(0, 0) = {static_cast<std::uint8_t>(turn * 180), 230, 255};  // OpenCV's hues end at 180
    cv::cvtColor(pixel, pixel, cv::COLOR_HSV2RGB);
    return pixel(0, 0);
}

cv::Vec3b checker(int x, int y) {
    constexpr int kCell = 8;
    const std::uint8_t grey = ((x / kCell + y / kCell) & 1) != 0 ? 52 : 40;
    return {grey, grey, grey};
}

// Calls visit(place in the picture, pixel) for the pixel of every column that is `depth`-th
template <typename Visit>
void for_layer(const Ldi& ldi, int depth, const Visit& visit) {
    for (int y = 0; y < ldi.canvas.height; ++y)
        for (int x = 0; x < ldi.canvas.width; ++x) {
            std::int32_t i = ldi.front(x + ldi.canvas.x, y + ldi.canvas.y);
            for (int skipped = 0; i >= 0 && skipped < depth; ++skipped)
                i = ldi.pixels[static_cast<std::size_t>(i)].behind;
            if (i >= 0)
                visit(cv::Point(x, y), ldi.pixels[static_cast<std::size_t>(i)]);
        }
}

Picture checkerboard(cv::Size size) {
    Picture picture(size);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            picture(y, x) = checker(x, y);
    return picture;
}

// Centre of the tile that most cracks pass through
cv::Point busiest_place(const DepthEdges& edges, int tile) {
    const cv::Size tiles(edges.size.width / tile + 1, edges.size.height / tile + 1);
    cv::Mat_<int> counts(tiles, 0);
    for (const DepthEdge& edge : edges.edges)
        for (const Crack& crack : edge.cracks)
            ++counts(crack.near_pixel / edges.size.width / tile,
                     crack.near_pixel % edges.size.width / tile);
    cv::Point best;
    cv::minMaxLoc(counts, nullptr, nullptr, nullptr, &best);
    return {best.x * tile + tile / 2, best.y * tile + tile / 2};
}

}  // namespace

Picture draw_in_colors(const cv::Mat_<float>& disparity, double least, double most) {
    cv::Mat colors;
    cv::applyColorMap(to_bytes(disparity, least, most), colors, cv::COLORMAP_TURBO);
    cv::cvtColor(colors, colors, cv::COLOR_BGR2RGB);
    Picture picture = colors;
    for (int y = 0; y < picture.rows; ++y)
        for (int x = 0; x < picture.cols; ++x)
            if (std::isnan(disparity(y, x)))
                picture(y, x) = {};
    return picture;
}

Picture draw_in_grey(const cv::Mat_<float>& disparity, double least, double most) {
    cv::Mat rgb;
    cv::cvtColor(to_bytes(disparity, least, most), rgb, cv::COLOR_GRAY2RGB);
    return rgb;
}

Picture draw_sharpening(const cv::Mat_<float>& before, const cv::Mat_<float>& after,
                        const DepthEdges& edges) {
    constexpr int kShare = 6, kZoom = 4;
    const int side = std::max(
        {std::min({before.cols, before.rows, std::max(before.cols, before.rows) / kShare}), 1});
    const cv::Point centre = busiest_place(edges, side);
    const cv::Rect crop(std::clamp(centre.x - side / 2, 0, before.cols - side),
                        std::clamp(centre.y - side / 2, 0, before.rows - side), side, side);
    double least = 0, most = 0;
    cv::minMaxLoc(after(crop), &least, &most);
    Picture both;
    cv::hconcat(draw_in_colors(before(crop), least, most), draw_in_colors(after(crop), least, most),
                both);
    cv::resize(both, both, {}, kZoom, kZoom, cv::INTER_NEAREST);
    return both;
}

Picture draw_edges(const Picture& photo, const DepthEdges& edges) {
    Picture picture = faded(photo);
    constexpr double kFarShade = 0.55;
    const auto at = [&](std::int32_t pixel) -> cv::Vec3b& {
        return picture(pixel / picture.cols, pixel % picture.cols);
    };
    // Far sides first, so that the near ones, which make the silhouette, stay whole
    for (const bool near : {false, true})
        for (std::size_t i = 0; i < edges.edges.size(); ++i) {
            const cv::Vec3b color = near ? color_of(i) : mix(color_of(i), {0, 0, 0}, kFarShade);
            for (const Crack& crack : edges.edges[i].cracks)
                at(near ? crack.near_pixel : crack.far_pixel) = color;
        }
    return picture;
}

Picture draw_regions(const Picture& photo, std::span<const InpaintPatch> patches) {
    cv::Rect canvas({0, 0}, photo.size());
    for (const InpaintPatch& patch : patches)
        canvas |= cv::Rect(patch.origin, patch.role.size());
    Picture picture = checkerboard(canvas.size());
    faded(photo).copyTo(picture(cv::Rect(-canvas.tl(), photo.size())));

    // Contexts first: one patch's context may lie over another's synthesis region
    constexpr double kContextShare = 0.35, kSynthesisShare = 0.75;
    for (const Role role : {Role::Context, Role::Synthesis}) {
        cv::Mat_<std::uint8_t> covered(canvas.size(), std::uint8_t{0});
        for (const InpaintPatch& patch : patches)
            for (int y = 0; y < patch.role.rows; ++y)
                for (int x = 0; x < patch.role.cols; ++x)
                    if (patch.role_at(x, y) == role)
                        covered(y + patch.origin.y - canvas.y, x + patch.origin.x - canvas.x) = 1;
        const bool context = role == Role::Context;
        for (int y = 0; y < canvas.height; ++y)
            for (int x = 0; x < canvas.width; ++x)
                if (covered(y, x) != 0)
                    picture(y, x) = mix(picture(y, x), context ? kBlue : kRed,
                                        context ? kContextShare : kSynthesisShare);
    }
    return picture;
}

int layer_count(const Ldi& ldi) {
    int deepest = 0;
    for (const std::int32_t front : ldi.fronts) {
        int depth = 0;
        for (std::int32_t i = front; i >= 0; i = ldi.pixels[static_cast<std::size_t>(i)].behind)
            ++depth;
        deepest = std::max(deepest, depth);
    }
    return deepest;
}

Picture draw_layer(const Ldi& ldi, int depth) {
    Picture picture = checkerboard(ldi.canvas.size());
    for_layer(ldi, depth, [&](cv::Point p, const LdiPixel& pixel) { picture(p) = pixel.rgb; });
    return picture;
}

Picture draw_layer_disparity(const Ldi& ldi, int depth) {
    float least = ldi.pixels.front().disparity, most = least;
    for (const LdiPixel& pixel : ldi.pixels) {
        least = std::min(least, pixel.disparity);
        most = std::max(most, pixel.disparity);
    }
    cv::Mat_<float> values(ldi.canvas.size(), least);
    for_layer(ldi, depth, [&](cv::Point p, const LdiPixel& pixel) { values(p) = pixel.disparity; });
    const Picture colors =
        draw_in_colors(values, static_cast<double>(least), static_cast<double>(most));
    Picture picture = checkerboard(ldi.canvas.size());
    for_layer(ldi, depth, [&](cv::Point p, const LdiPixel&) { picture(p) = colors(p); });
    return picture;
}

Picture draw_wireframe(const Picture& photo, const Mesh& mesh) {
    constexpr int kZoom = 2;  // triangles of a few pixels could not be told apart otherwise
    Picture picture;
    cv::resize(faded(photo), picture, {}, kZoom, kZoom, cv::INTER_NEAREST);
    const cv::Rect2f own(
        static_cast<float>(mesh.photo_in_atlas.x) / static_cast<float>(mesh.atlas.cols),
        static_cast<float>(mesh.photo_in_atlas.y) / static_cast<float>(mesh.atlas.rows),
        static_cast<float>(mesh.photo_in_atlas.width) / static_cast<float>(mesh.atlas.cols),
        static_cast<float>(mesh.photo_in_atlas.height) / static_cast<float>(mesh.atlas.rows));
    for (const bool of_photo : {false, true})
        for (const std::array<std::uint32_t, 3>& triangle : mesh.triangles) {
            std::array<cv::Point, 3> corners;
            cv::Vec2f middle;
            for (std::size_t i = 0; i < 3; ++i) {
                const cv::Point2f p = mesh.camera.project(mesh.positions[triangle[i]]);
                corners[i] = {cvRound(p.x * kZoom), cvRound(p.y * kZoom)};
                middle += mesh.uvs[triangle[i]] / 3.0F;
            }
            if (own.contains({middle[0], middle[1]}) != of_photo)
                continue;
            const cv::Scalar color = scalar(of_photo ? kGreen : kRed);
            for (std::size_t i = 0; i < 3; ++i)
                cv::line(picture, corners[i], corners[(i + 1) % 3], color, 1);
        }
    return picture;
}

Picture draw_holes(const Mesh& mesh, const View& view) {
    // What is empty takes the background's colour, so two backgrounds tell it
    const Frame black = Renderer(mesh).render(view);
    const Frame white = Renderer(mesh, {.background = {255, 255, 255}}).render(view);
    cv::Mat_<cv::Vec3b> difference;
    cv::absdiff(black.rgb, white.rgb, difference);
    cv::Mat_<std::uint8_t> empty(black.rgb.size());
    std::transform(difference.begin(), difference.end(), empty.begin(), [](const cv::Vec3b& v) {
        return static_cast<std::uint8_t>(v == cv::Vec3b() ? 0 : 255);
    });
    constexpr int kThickness = 5;
    cv::dilate(empty, empty, cv::Mat::ones(kThickness, kThickness, CV_8U));
    Picture picture = black.rgb.clone();
    picture.setTo(scalar(kMagenta), empty);
    return picture;
}

std::vector<View> extreme_views(const CameraPath& path) {
    std::set<std::size_t> kept;
    for (int axis = 0; axis < 3; ++axis) {
        const auto less = [axis](const View& a, const View& b) {
            return a.pose.position[axis] < b.pose.position[axis];
        };
        const auto [least, most] = std::minmax_element(path.views.begin(), path.views.end(), less);
        if (!less(*least, *most))
            continue;  // the path does not move along this axis
        kept.insert(static_cast<std::size_t>(least - path.views.begin()));
        kept.insert(static_cast<std::size_t>(most - path.views.begin()));
    }
    std::vector<View> views;
    for (const std::size_t i : kept)
        views.push_back(path.views[i]);
    return views;
}

Picture draw_contact_sheet(const std::vector<NamedPicture>& pictures) {
    constexpr int kWidth = 320, kHeight = 240, kText = 22, kColumns = 4;
    const int rows = (static_cast<int>(pictures.size()) + kColumns - 1) / kColumns;
    Picture sheet(rows * (kHeight + kText), kColumns * kWidth, cv::Vec3b(24, 24, 24));
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        const Picture& picture = pictures[i].rgb;
        const double scale = std::min(static_cast<double>(kWidth - 4) / picture.cols,
                                      static_cast<double>(kHeight - 4) / picture.rows);
        const cv::Size size(std::max(1, cvFloor(picture.cols * scale)),
                            std::max(1, cvFloor(picture.rows * scale)));
        Picture small;
        cv::resize(picture, small, size, 0, 0, cv::INTER_AREA);
        const cv::Point corner(static_cast<int>(i) % kColumns * kWidth,
                               static_cast<int>(i) / kColumns * (kHeight + kText));
        small.copyTo(sheet(cv::Rect(corner + cv::Point((kWidth - size.width) / 2, kText), size)));
        constexpr double kFontSize = 0.45;
        cv::putText(sheet, pictures[i].name, corner + cv::Point(6, kText - 7),
                    cv::FONT_HERSHEY_SIMPLEX, kFontSize, {230, 230, 230}, 1, cv::LINE_AA);
    }
    return sheet;
}

}  // namespace unflat::program
