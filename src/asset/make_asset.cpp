// SPDX-License-Identifier: MIT
#include "unflat/asset.h"

#include "asset/asset_charts.h"
#include "asset/asset_mesh.h"
#include "asset/asset_plan.h"
#include "asset/asset_surface.h"
#include "asset/asset_texture.h"
#include "asset/decimate.h"
#include "asset/safe_range.h"
#include "asset/visibility.h"
#include "core/checkpoint.h"
#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

constexpr std::size_t kMostViews = 24;  // that are looked through

void check(const Mesh& mesh, const AssetOptions& options) {
    require(
        !mesh.triangles.empty() && !mesh.atlas.empty() && mesh.positions.size() == mesh.uvs.size(),
        "make_asset: the mesh has no triangles or no texture");
    require(!mesh.photo_in_atlas.empty() && !mesh.camera.size.empty(),
            "make_asset: the mesh does not tell where its photo is");
    require(options.size > 0 && options.max_texture_side >= kTextureBlock && options.error > 0 &&
                options.uv_error > 0 && options.margin >= 0 && !options.triangle_counts.empty(),
            "make_asset: an option is out of range");
}

// What somebody who looks around sees, where no motion is planned: as far as the preset paths go
std::vector<View> views_around(const Mesh& mesh) {
    const cv::Mat_<float> seen = seen_disparity(mesh);
    std::vector<float> values(seen.begin(), seen.end());
    const auto near = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 99 / 100);
    std::nth_element(values.begin(), near, values.end());
    const float unit = 3 / *near;
    constexpr float kSideways = 0.015F, kForward = 0.05F;
    std::vector<View> views;
    for (const float sign : {-1.F, 1.F})
        for (const cv::Vec3f& position :
             {cv::Vec3f(kSideways, 0, 0), cv::Vec3f(0, kSideways, 0), cv::Vec3f(0, 0, kForward)})
            views.push_back({.pose = {.position = sign * unit * position}, .camera = mesh.camera});
    return views;
}

// The photo's own view, and some of the others from a little farther away
std::vector<View> views_to_look_through(const Camera& camera, const std::vector<View>& views,
                                        float margin) {
    std::vector<View> result{{.camera = camera}};
    // Odd, so that paths of the same rhythm are met at different places
    const std::size_t stride = (views.size() + kMostViews - 1) / kMostViews | 1;
    for (std::size_t i = 0; i < views.size(); i += stride) {
        result.push_back(views[i]);
        result.back().pose.position *= 1 + margin;
    }
    return result;
}

float largest_shift(const std::vector<View>& views) {
    float largest = 0;
    for (const View& view : views)
        largest = std::max(largest, static_cast<float>(cv::norm(view.pose.position)));
    return largest;
}

// How far they go along each axis; some of the way along one of no motion
cv::Vec3f reach_of(const std::vector<View>& views) {
    constexpr float kLeastShare = 0.1F;
    cv::Vec3f reach = cv::Vec3f::all(kLeastShare * largest_shift(views));
    for (const View& view : views)
        for (int axis = 0; axis < 3; ++axis)
            reach[axis] = std::max(reach[axis], std::abs(view.pose.position[axis]));
    return reach;
}

// Leaves out faces that are not of the photo and neither seen nor beside one that is
void drop_unseen(AssetSurface& asset, std::vector<float>& seen) {
    Surface& surface = asset.surface;
    std::vector<std::uint8_t> near_seen(surface.points.size());
    for (std::size_t f = 0; f < surface.faces.size(); ++f)
        if (seen[f] > 0)
            for (const std::uint32_t p : surface.faces[f].points)
                near_seen[p] = 1;
    std::size_t kept = 0;
    for (std::size_t f = 0; f < surface.faces.size(); ++f) {
        const auto& [a, b, c] = surface.faces[f].points;
        if (surface.faces[f].chart != 0 && !near_seen[a] && !near_seen[b] && !near_seen[c])
            continue;
        surface.faces[kept] = surface.faces[f];
        seen[kept++] = seen[f];
    }
    surface.faces.resize(kept);
    seen.resize(kept);
}

