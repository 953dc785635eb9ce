// SPDX-License-Identifier: MIT
#include "depth/rim_finder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace unflat {
namespace {

constexpr float kReferenceSide = 1024;  // long side for which widths are stated

// The model of a rim: colours of the foreground and the background beside one place of a depth
// edge, learned from the pixels along it
constexpr int kColorReach = 6;           // cracks on either side that share their colours
constexpr int kNormalReach = 4;          // cracks on either side that share their normal
constexpr float kNearFrom = 1.5F;        // first sample inside the foreground [pixels]
constexpr int kSamples = 5;              // samples on each side, a pixel apart
constexpr float kLeastContrast = 0.07F;  // distance of the two colours [sRGB, 0..1]
constexpr float kColorNoise = 0.02F;     // of any photo [sRGB, 0..1]
constexpr float kNoiseFactor = 2;        // contrast over the background's own variation
constexpr float kOffLine = 0.35F;        // distance from the line between the colours [of contrast]
constexpr float kStranger = -0.6F;       // gain of moving a pixel of a third colour
constexpr float kUnsure = -0.3F;         // gain of moving a pixel where the model says nothing
constexpr float kBarred = -1;            // gain of moving a pixel of another surface
constexpr float kStretch = 0.35F;   // cost of a width that changes by a pixel from crack to crack
constexpr float kFringe = 0.75F;    // way beyond a rim on which single pixels are looked at
constexpr float kStraggler = 0.1F;  // gain from which such a pixel belongs to the rim

using Color = cv::Vec3f;  // sRGB, 0..1

Color color(const cv::Vec3b& rgb) {
    return Color(rgb[0], rgb[1], rgb[2]) * (1.0F / 255);
}

cv::Point2f centre(const cv::Point& pixel) {
    return cv::Point2f(pixel) + cv::Point2f(0.5F, 0.5F);
}

float stretch(std::size_t a, std::size_t b) {
    return kStretch * static_cast<float>(a > b ? a - b : b - a);
}

}  // namespace

/// What the samples of one side say.
struct RimFinder::Side {
    Color sum{0, 0, 0};
    cv::Matx33f squares = cv::Matx33f::zeros();
    float count = 0;

    void add(const Color& color) {
        sum += color;
        squares += color * color.t();
        count += 1;
    }
    void add(const Side& other) {
        sum += other.sum;
        squares += other.squares;
        count += other.count;
    }
    Color mean() const { return sum * (1 / count); }
    cv::Matx33f covariance() const {
        const Color m = mean();
        return squares * (1 / count) - m * m.t();
    }
    /// Standard deviation along one axis, were it the same along all three.
    float deviation() const {
        return std::sqrt(std::max(0.0F, static_cast<float>(cv::trace(covariance())) / 3));
    }
};

cv::Point2f middle_of(const Crack& crack, int columns) {
    const cv::Point near(crack.near_pixel % columns, crack.near_pixel / columns);
    return centre(near) + 0.5F * cv::Point2f(step_of(crack.far_from_near));
}

RimFinder::RimFinder(const Photo& photo, const DisparityMap& disparity, const DepthEdges& edges,
                     const RimOptions& options)
    : rgb_(photo.rgb),
      disparity_(disparity.values),
      threshold_(edges.threshold),
      width_(options.width * static_cast<float>(std::max(rgb_.cols, rgb_.rows)) / kReferenceSide),
      min_tint_(options.min_tint) {}

std::vector<RimPlace> RimFinder::places(const DepthEdge& edge) const {
    std::vector<RimPlace> result = trace(edge.cracks);
    learn_colors(edge.cracks, result);
    find_widths(edge.cracks, result);
    return result;
}

bool RimFinder::is_rim(const cv::Point& pixel, const RimPlace& place) const {
    const float beyond = (centre(pixel) - place.middle).dot(place.normal) - place.width;
    if (place.width < 0.5F || beyond >= kFringe)
        return false;
    const float least = beyond < 0 ? -min_tint_ / 2 : kStraggler;
    return gain(rgb_(pixel), place) > least;
}

/// Where the edge runs, without the stairs of its cracks.
std::vector<RimPlace> RimFinder::trace(const std::vector<Crack>& cracks) const {
    std::vector<RimPlace> result(cracks.size());
    const auto count = static_cast<int>(cracks.size());
    for (int i = 0; i < count; ++i) {
        cv::Point2f middle(0, 0);
        cv::Point2f normal(0, 0);
        float total = 0;
        for (int k = -kNormalReach; k <= kNormalReach; ++k) {
            const int other = neighbour(cracks, i, k);
            if (other < 0)
                continue;
            const Crack& crack = cracks[static_cast<std::size_t>(other)];
            normal += cv::Point2f(step_of(crack.far_from_near));
            // A short symmetric mean keeps corners
            if (std::abs(k) <= 1 && neighbour(cracks, i, -k) >= 0) {
                middle += middle_of(crack, disparity_.cols);
                total += 1;
            }
        }
        if (normal.dot(normal) < 1)
            normal = cv::Point2f(step_of(cracks[static_cast<std::size_t>(i)].far_from_near));
        result[static_cast<std::size_t>(i)].middle = middle * (1 / total);
        result[static_cast<std::size_t>(i)].normal = normal * (1 / std::sqrt(normal.dot(normal)));
    }
    return result;
}

/// Index of the crack k further along, or -1 beyond the ends of an open edge.
int RimFinder::neighbour(const std::vector<Crack>& cracks, int i, int k) const {
    const auto count = static_cast<int>(cracks.size());
    const int other = i + k;
    if (other >= 0 && other < count)
        return other;
    const cv::Point2f gap =
        middle_of(cracks.front(), disparity_.cols) - middle_of(cracks.back(), disparity_.cols);
    const bool closed = count > 2 * kColorReach && gap.dot(gap) < 1.01F;
    return closed ? (other + count) % count : -1;
}

