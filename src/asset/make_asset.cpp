// SPDX-License-Identifier: MIT
#include "unflat/asset.h"

#include "asset/asset_charts.h"
#include "asset/asset_mesh.h"
#include "asset/asset_plan.h"
#include "asset/asset_surface.h"
#include "asset/decimate.h"
#include "asset/plan_error.h"
#include "asset/safe_range.h"
#include "asset/seen_parts.h"
#include "asset/soft_edges.h"
#include "asset/spend_bytes.h"
#include "asset/visibility.h"
#include "core/checkpoint.h"
#include "core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

constexpr std::size_t kMostViews = 16;  // that are looked through

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

TextureCurves usual_curves(const std::vector<ChartPicture>& pictures, const Surface& surface,
                           const AssetCharts& charts, const TextureCodec& codec) {
    constexpr float kUsualScale = 0.75F;
    TextureCurves curves(painted_where_needed(pictures, surface, charts, kUsualScale), codec);
    constexpr bool kFullChroma = true;
    curves.add_scales(kUsualFrontScales, kUsualHiddenScales, kFullChroma);
    return curves;
}

double front_psnr(const Mesh& asset, cv::Mat_<cv::Vec3b> photo) {
    cv::Mat_<cv::Vec3b> front = asset.atlas(asset.photo_in_atlas);
    if (front.size() != photo.size())
        cv::resize(front, front, photo.size(), 0, 0, cv::INTER_LINEAR);
    constexpr double kLeastError = 1e-3;
    const double error =
        cv::norm(front, photo, cv::NORM_L2SQR) / (3 * static_cast<double>(photo.total()));
    return 10 * std::log10(255. * 255 / std::max(kLeastError, error));
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

namespace {

// Makes the edges of a chosen plan soft, and its texture anew; leaves both as they are if that
// does not fit
void soften(Spent& made, const OwnLayers& layers, const Camera& camera,
            const std::vector<View>& views, int reduction, const TextureCodec& codec,
            const AssetOptions& options, SoftEdges& result) {
    const Surface& surface = made.plan->surface;
    const auto most_points =
        static_cast<std::size_t>(soft_edge_bytes(surface, options.size, options.quantize) /
                                 soft_point_bytes(options.quantize));
    SoftEdges soft = make_soft_edges(surface, layers, camera, views, reduction, most_points);
    repaint_photo(soft.photo, made.charts, made.atlas);
    const std::int64_t bytes = options.size - kSceneBytes - made.plan->geometry_bytes;
    TextureEncoder encoder(made.atlas, codec, made.setting.full_chroma);
    TextureEncoder::Encoded texture = encoder.within(bytes, made.texture.quality);
    if (static_cast<std::int64_t>(texture.bytes.size()) > bytes)
        return;
    made.texture = std::move(texture);
    result = std::move(soft);
}

}  // namespace

Asset make_asset(const Mesh& mesh, const std::vector<View>& views, const TextureCodec& codec,
                 const AssetOptions& options, Progress* progress) {
    check(mesh, options);
    checkpoint(progress, "asset", 0);
    // What of it is seen
    AssetSurface surface = surface_of(mesh);
    const std::vector<View> looks = largest_shift(views) > 0 ? views : views_around(mesh);
    const std::vector<View> seen_from = views_to_look_through(mesh.camera, looks, options.margin);
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
    const std::vector<float> losses = losses_as_photo(surface, seen, mesh);
    const AssetCharts charts = find_asset_charts(surface, mesh.camera.size, seen, losses);
    const std::vector<ChartPicture> pictures = paint_charts(mesh, surface, sources, seen, charts);
    checkpoint(progress, "asset", 0.3);

    // Fewer triangles
    DecimateInput input = decimate_input(surface, sources, seen, mesh, options);
    input.front = draw_faces(surface.surface, mesh.camera, seen_from.front(), 1).disparity;
    const cv::Mat_<float> front = input.front;
    std::vector<Plan> plans;
    std::optional<TextureCurves> curves;
    std::optional<PlanErrors> errors;
    parallel_ranges(2, 1, [&](int task, int) {
        if (task == 0)
            plans = make_plans(std::move(input), charts, losses, Parallax(mesh.camera, seen_from),
                               options);
        else {
            curves = usual_curves(pictures, surface.surface, charts, codec);
            errors.emplace(surface.surface, mesh.camera, charts, pictures,
                           views_to_look_through(mesh.camera, looks, 0));
        }
    });
    const auto fail = [&] {
        throw Error(ErrorKind::Unsupported, "this photo cannot be made into an asset of " +
                                                std::to_string(options.size) +
                                                " bytes: allow more");
    };
    if (plans.empty())
        fail();
    if (options.soft_edges)
        parallel_ranges(static_cast<int>(plans.size()), 1, [&](int i, int) {
            Plan& plan = plans[static_cast<std::size_t>(i)];
            plan.geometry_bytes += soft_edge_bytes(plan.surface, options.size, options.quantize);
        });
    checkpoint(progress, "asset", 0.6);

    // Spend the bytes where they matter most
    std::optional<Spent> made = spend_bytes(
        plans, [&](const Plan& plan) { return errors->of(plan.surface); }, *curves, charts,
        pictures, codec, options);
    if (!made)
        fail();
    checkpoint(progress, "asset", 0.8);

    SoftEdges soft{.surface = {.surface = made->plan->surface},
                   .photo = mesh.atlas(mesh.photo_in_atlas)};
    if (options.soft_edges)
        soften(*made, own_layers(mesh, surface, sources, front), mesh.camera, seen_from, reduction,
               codec, options, soft);
    Asset asset;
    asset.mesh = asset_mesh(soft.surface, mesh.camera, made->charts, options.quantize, asset.grid);
    asset.mesh.atlas = codec.decode(made->texture.bytes);
    asset.texture = std::move(made->texture.bytes);
    asset.safe_range = find_safe_range(made->plan->surface, mesh.camera, reach_of(seen_from));
    asset.choice = {
        .texture_quality = made->texture.quality,
        .full_chroma = made->setting.full_chroma,
        .front_scale = made->setting.front_scale,
        .hidden_scale = made->setting.hidden_scale,
        .texture_bytes = static_cast<std::int64_t>(asset.texture.size()),
        .error_bound = made->plan->bound,
        .own_view_psnr = static_cast<float>(front_psnr(asset.mesh, soft.photo)),
    };
    checkpoint(progress, "asset", 1);
    return asset;
}

}  // namespace unflat
