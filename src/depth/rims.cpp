// SPDX-License-Identifier: MIT
#include "unflat/depth.h"
#include "unflat/error.h"

#include "depth/specks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
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
constexpr float kNoiseFactor = 2;        // contrast over the background's own variation
constexpr float kOffLine = 0.35F;        // distance from the line between the colours [of contrast]
constexpr float kStranger = -0.6F;       // gain of moving a pixel of a third colour
constexpr float kUnsure = -0.3F;         // gain of moving a pixel where the model says nothing
constexpr float kStretch = 0.35F;  // cost of a width that changes by a pixel from crack to crack

using Color = cv::Vec3f;  // sRGB, 0..1

/// What the samples of one side say.
struct Side {
    Color sum{0, 0, 0};
    float square = 0;
    float count = 0;

    void add(const Color& color) {
        sum += color;
        square += color.dot(color);
        count += 1;
    }
    void add(const Side& other) {
        sum += other.sum;
        square += other.square;
        count += other.count;
    }
    Color mean() const { return sum * (1 / count); }
    /// Standard deviation along one axis, were it the same along all three.
    float deviation() const {
        const Color m = mean();
        return std::sqrt(std::max(0.0F, (square / count - m.dot(m)) / 3));
    }
};

/// The rim at one crack.
struct Place {
    cv::Point2f middle;  ///< on the smoothed edge
    cv::Point2f normal;  ///< towards the far side, of length 1
    bool sure = false;   ///< whether the colours tell the two sides apart
    Color background{0, 0, 0};
    Color axis{0, 0, 0};  ///< dot(colour - background, axis) is the tint
    float contrast = 0;
    float noise = 0;       ///< of the tint
    float near_noise = 0;  ///< of the foreground's colours [sRGB, 0..1]
    float width = 0;       ///< of the rim that belongs to the foreground [pixels]
};

cv::Point2f middle_of(const Crack& crack, int columns) {
    const cv::Point step = step_of(crack.far_from_near);
    return {
        static_cast<float>(crack.near_pixel % columns) + 0.5F + 0.5F * static_cast<float>(step.x),
        static_cast<float>(crack.near_pixel / columns) + 0.5F + 0.5F * static_cast<float>(step.y)};
}

class RimFinder {
public:
    RimFinder(const Photo& photo, const DisparityMap& disparity, const DepthEdges& edges,
              const RimOptions& options)
        : rgb_(photo.rgb),
          disparity_(disparity.values),
          threshold_(edges.threshold),
          width_(options.width * static_cast<float>(std::max(rgb_.cols, rgb_.rows)) /
                 kReferenceSide),
          min_tint_(options.min_tint) {}

    /// The rim along an edge: its colours, then its width at each crack.
    std::vector<Place> places(const DepthEdge& edge) const {
        std::vector<Place> result = trace(edge.cracks);
        learn_colors(edge.cracks, result);
        find_widths(edge.cracks, result);
        return result;
    }

    float width() const { return width_; }

    /// Whether a pixel on the far side belongs to the rim of a place.
    bool is_rim(const cv::Point& pixel, const Place& place) const {
        const cv::Point2f centre(static_cast<float>(pixel.x) + 0.5F,
                                 static_cast<float>(pixel.y) + 0.5F);
        return place.width >= 0.5F && (centre - place.middle).dot(place.normal) < place.width &&
               gain(rgb_(pixel), place) > -min_tint_ / 2;
    }

private:
    static Color color(const cv::Vec3b& rgb) {
        return Color(rgb[0], rgb[1], rgb[2]) * (1.0F / 255);
    }

