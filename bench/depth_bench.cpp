// SPDX-License-Identifier: MIT
// Depth preparation, depth edges and tinted rims on a made-up scene of about 0.9 and 12 megapixels:
// forty discs before a slanted wall, with depth of 640 pixels as networks give it.
#include "unflat/depth.h"

#include <cmath>

#include <benchmark/benchmark.h>
#include <opencv2/imgproc.hpp>

namespace {

using namespace unflat;

struct Scene {
    Photo photo;
    DepthMap depth;
};

/// A scene with a photo of `side` x 3/4 `side` pixels and soft depth of `depth_side`.
Scene make_scene(int side, int depth_side) {
    const cv::Size size(side, side * 3 / 4);
    Scene scene{.photo = {.rgb = cv::Mat_<cv::Vec3b>(size), .camera = default_camera(size)},
                .depth = {.values = cv::Mat_<float>(depth_side * 3 / 4, depth_side)}};
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            const double wave = std::sin(0.37 * x) * std::sin(0.23 * y);
            scene.photo.rgb(y, x) = {cv::saturate_cast<std::uint8_t>(120 + 30 * wave), 130, 90};
        }
    cv::Mat_<float>& values = scene.depth.values;
    for (int y = 0; y < values.rows; ++y)
        values.row(y).setTo(0.3F + 0.5F * static_cast<float>(y) / static_cast<float>(values.rows));
    for (int i = 0; i < 40; ++i) {
        const double u = 0.06 + 0.11 * (i % 8);
        const double v = 0.08 + 0.14 * (i / 8);
        const auto disc = [&](const cv::Mat& picture, double scale, const cv::Scalar& value) {
            cv::circle(picture, {cvRound(u * scale), cvRound(v * scale)}, cvRound(0.045 * scale),
                       value, cv::FILLED);
        };
        disc(values, depth_side, 1.2 + 0.04 * i);
        disc(scene.photo.rgb, side, {200, 60.0 + 3 * i, 40});
    }
    cv::GaussianBlur(values.clone(), values, {0, 0}, 1.6);
    return scene;
}

void PrepareDepth(benchmark::State& state) {
    const auto side = static_cast<int>(state.range(0));
    const Scene scene = make_scene(side, state.range(1) ? side : 640);
    for (auto _ : state)
        benchmark::DoNotOptimize(prepare_depth(scene.photo, scene.depth));
    state.SetItemsProcessed(state.iterations() * side * (side * 3 / 4));
}

void FindDepthEdges(benchmark::State& state) {
    const auto side = static_cast<int>(state.range(0));
    const Scene scene = make_scene(side, 640);
    const DisparityMap map = prepare_depth(scene.photo, scene.depth);
    for (auto _ : state)
        benchmark::DoNotOptimize(find_depth_edges(map));
    state.SetItemsProcessed(state.iterations() * side * (side * 3 / 4));
}

void MoveTintedRims(benchmark::State& state) {
    const auto side = static_cast<int>(state.range(0));
    const Scene scene = make_scene(side, 640);
    const DisparityMap map = prepare_depth(scene.photo, scene.depth);
    const DepthEdges edges = find_depth_edges(map);
    for (auto _ : state)
        benchmark::DoNotOptimize(move_tinted_rims(scene.photo, map, edges));
    state.SetItemsProcessed(state.iterations() * side * (side * 3 / 4));
}

// The second argument: depth of the photo's size instead of 640 pixels
BENCHMARK(PrepareDepth)
    ->ArgsProduct({{1109, 4000}, {0, 1}})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(FindDepthEdges)
    ->Arg(1109)
    ->Arg(4000)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(MoveTintedRims)
    ->Arg(1109)
    ->Arg(4000)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
