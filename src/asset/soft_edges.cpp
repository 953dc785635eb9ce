// SPDX-License-Identifier: MIT
#include "asset/soft_edges.h"

#include "asset/visibility.h"
#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <numeric>

namespace unflat {

namespace {

constexpr float kStep = 0.5F;           // inwards between the places that are looked at [pixels]
constexpr int kMostAlong = 32;          // places along an edge
constexpr float kTransparentFault = 6;  // foreground seen through is worse than tint that stays

// What is known of the matte along the normals of one point of a silhouette
struct Profile {
    struct Place {
        float inside;  // from the silhouette [pixels]
        float alpha;
        float weight;  // area that it stands for [square pixels]
    };
    std::vector<Place> places;
    float contrast = 0;  // between the foreground and what is behind it [levels]
};

class RimFitter {
public:
    RimFitter(const Surface& surface, const Silhouette& silhouette, const RimMatte& matte)
        : surface_(surface),
          silhouette_(silhouette),
          matte_(matte),
          step_count_(static_cast<int>(std::ceil((matte.width() + 3) / kStep))) {}

    Rim fit(std::uint32_t point, cv::Size photo) const {
        const auto& [previous, next] = silhouette_.place(point);
        Profile profile;
        look_along(point, previous, point, photo, profile);
        look_along(point, point, next, photo, profile);
        return best_rim(profile);
    }

private:
    // An edge, what is nearer to the point counting more
    void look_along(std::uint32_t point, std::uint32_t from, std::uint32_t to, cv::Size photo,
                    Profile& profile) const {
        const Surface::Point &a = surface_.points[from], &b = surface_.points[to];
        const cv::Vec2f own(surface_.points[point].x, surface_.points[point].y);
        const cv::Vec2f other = point == from ? cv::Vec2f(b.x, b.y) : cv::Vec2f(a.x, a.y);
        const cv::Vec2f inwards = inwards_of(a, b);
        const auto length = static_cast<float>(cv::norm(other - own));
        const int count = std::clamp(static_cast<int>(length), 1, kMostAlong);
        const cv::Rect all({}, photo);
        for (int i = 0; i < count; ++i) {
            const float share = (static_cast<float>(i) + 0.5F) / static_cast<float>(count);
            const cv::Vec2f base = own + (other - own) * share;
            for (int k = 0; k < step_count_; ++k) {
                const float inside = kStep * (static_cast<float>(k) + 0.5F);
                const cv::Vec2f at = base + inwards * inside;
                const cv::Point pixel(static_cast<int>(std::floor(at[0])),
                                      static_cast<int>(std::floor(at[1])));
                if (!all.contains(pixel))
                    continue;
                const RimMatte::Side side = matte_.side(pixel);
                profile.places.push_back(
                    {inside, side == RimMatte::Far ? 0 : matte_.alpha(pixel),
                     (1 - share) * kStep * length / static_cast<float>(count)});
                if (side == RimMatte::Near)
                    profile.contrast = std::max(profile.contrast, matte_.contrast(pixel));
            }
        }
    }

    // The ramp of opacity that agrees best with the matte
    Rim best_rim(const Profile& profile) const {
        // Softer ones gain more where depth is exact, and lose where it is off by a pixel
        constexpr std::array<float, 3> kOpacities{0.6F, 0.7F, 0.8F};
        const float hard = misfit(profile, {.width = 1});
        Rim best;
        float least = hard;
        for (const float opacity : kOpacities) {
            const Rim rim{.width = std::max(1.F, matte_.width() / 3), .opacity = opacity};
            const float error = misfit(profile, rim);
            if (error < least) {
                least = error;
                best = rim;
            }
        }
        best.worth = (hard - least) * profile.contrast * profile.contrast;
        return best.worth > 0 ? best : Rim{};
    }

    static float misfit(const Profile& profile, const Rim& rim) {
        float sum = 0;
        for (const Profile::Place& place : profile.places) {
            const float along = std::min(1.F, place.inside / rim.width);
            const float ramp = rim.opacity + (1 - rim.opacity) * along;
            const float fault = ramp - place.alpha;
            sum += place.weight * fault * fault * (fault < 0 ? kTransparentFault : 1);
        }
        return sum;
    }

    const Surface& surface_;
    const Silhouette& silhouette_;
    const RimMatte& matte_;
    int step_count_;
};

void keep_best(std::vector<Rim>& rims, std::size_t most) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < rims.size(); ++i)
        if (rims[i].width > 0)
            order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return rims[a].worth > rims[b].worth; });
    for (std::size_t i = most; i < order.size(); ++i)
        rims[order[i]] = {};
}