    /// Where the edge runs, without the stairs of its cracks.
    std::vector<Place> trace(const std::vector<Crack>& cracks) const {
        std::vector<Place> result(cracks.size());
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
            result[static_cast<std::size_t>(i)].normal =
                normal * (1 / std::sqrt(normal.dot(normal)));
        }
        return result;
    }

    /// Index of the crack k further along, or -1 beyond the ends of an open edge.
    int neighbour(const std::vector<Crack>& cracks, int i, int k) const {
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
    cv::Point pixel_at(const Place& place, float distance) const {
        const cv::Point2f at = place.middle + place.normal * distance;
        const cv::Point pixel(cvFloor(at.x), cvFloor(at.y));
        return cv::Rect({}, rgb_.size()).contains(pixel) ? pixel : cv::Point(-1, -1);
    }

    /// Adds what lies at a distance if it is on the surface of `own` rather than on that of
    /// `other`.
    void sample(const Place& place, float distance, float own, float other, Side& side) const {
        const cv::Point pixel = pixel_at(place, distance);
        if (pixel.x >= 0 && std::abs(disparity_(pixel) - own) < std::abs(own - other) / 2)
            side.add(color(rgb_(pixel)));
    }

    float near_value(const Crack& crack) const { return *(disparity_[0] + crack.near_pixel); }
    float far_value(const Crack& crack) const { return *(disparity_[0] + crack.far_pixel); }

    void learn_colors(const std::vector<Crack>& cracks, std::vector<Place>& places) const {
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

    static void judge(const Side& near, const Side& far, Place& place) {
        constexpr float kLeastSamples = 2 * kSamples;
        if (near.count < kLeastSamples || far.count < kLeastSamples)
            return;
        place.background = far.mean();
        const Color difference = near.mean() - place.background;
        place.contrast = std::sqrt(difference.dot(difference));
        place.near_noise = near.deviation();
        if (place.contrast < kLeastContrast || place.contrast < kNoiseFactor * far.deviation())
            return;
        place.sure = true;
        place.axis = difference * (1 / (place.contrast * place.contrast));
        place.noise = far.deviation() / place.contrast;
    }

    /// How much better it is to move a pixel of this colour to the foreground than to leave it.
    float gain(const cv::Vec3b& rgb, const Place& place) const {
        if (!place.sure)
            return kUnsure;
        const Color offset = color(rgb) - place.background;
        const float tint = std::clamp(offset.dot(place.axis), 0.0F, 1.0F);
        const Color residual = offset - place.axis * (tint * place.contrast * place.contrast);
        const float tolerance = std::max(kOffLine * place.contrast, 2 * place.near_noise * tint);
        if (residual.dot(residual) > tolerance * tolerance)
            return kStranger;
        return tint - min_tint_ - place.noise / 2;
    }

    /// The widths with the largest total gain that change little from crack to crack: a dynamic
    /// programme along the edge.
    void find_widths(const std::vector<Crack>& cracks, std::vector<Place>& places) const {
        const auto states = static_cast<std::size_t>(std::ceil(width_)) + 1;
        std::vector<float> best(states, 0);
        std::vector<std::vector<std::uint8_t>> from(cracks.size(),
                                                    std::vector<std::uint8_t>(states));
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

    static float stretch(std::size_t a, std::size_t b) {
        return kStretch * static_cast<float>(a > b ? a - b : b - a);
    }

    float gain_at(const Crack& crack, const Place& place, float distance) const {
        const cv::Point pixel = pixel_at(place, distance);
        if (pixel.x < 0)
            return -1;
        const float value = disparity_(pixel);
        const float far = far_value(crack);
        if (std::abs(value - far) > std::max(threshold_ * 2, (near_value(crack) - far) / 4))
            return -1;
        return gain(rgb_(pixel), place);
    }

    const cv::Mat_<cv::Vec3b>& rgb_;
    const cv::Mat_<float>& disparity_;
    float threshold_;
    float width_;
    float min_tint_;
};

/// The far pixels beside depth edges and for each the crack that it is nearest to.
class Band {
public:
    struct Source {
        const Crack* crack = nullptr;
        const Place* place = nullptr;
    };

    Band(const cv::Mat_<float>& disparity, float threshold)
        : disparity_(disparity), threshold_(threshold), nearest_(disparity.size(), -1) {}

    void add(const Crack& crack, const Place& place) {
        sources_.push_back({&crack, &place});
        offer(pixel_of(crack.far_pixel), static_cast<int>(sources_.size()) - 1, front_);
    }

    /// Lets every source spread over its surface.
    void spread(int steps) {
        for (int step = 0; step < steps; ++step) {
            std::vector<cv::Point> next;
            for (const cv::Point& pixel : front_)
                for (int i = 0; i < 4; ++i) {
                    const cv::Point other = pixel + step_of(static_cast<Direction>(i));
                    if (is_linked(pixel, other))
                        offer(other, nearest_(pixel), next);
                }
            front_ = std::move(next);
        }
    }

    const std::vector<cv::Point>& pixels() const { return pixels_; }
    const Source& source(const cv::Point& pixel) const {
        return sources_[static_cast<std::size_t>(nearest_(pixel))];
    }
    bool contains(const cv::Point& pixel) const { return nearest_(pixel) >= 0; }
    bool is_linked(const cv::Point& a, const cv::Point& b) const {
        return cv::Rect({}, disparity_.size()).contains(b) &&
               std::abs(disparity_(a) - disparity_(b)) <= threshold_;
    }

private:
    cv::Point pixel_of(int index) const {
        return {index % disparity_.cols, index / disparity_.cols};
    }

    float distance(const cv::Point& pixel, int source) const {
        const cv::Point2f offset =
            cv::Point2f(pixel) + cv::Point2f(0.5F, 0.5F) -
            middle_of(*sources_[static_cast<std::size_t>(source)].crack, disparity_.cols);
        return offset.dot(offset);
    }

    /// Takes a source for a pixel that has none or a farther one.
    void offer(const cv::Point& pixel, int source, std::vector<cv::Point>& front) {
        int& nearest = nearest_(pixel);
        if (nearest >= 0 && distance(pixel, nearest) <= distance(pixel, source))
            return;
        if (nearest < 0)
            pixels_.push_back(pixel);
        nearest = source;
        front.push_back(pixel);
    }

    const cv::Mat_<float>& disparity_;
    float threshold_;
    cv::Mat_<int> nearest_;
    std::vector<Source> sources_;
    std::vector<cv::Point> pixels_;
    std::vector<cv::Point> front_;
};

/// Gives the marked pixels of a band the disparity of their near side and takes back what would
/// fray: pixels that touch the foreground on one side at most.
void move(const Band& band, Mask& moved, cv::Mat_<float>& values) {
    const auto near_of = [&](const cv::Point& pixel) {
        return *(values[0] + band.source(pixel).crack->near_pixel);
    };
    const auto is_near = [&](const cv::Point& pixel, const cv::Point& other) {
        if (!cv::Rect({}, values.size()).contains(other))
            return false;
        if (moved(other))
            return true;
        return !band.is_linked(pixel, other) && values(other) > values(pixel);
    };
    std::vector<std::pair<cv::Point, bool>> changes;
    for (int pass = 0; pass < 2; ++pass) {
        changes.clear();
        for (const cv::Point& pixel : band.pixels()) {
            int count = 0;
            for (int i = 0; i < 4; ++i)
                count += is_near(pixel, pixel + step_of(static_cast<Direction>(i))) ? 1 : 0;
            if (moved(pixel) && count <= 1)
                changes.emplace_back(pixel, false);
        }
        for (const auto& [pixel, value] : changes)
            moved(pixel) = value ? 1 : 0;
    }
    std::vector<float> results;
    for (const cv::Point& pixel : band.pixels())
        results.push_back(moved(pixel) ? near_of(pixel) : values(pixel));
    for (std::size_t i = 0; i < results.size(); ++i)
        values(band.pixels()[i]) = results[i];
}

}  // namespace

DisparityMap move_tinted_rims(const Photo& photo, const DisparityMap& disparity,
                              const DepthEdges& edges, const RimOptions& options) {
    require(photo.rgb.size() == disparity.values.size() && edges.size == photo.rgb.size(),
            "photo, disparity map and depth edges must have the same size");
    require(options.width >= 0 && options.width <= 100, "the width of a rim must be in 0..100");
    require(options.min_tint > 0 && options.min_tint <= 1, "the least tint must be in 0..1");
    DisparityMap result = disparity;
    result.values = disparity.values.clone();

    // Find how wide the rim is along every edge
    const RimFinder finder(photo, result, edges, options);
    std::vector<std::vector<Place>> rims;
    rims.reserve(edges.edges.size());
    Band band(disparity.values, edges.threshold);
    for (const DepthEdge& edge : edges.edges) {
        rims.push_back(finder.places(edge));
        for (std::size_t i = 0; i < edge.cracks.size(); ++i)
            band.add(edge.cracks[i], rims.back()[i]);
    }

    // Move its pixels
    band.spread(static_cast<int>(std::ceil(finder.width())) + 1);
    Mask moved(disparity.values.size(), std::uint8_t{0});
    for (const cv::Point& pixel : band.pixels())
        moved(pixel) = finder.is_rim(pixel, *band.source(pixel).place) ? 1 : 0;
    move(band, moved, result.values);

    // What is left of the background between moved rims, or was noise, must not stand alone
    const float scale = static_cast<float>(std::max(photo.rgb.cols, photo.rgb.rows)) / 1024;
    constexpr float kSpeckArea = 8;  // [square pixels at 1024 on the long side]
    absorb_specks(result.values, edges.threshold,
                  std::max(3, static_cast<int>(std::lround(kSpeckArea * scale * scale))));
    return result;
}

}  // namespace unflat
