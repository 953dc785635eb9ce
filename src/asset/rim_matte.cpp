// SPDX-License-Identifier: MIT
#include "asset/rim_matte.h"

#include "asset/visibility.h"
#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace unflat {

namespace {

constexpr int kRowsPerTask = 32;
constexpr float kWidth = 3;          // of a tinted rim, at 1024 pixels on the long side
constexpr float kLeastWidth = 2.5F;  // of any photo [pixels]
constexpr float kMostWidth = 8;
constexpr int kPatch = 2;             // the foreground is looked at in squares of 2 x kPatch + 1
constexpr float kLeastContrast = 24;  // below which nothing can be told [levels]
constexpr float kNoise = 12;          // of a colour [levels]
constexpr float kMostResidual = 30;   // of a pixel that is a mixture [levels]
constexpr float kLeastGap = 1.05F;    // what lies behind is that much farther

float length(const cv::Vec3f& v) {
    return std::sqrt(v.dot(v));
}

}  // namespace

OwnLayers own_layers(const Mesh& mesh, const AssetSurface& surface,
                     const std::vector<std::int32_t>& sources, cv::Mat_<float> front) {
    Surface hidden{.points = surface.surface.points, .faces = {}};
    std::vector<cv::Point> shifts;
    for (std::size_t f = 0; f < sources.size(); ++f)
        if (sources[f] != 0) {
            hidden.faces.push_back(surface.surface.faces[f]);
            shifts.emplace_back(surface.charts[static_cast<std::size_t>(sources[f])].shift);
        }
    const SeenFaces seen = draw_faces(hidden, mesh.camera, {.camera = mesh.camera}, 1);
    OwnLayers layers{.photo = mesh.atlas(mesh.photo_in_atlas),
                     .front = std::move(front),
                     .behind = seen.disparity,
                     .behind_rgb = cv::Mat_<cv::Vec3b>(seen.face.size(), cv::Vec3b())};
    const cv::Rect atlas({}, mesh.atlas.size());
    for (int y = 0; y < seen.face.rows; ++y)
        for (int x = 0; x < seen.face.cols; ++x) {
            if (seen.face(y, x) < 0)
                continue;
            const cv::Point texel =
                cv::Point(x, y) + shifts[static_cast<std::size_t>(seen.face(y, x))];
            if (atlas.contains(texel))
                layers.behind_rgb(y, x) = mesh.atlas(texel);
            else
                layers.behind(y, x) = 0;
        }
    return layers;
}

RimMatte::RimMatte(const OwnLayers& layers)
    : layers_(layers),
      width_(std::clamp(
          kWidth * static_cast<float>(std::max(layers.photo.cols, layers.photo.rows)) / 1024,
          kLeastWidth, kMostWidth)),
      side_(layers.photo.size(), static_cast<std::uint8_t>(None)),
      inwards_(layers.photo.size(), cv::Vec2f()),
      alpha_(layers.photo.size(), 1.F),
      contrast_(layers.photo.size(), 0.F),
      foreground_(layers.photo.clone()) {
    find_sides();
    parallel_ranges(static_cast<int>(near_.size()), 512, [&](int first, int last) {
        for (int i = first; i < last; ++i)
            estimate(near_[static_cast<std::size_t>(i)]);
    });
}

void RimMatte::find_sides() {
    // Offsets from near to far
    const float reach = 2 * width_ + 1;
    std::vector<cv::Point> offsets;
    for (int y = -static_cast<int>(reach); y <= static_cast<int>(reach); ++y)
        for (int x = -static_cast<int>(reach); x <= static_cast<int>(reach); ++x)
            if (const int squared = x * x + y * y;
                squared > 0 && static_cast<float>(squared) <= reach * reach)
                offsets.emplace_back(x, y);
    std::stable_sort(offsets.begin(), offsets.end(),
                     [](const cv::Point& a, const cv::Point& b) { return a.dot(a) < b.dot(b); });
    const cv::Rect all({}, side_.size());
    parallel_ranges(side_.rows, kRowsPerTask, [&](int first, int last) {
        for (int y = first; y < last; ++y)
            for (int x = 0; x < side_.cols; ++x) {
                const float front = layers_.front(y, x), behind = layers_.behind(y, x);
                if (!(behind > 0) || front < kLeastGap * behind)
                    continue;
                const float middle = (front + behind) / 2;
                const auto far =
                    std::find_if(offsets.begin(), offsets.end(), [&](const cv::Point& offset) {
                        const cv::Point other = cv::Point(x, y) + offset;
                        return all.contains(other) && layers_.front(other) < middle;
                    });
                if (far != offsets.end()) {
                    side_(y, x) = Near;
                    inwards_(y, x) = {static_cast<float>(-far->x), static_cast<float>(-far->y)};
                }
            }
    });
    const int ring = static_cast<int>(width_);
    for (int y = 0; y < side_.rows; ++y)
        for (int x = 0; x < side_.cols; ++x) {
            if (side_(y, x) != Near)
                continue;
            near_.emplace_back(x, y);
            // What lies beside it, as far as a simplified outline may stray
            const float middle = (layers_.front(y, x) + layers_.behind(y, x)) / 2;
            const cv::Rect around = cv::Rect(x - ring, y - ring, 2 * ring + 1, 2 * ring + 1) & all;
            for (int v = around.y; v < around.y + around.height; ++v)
                for (int u = around.x; u < around.x + around.width; ++u)
                    if (side_(v, u) == None && layers_.front(v, u) < middle)
                        side_(v, u) = Far;
        }
}