Surface opaque_part(const SoftSurface& soft) {
    Surface surface = soft.surface;
    surface.faces.resize(surface.faces.size() - soft.blended_faces);
    return surface;
}

// Leaves out rims behind which something is missing from one of the views
class BackingProbe {
public:
    BackingProbe(const Silhouette& silhouette, const RimMatte& matte, const Camera& camera,
                 const std::vector<View>& views, int reduction)
        : silhouette_(silhouette),
          matte_(matte),
          camera_(camera),
          views_(views),
          reduction_(reduction) {}

    // @return false if all of them have something behind
    bool leave_out(const Surface& before, const SoftSurface& soft, std::vector<Rim>& rims) const {
        const Surface opaque = opaque_part(soft);
        std::vector<std::uint8_t> lacks(rims.size());
        parallel_ranges(static_cast<int>(views_.size()), 1, [&](int first, int last) {
            for (int i = first; i < last; ++i)
                probe(static_cast<std::size_t>(i), before, opaque, rims, lacks);
        });
        bool found = false;
        for (std::size_t i = 0; i < rims.size(); ++i)
            if (lacks[i]) {
                rims[i] = {};
                found = true;
            }
        return found;
    }

private:
    void probe(std::size_t view, const Surface& before, const Surface& opaque,
               const std::vector<Rim>& rims, std::vector<std::uint8_t>& lacks) const {
        const bool is_own = view == 0;
        const int reduction = is_own ? 1 : reduction_;
        const SeenFaces seen = draw_faces(opaque, camera_, views_[view], reduction);
        const cv::Matx33f view_from_photo = photo_from_camera(views_[view].pose).t();
        const auto is_backed = [&](const Surface::Point& p) {
            const cv::Vec3f at = view_from_photo * (camera_.unproject(p.x, p.y, 1 / p.disparity) -
                                                    views_[view].pose.position);
            if (!(at[2] > 0))
                return true;
            const cv::Point2f place = views_[view].camera.project(at) / reduction;
            const cv::Point pixel(static_cast<int>(std::floor(place.x)),
                                  static_cast<int>(std::floor(place.y)));
            if (!cv::Rect({}, seen.face.size()).contains(pixel))
                return true;
            const std::int32_t face = seen.face(pixel);
            if (face < 0)
                return false;
            // What shows the photo's colours behind the photo would show the foreground again
            return !is_own || opaque.faces[static_cast<std::size_t>(face)].chart != 0 ||
                   matte_.side(pixel) != RimMatte::Near ||
                   seen.disparity(pixel) > 0.99F * p.disparity;
        };
        for (const std::uint32_t point : silhouette_.points()) {
            if (rims[point].width <= 0)
                continue;
            const Surface::Point& inner = opaque.points[point];
            const Surface::Point& outer = before.points[point];
            constexpr std::array<float, 3> kPlaces{0.05F, 0.35F, 0.65F};
            for (const float share : kPlaces) {
                const Surface::Point p{
                    outer.x + share * (inner.x - outer.x), outer.y + share * (inner.y - outer.y),
                    outer.disparity + share * (inner.disparity - outer.disparity)};
                if (!is_backed(p))
                    std::atomic_ref(lacks[point]).store(1, std::memory_order_relaxed);
            }
        }
    }

    const Silhouette& silhouette_;
    const RimMatte& matte_;
    const Camera& camera_;
    const std::vector<View>& views_;
    int reduction_;
};

// Opacity of the foreground over the pixels that strips touch
class OpacityMap {
public:
    explicit OpacityMap(cv::Size size) : sums_(size, 0.F), counts_(size, 0) {}

    void draw(const SoftSurface& soft) {
        const std::size_t opaque = soft.surface.faces.size() - soft.blended_faces;
        for (std::size_t f = opaque; f < soft.surface.faces.size(); ++f)
            add(soft, soft.surface.faces[f], true);
        std::vector<std::uint8_t> is_rim(soft.surface.points.size());
        for (std::size_t f = opaque; f < soft.surface.faces.size(); ++f)
            for (const std::uint32_t p : soft.surface.faces[f].points)
                is_rim[p] = 1;
        for (std::size_t f = 0; f < opaque; ++f) {
            const auto& [a, b, c] = soft.surface.faces[f].points;
            if (soft.surface.faces[f].chart == 0 && (is_rim[a] || is_rim[b] || is_rim[c]))
                add(soft, soft.surface.faces[f], false);
        }
    }