// Leaves out pieces that hang on nothing of the photo and are hardly seen
void drop_loose(AssetSurface& asset, std::vector<float>& seen, cv::Size photo) {
    // On average over the views [pixels]; of a photo of few pixels every one counts
    constexpr float kLargest = 2, kShare = 1e-5F;
    const float hardly = std::min(kLargest, kShare * static_cast<float>(photo.area()));
    Surface& surface = asset.surface;
    std::vector<std::uint32_t> parent(surface.points.size());
    std::iota(parent.begin(), parent.end(), 0U);
    const auto find = [&](std::uint32_t i) {
        while (parent[i] != i)
            i = parent[i] = parent[parent[i]];
        return i;
    };
    for (const Surface::Face& face : surface.faces)
        for (const std::size_t k : {std::size_t{1}, std::size_t{2}})
            parent[find(face.points[k])] = find(face.points[0]);
    std::vector<float> worth(surface.points.size());
    for (std::size_t f = 0; f < surface.faces.size(); ++f)
        worth[find(surface.faces[f].points[0])] += surface.faces[f].chart == 0 ? hardly : seen[f];
    std::size_t kept = 0;
    for (std::size_t f = 0; f < surface.faces.size(); ++f)
        if (worth[find(surface.faces[f].points[0])] >= hardly) {
            surface.faces[kept] = surface.faces[f];
            seen[kept++] = seen[f];
        }
    surface.faces.resize(kept);
    seen.resize(kept);
}

// Mean square of the difference between neighbouring texels, averaged over small squares
class Detail {
public:
    explicit Detail(const cv::Mat_<cv::Vec3b>& atlas) {
        cv::Mat grey, along, down;
        cv::cvtColor(atlas, grey, cv::COLOR_RGB2GRAY);
        grey.convertTo(grey, CV_32F);
        cv::Sobel(grey, along, CV_32F, 1, 0, 1, 0.5);
        cv::Sobel(grey, down, CV_32F, 0, 1, 1, 0.5);
        const cv::Mat squares = (along.mul(along) + down.mul(down)) / 2;
        cv::resize(squares, squares_,
                   {std::max(1, atlas.cols / kSquare), std::max(1, atlas.rows / kSquare)}, 0, 0,
                   cv::INTER_AREA);
    }
    float at(float x, float y) const {
        const int column = std::clamp(static_cast<int>(x) / kSquare, 0, squares_.cols - 1);
        const int row = std::clamp(static_cast<int>(y) / kSquare, 0, squares_.rows - 1);
        return squares_(row, column);
    }

private:
    static constexpr int kSquare = 8;
    cv::Mat_<float> squares_;
};

DecimateInput decimate_input(const AssetSurface& asset, const std::vector<std::int32_t>& sources,
                             const std::vector<float>& seen, const Mesh& mesh,
                             const AssetOptions& options) {
    constexpr float kLeastSeen = 0.01F;
    constexpr float kLeastDetail = 4;       // [levels^2]
    constexpr float kBorderContrast = 900;  // of what meets at a silhouette [levels^2]
    DecimateInput input{
        .surface = asset.surface, .error = options.error, .uv_error = options.uv_error};
    const Detail detail(mesh.atlas);
    for (std::size_t f = 0; f < asset.surface.faces.size(); ++f) {
        const auto& p = asset.surface.faces[f].points;
        const Surface::Point &a = asset.surface.points[p[0]], &b = asset.surface.points[p[1]],
                             &c = asset.surface.points[p[2]];
        const float area = 0.5F * std::abs(doubled_area(a, b, c));
        const float share = std::clamp(seen[f] / std::max(area, 1e-6F), kLeastSeen, 1.F);
        const cv::Point2f texel = cv::Point2f((a.x + b.x + c.x) / 3, (a.y + b.y + c.y) / 3) +
                                  asset.charts[static_cast<std::size_t>(sources[f])].shift;
        input.seen.push_back(share);
        input.picture_worth.push_back(share * (kLeastDetail + detail.at(texel.x, texel.y)));
        input.border_worth.push_back(share * kBorderContrast);
    }
    return input;
}