// The mean of what the photo shows beside the foreground, next to a pixel
cv::Vec3f RimMatte::background_beside(const cv::Point& pixel) const {
    const cv::Vec2f inwards = inwards_(pixel);
    const auto way = static_cast<float>(cv::norm(inwards));
    const float outside = (way + 1) / way;  // the outermost may have a little tint itself
    const cv::Point middle(
        static_cast<int>(std::lround(static_cast<float>(pixel.x) - inwards[0] * outside)),
        static_cast<int>(std::lround(static_cast<float>(pixel.y) - inwards[1] * outside)));
    const cv::Rect patch =
        cv::Rect(middle - cv::Point(1, 1), cv::Size(3, 3)) & cv::Rect({}, side_.size());
    const float most_disparity = (layers_.front(pixel) + layers_.behind(pixel)) / 2;
    cv::Vec3f sum;
    int count = 0;
    for (int y = patch.y; y < patch.y + patch.height; ++y)
        for (int x = patch.x; x < patch.x + patch.width; ++x)
            if (layers_.front(y, x) < most_disparity) {
                sum += cv::Vec3f(layers_.photo(y, x));
                ++count;
            }
    return count > 0 ? sum / static_cast<float>(count) : cv::Vec3f(layers_.behind_rgb(pixel));
}

// Where a pixel's colour stands between what is behind it and what the foreground has further
// inside. Where one of the foreground's colours explains it alone it is opaque.
void RimMatte::estimate(const cv::Point& pixel) {
    const cv::Vec2f inwards = inwards_(pixel);
    const float way = static_cast<float>(cv::norm(inwards));
    const cv::Vec3f own(layers_.photo(pixel)), behind = background_beside(pixel);
    const float inside = std::max(0.F, width_ + 0.5F + static_cast<float>(kPatch) - way);
    const cv::Point middle(
        static_cast<int>(std::lround(static_cast<float>(pixel.x) + inwards[0] / way * inside)),
        static_cast<int>(std::lround(static_cast<float>(pixel.y) + inwards[1] / way * inside)));
    const cv::Rect patch =
        cv::Rect(middle - cv::Point(kPatch, kPatch), cv::Size(2 * kPatch + 1, 2 * kPatch + 1)) &
        cv::Rect({}, side_.size());
    const float least_disparity = (layers_.front(pixel) + layers_.behind(pixel)) / 2;
    cv::Vec3f colours;
    float weights = 0, alphas = 0, contrasts = 0;
    bool is_explained = false;
    for (int y = patch.y; y < patch.y + patch.height; ++y)
        for (int x = patch.x; x < patch.x + patch.width; ++x) {
            const bool is_inside =
                side_(y, x) == None ||
                (side_(y, x) == Near && cv::norm(inwards_(y, x)) > static_cast<double>(width_));
            if (!is_inside || layers_.front(y, x) < least_disparity)
                continue;
            const cv::Vec3f colour(layers_.photo(y, x));
            const cv::Vec3f range = colour - behind;
            const float squared = range.dot(range);
            is_explained |= length(own - colour) < kNoise;
            if (squared < kLeastContrast * kLeastContrast)
                continue;
            const float alpha = std::clamp((own - behind).dot(range) / squared, 0.F, 1.F);
            const float residual = length(own - behind - alpha * range);
            if (residual > kMostResidual)
                continue;
            const float weight = std::exp(-residual * residual / (kNoise * kNoise)) + 1e-3F;
            weights += weight;
            alphas += weight * alpha;
            contrasts += weight * std::sqrt(squared);
            colours += weight * colour;
        }
    if (weights == 0)
        return;
    contrast_(pixel) = contrasts / weights;
    if (!is_explained && way <= width_)
        alpha_(pixel) = alphas / weights;
    if (!is_explained)
        foreground_(pixel) = cv::Vec3b(colours / weights);
}

cv::Vec3b RimMatte::foreground(const cv::Point& pixel, float opacity) const {
    const cv::Vec3b own = layers_.photo(pixel);
    if (side_(pixel) != Near)
        return own;
    const cv::Vec3f photo(own), range = cv::Vec3f(foreground_(pixel)) - photo;
    const float squared = range.dot(range);
    if (squared < 1)
        return own;
    constexpr float kLeastOpacity = 0.05F;
    const cv::Vec3f behind(layers_.behind_rgb(pixel));
    const cv::Vec3f wanted = (photo - behind) * (1 / std::max(kLeastOpacity, opacity) - 1);
    return photo + std::clamp(wanted.dot(range) / squared, 0.F, 1.F) * range;
}

}  // namespace unflat