    template <typename Visit>
    void for_touched(const Visit& visit) const {
        for (int y = 0; y < sums_.rows; ++y)
            for (int x = 0; x < sums_.cols; ++x)
                if (counts_(y, x) > 0)
                    visit(cv::Point(x, y),
                          std::min(1.F, sums_(y, x) / static_cast<float>(kSide * kSide)));
    }

private:
    static constexpr int kSide = 4;  // places in a pixel

    void add(const SoftSurface& soft, const Surface::Face& face, bool is_strip) {
        std::array<Surface::Point, 3> p;
        std::array<float, 3> opacity;
        for (std::size_t k = 0; k < 3; ++k) {
            p[k] = soft.surface.points[face.points[k]];
            opacity[k] = static_cast<float>(soft.opacity[face.points[k]]) / 255;
        }
        const auto [left, right] = std::minmax({p[0].x, p[1].x, p[2].x});
        const auto [top, bottom] = std::minmax({p[0].y, p[1].y, p[2].y});
        const cv::Rect box = cv::Rect(cv::Point(static_cast<int>(std::floor(left)),
                                                static_cast<int>(std::floor(top))),
                                      cv::Point(static_cast<int>(std::ceil(right)),
                                                static_cast<int>(std::ceil(bottom)))) &
                             cv::Rect({}, sums_.size());
        const float area = doubled_area(p[0], p[1], p[2]);
        for (int y = box.y; y < box.y + box.height; ++y)
            for (int x = box.x; x < box.x + box.width; ++x) {
                if (!is_strip && counts_(y, x) == 0)
                    continue;
                for (int i = 0; i < kSide * kSide; ++i) {
                    const Surface::Point at{
                        static_cast<float>(x) + (static_cast<float>(i % kSide) + 0.5F) / kSide,
                        static_cast<float>(y) + (static_cast<float>(i / kSide) + 0.5F) / kSide, 0};
                    const float a = doubled_area(at, p[1], p[2]), b = doubled_area(p[0], at, p[2]);
                    const float c = doubled_area(p[0], p[1], at);
                    if (a < 0 || b < 0 || c < 0)
                        continue;
                    sums_(y, x) += (a * opacity[0] + b * opacity[1] + c * opacity[2]) / area;
                    if (is_strip)
                        ++counts_(y, x);
                }
            }
    }

    cv::Mat_<float> sums_;
    cv::Mat_<int> counts_;
};

}  // namespace

std::int64_t soft_point_bytes(bool quantize) {
    constexpr std::int64_t kOpacities = 2 * 4, kIndices = 2 * 3 * 2;
    return (quantize ? 12 : 20) + kOpacities + kIndices;
}

std::int64_t soft_edge_bytes(const Surface& surface, std::int64_t file_bytes, bool quantize) {
    constexpr double kMostShare = 0.06;
    const auto points = static_cast<std::int64_t>(Silhouette(surface).points().size());
    return std::min(static_cast<std::int64_t>(kMostShare * static_cast<double>(file_bytes)),
                    points * soft_point_bytes(quantize));
}

SoftEdges make_soft_edges(const Surface& surface, const OwnLayers& layers, const Camera& camera,
                          const std::vector<View>& views, int reduction, std::size_t most_points) {
    const RimMatte matte(layers);
    const Silhouette silhouette(surface);
    const RimFitter fitter(surface, silhouette, matte);
    std::vector<Rim> rims(surface.points.size());
    const std::vector<std::uint32_t>& points = silhouette.points();
    parallel_ranges(static_cast<int>(points.size()), 256, [&](int first, int last) {
        for (int i = first; i < last; ++i) {
            const std::uint32_t point = points[static_cast<std::size_t>(i)];
            rims[point] = fitter.fit(point, layers.photo.size());
        }
    });
    keep_best(rims, most_points);

    SoftEdges result{.surface = carve_rims(surface, silhouette, rims),
                     .photo = layers.photo.clone()};
    const BackingProbe probe(silhouette, matte, camera, views, reduction);
    if (probe.leave_out(surface, result.surface, rims))
        result.surface = carve_rims(surface, silhouette, rims);
    OpacityMap opacity(layers.photo.size());
    opacity.draw(result.surface);
    opacity.for_touched([&](const cv::Point& pixel, float share) {
        result.photo(pixel) = matte.foreground(pixel, share);
    });
    return result;
}

}  // namespace unflat