// Charts that no plan needs take no place
void empty_unused(AssetCharts& charts, const std::vector<Plan>& plans) {
    std::vector<std::uint8_t> used(charts.charts.size());
    for (const Plan& plan : plans)
        for (const Surface::Face& face : plan.surface.faces)
            used[static_cast<std::size_t>(face.chart)] = 1;
    for (std::size_t i = 1; i < used.size(); ++i)
        if (!used[i])
            charts.charts[i].box = {};
}

// An atlas laid out and encoded
struct TexturePlan {
    AssetCharts charts;
    float front_scale = 1, hidden_scale = 1;
    std::unique_ptr<TextureEncoder> encoder;
    double error = 0;  // of the photo's pixels within the bytes asked for [levels^2]
};

// The better of full and half chroma within so many bytes
std::optional<TexturePlan> try_scales(AssetCharts charts, float front, float hidden,
                                      const AssetPainter& painter, const cv::Mat_<cv::Vec3b>& photo,
                                      const TextureCodec& codec, std::int64_t bytes, int max_side) {
    std::optional<TexturePlan> best;
    if (!lay_out(charts, front, hidden, max_side))
        return best;
    const cv::Mat_<cv::Vec3b> atlas = painter.paint(charts);
    std::array<std::unique_ptr<TextureEncoder>, 2> encoders;  // full and half chroma
    std::array<const EncodedTexture*, 2> textures{};
    parallel_ranges(2, 1, [&](int i, int) {
        const auto k = static_cast<std::size_t>(i);
        encoders[k] = std::make_unique<TextureEncoder>(atlas, charts, photo, codec, k == 0);
        textures[k] = &encoders[k]->within(bytes);
    });
    constexpr double kGoodError = 20;  // half chroma is no better [levels^2]
    for (std::size_t k = 0; k < 2; ++k) {
        if (static_cast<std::int64_t>(textures[k]->bytes.size()) > bytes)
            continue;
        const double error = textures[k]->front_error;
        if (!best || error < best->error)
            best = TexturePlan{charts, front, hidden, std::move(encoders[k]), error};
        if (error <= kGoodError)
            break;
    }
    return best;
}

// The scale of the front chart at which a texture of so many bytes loses least
std::optional<TexturePlan> choose_texture(const AssetCharts& charts, const AssetPainter& painter,
                                          const cv::Mat_<cv::Vec3b>& photo,
                                          const TextureCodec& codec, std::int64_t bytes,
                                          const AssetOptions& options) {
    constexpr float kFrontScales[] = {1, 0.875F, 0.75F, 0.5F, 0.25F, 0.125F};
    // Of what is hidden only the rims are seen from the photo's place: fewer texels, the more
    // there is of it
    double hidden_area = 0;
    for (std::size_t i = 1; i < charts.charts.size(); ++i)
        hidden_area += charts.charts[i].box.area();
    const double share = hidden_area / charts.charts[0].box.area();
    constexpr double kLittle = 0.5, kMuch = 1.25;
    const float finest = share < kLittle ? 1.F : share < kMuch ? 0.75F : 0.5F;
    const float hidden_scales[] = {finest, 0.5F, 0.25F};
    constexpr double kGoodError = 40;  // fewer texels are not better (32 dB) [levels^2]
    std::optional<TexturePlan> best;
    for (const float front : kFrontScales) {
        std::optional<TexturePlan> plan;
        for (const float hidden : hidden_scales)
            if (hidden <= front && !plan)
                plan = try_scales(charts, front, hidden, painter, photo, codec, bytes,
                                  options.max_texture_side);
        if (plan && best && plan->error >= best->error)
            break;
        if (plan)
            best = std::move(plan);
        if (best && (best->error <= kGoodError || front <= 0.75F))
            break;
    }
    return best;
}

}  // namespace

cv::Mat_<float> seen_disparity(const Mesh& mesh) {
    const AssetSurface surface = surface_of(mesh);
    cv::Mat_<float> disparity =
        draw_faces(surface.surface, mesh.camera, {.camera = mesh.camera}, 1).disparity;
    float least = std::numeric_limits<float>::max();
    for (const float d : disparity)
        if (d > 0)
            least = std::min(least, d);
    for (float& d : disparity)
        if (!(d > 0))
            d = least;
    return disparity;
}