/// The pixel at a distance along the normal, or (-1, -1) outside the photo.
cv::Point RimFinder::pixel_at(const RimPlace& place, float distance) const {
    const cv::Point2f at = place.middle + place.normal * distance;
    const cv::Point pixel(cvFloor(at.x), cvFloor(at.y));
    return cv::Rect({}, rgb_.size()).contains(pixel) ? pixel : cv::Point(-1, -1);
}

/// Adds what lies at a distance if it is on the surface of `own` rather than on that of `other`.
void RimFinder::sample(const RimPlace& place, float distance, float own, float other,
                       Side& side) const {
    const cv::Point pixel = pixel_at(place, distance);
    if (pixel.x >= 0 && std::abs(disparity_(pixel) - own) < std::abs(own - other) / 2)
        side.add(color(rgb_(pixel)));
}

void RimFinder::learn_colors(const std::vector<Crack>& cracks,
                             std::vector<RimPlace>& places) const {
    std::vector<std::array<Side, 2>> sides(cracks.size());
    for (std::size_t i = 0; i < cracks.size(); ++i)
        for (int k = 0; k < kSamples; ++k) {
            const float near = near_value(cracks[i]);
            const float far = far_value(cracks[i]);
            const auto offset = static_cast<float>(k);
            sample(places[i], -kNearFrom - offset, near, far, sides[i][0]);
            sample(places[i], width_ + 1 + offset, far, near, sides[i][1]);
        }
    for (int i = 0; i < static_cast<int>(cracks.size()); ++i) {
        std::array<Side, 2> pooled;
        for (int k = -kColorReach; k <= kColorReach; ++k)
            if (const int other = neighbour(cracks, i, k); other >= 0)
                for (std::size_t side = 0; side < 2; ++side)
                    pooled[side].add(sides[static_cast<std::size_t>(other)][side]);
        judge(pooled[0], pooled[1], places[static_cast<std::size_t>(i)]);
    }
}

void RimFinder::judge(const Side& near, const Side& far, RimPlace& place) {
    constexpr float kLeastSamples = 2 * kSamples;
    if (near.count < kLeastSamples || far.count < kLeastSamples)
        return;
    place.background = far.mean();
    place.line = near.mean() - place.background;
    place.contrast = std::sqrt(place.line.dot(place.line));
    place.near_noise = near.deviation();
    if (place.contrast < kLeastContrast)
        return;
    // Fisher's direction: along it the background varies least against the difference
    const cv::Matx33f spread = far.covariance() + cv::Matx33f::eye() * (kColorNoise * kColorNoise);
    const Color direction = spread.inv(cv::DECOMP_CHOLESKY) * place.line;
    const float separation = place.line.dot(direction);
    place.noise = 1 / std::sqrt(separation);
    place.sure = place.noise * kNoiseFactor < 1;
    place.axis = direction * (1 / separation);
}

/// How much better it is to move a pixel of this colour to the foreground than to leave it.
float RimFinder::gain(const cv::Vec3b& rgb, const RimPlace& place) const {
    if (!place.sure)
        return kUnsure;
    const Color offset = color(rgb) - place.background;
    const float tint = std::clamp(offset.dot(place.axis), -1.0F, 1.0F);
    const float along =
        std::clamp(offset.dot(place.line) / (place.contrast * place.contrast), 0.0F, 1.0F);
    const Color residual = offset - place.line * along;
    const float tolerance = std::max(kOffLine * place.contrast, 2 * place.near_noise * tint);
    if (residual.dot(residual) > tolerance * tolerance)
        return kStranger;
    return tint - min_tint_ - place.noise / 2;
}

/// The widths with the largest total gain that change little from crack to crack: a dynamic
/// programme along the edge.
void RimFinder::find_widths(const std::vector<Crack>& cracks, std::vector<RimPlace>& places) const {
    const auto states = static_cast<std::size_t>(std::ceil(width_)) + 1;
    std::vector<float> best(states, 0);
    std::vector<std::vector<std::uint8_t>> from(cracks.size(), std::vector<std::uint8_t>(states));
    for (std::size_t i = 0; i < cracks.size(); ++i) {
        std::vector<float> total(states);
        float gains = 0;
        for (std::size_t e = 0; e < states; ++e) {
            std::size_t source = e;
            for (std::size_t s = 0; s < states; ++s)
                if (best[s] - stretch(s, e) > best[source] - stretch(source, e))
                    source = s;
            from[i][e] = static_cast<std::uint8_t>(source);
            total[e] = best[source] - stretch(source, e) + gains;
            gains += gain_at(cracks[i], places[i], static_cast<float>(e) + 0.5F);
        }
        best = std::move(total);
    }
    auto state =
        static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
    for (std::size_t i = cracks.size(); i-- > 0;) {
        places[i].width = std::min(static_cast<float>(state), width_);
        state = from[i][state];
    }
}

/// What it gains to move the pixel at a distance from a crack.
float RimFinder::gain_at(const Crack& crack, const RimPlace& place, float distance) const {
    const cv::Point pixel = pixel_at(place, distance);
    if (pixel.x < 0)
        return kBarred;
    const float far = far_value(crack);
    if (std::abs(disparity_(pixel) - far) > std::max(threshold_ * 2, (near_value(crack) - far) / 4))
        return kBarred;
    return gain(rgb_(pixel), place);
}

}  // namespace unflat