Asset make_asset(const Mesh& mesh, const std::vector<View>& views, const TextureCodec& codec,
                 const AssetOptions& options, Progress* progress) {
    check(mesh, options);
    checkpoint(progress, "asset", 0);
    // What of it is seen
    AssetSurface surface = surface_of(mesh);
    const std::vector<View> seen_from = views_to_look_through(
        mesh.camera, largest_shift(views) > 0 ? views : views_around(mesh), options.margin);
    constexpr int kReducedFrom = 640;  // longer views are drawn at half their size
    const int reduction =
        std::max(mesh.camera.size.width, mesh.camera.size.height) > kReducedFrom ? 2 : 1;
    std::vector<float> seen = seen_areas(surface.surface, mesh.camera, seen_from, reduction);
    drop_unseen(surface, seen);
    drop_loose(surface, seen, mesh.camera.size);
    split_fans(surface.surface);
    checkpoint(progress, "asset", 0.2);

    // New charts, painted from the old ones
    std::vector<std::int32_t> sources;
    for (const Surface::Face& face : surface.surface.faces)
        sources.push_back(face.chart);
    AssetCharts charts = find_asset_charts(surface, mesh.camera.size, seen);
    const AssetPainter painter(mesh, surface, sources, charts);
    checkpoint(progress, "asset", 0.3);

    // Fewer triangles
    DecimateInput input = decimate_input(surface, sources, seen, mesh, options);
    input.front = draw_faces(surface.surface, mesh.camera, seen_from.front(), 1).disparity;
    const std::vector<Plan> plans =
        make_plans(std::move(input), charts, seen_per_chart(surface.surface, seen),
                   Parallax(mesh.camera, seen_from), options, progress);
    empty_unused(charts, plans);
    const auto fail = [&] {
        throw Error(ErrorKind::Unsupported, "this photo cannot be made into an asset of " +
                                                std::to_string(options.size) +
                                                " bytes: allow more");
    };
    if (plans.empty())
        fail();
    checkpoint(progress, "asset", 0.6);

    // Spend the bytes where they matter most
    Asset asset;
    const auto left = [&](const Plan& plan) {
        return options.size - kSceneBytes - plan.geometry_bytes;
    };
    const std::optional<TexturePlan> texture =
        choose_texture(charts, painter, mesh.atlas(mesh.photo_in_atlas), codec,
                       left(plans[plans.size() / 2]), options);
    if (!texture)
        fail();
    const auto error = [&](const Plan& plan) {
        return plan.error + texture->encoder->error_within(left(plan));
    };
    const Plan& plan =
        *std::min_element(plans.begin(), plans.end(),
                          [&](const Plan& a, const Plan& b) { return error(a) < error(b); });
    const EncodedTexture& chosen = texture->encoder->within(left(plan));
    if (static_cast<std::int64_t>(chosen.bytes.size()) > left(plan))
        fail();
    checkpoint(progress, "asset", 0.8);

    asset.mesh =
        asset_mesh(plan.surface, mesh.camera, texture->charts, options.quantize, asset.grid);
    asset.mesh.atlas = chosen.decoded;
    asset.texture = chosen.bytes;
    asset.safe_range = find_safe_range(plan.surface, mesh.camera, reach_of(seen_from));
    asset.choice.texture_quality = chosen.quality;
    asset.choice.full_chroma = texture->encoder->full_chroma();
    asset.choice.front_scale = texture->front_scale;
    asset.choice.hidden_scale = texture->hidden_scale;
    asset.choice.texture_bytes = static_cast<std::int64_t>(chosen.bytes.size());
    asset.choice.error_bound = plan.bound;
    asset.choice.own_view_psnr =
        static_cast<float>(10 * std::log10(255. * 255 / std::max(1e-3, chosen.front_error)));
    checkpoint(progress, "asset", 1);
    return asset;
}

}  // namespace unflat
