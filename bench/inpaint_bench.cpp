// SPDX-License-Identifier: MIT
// The inpainting stage on a 960 x 960 photo with 10, 100 and 1000 depth edges. The time follows the
// area of the patches (counter `area`, in pixels), not edges times frame.
#include "unflat/inpaint.h"

#include "scenes.h"

#include <cmath>
#include <string>

#include <benchmark/benchmark.h>

namespace unflat {
namespace {

// `count` discs on a grid that covers the same share of the frame whatever the count
DisparityMap discs(cv::Size size, int count) {
    DisparityMap disparity = plane(size, 0.5F);
    const int columns = static_cast<int>(std::ceil(std::sqrt(count)));
    const float cell = static_cast<float>(size.width) / static_cast<float>(columns);
    for (int i = 0; i < count; ++i) {
        const cv::Point2f centre((static_cast<float>(i % columns) + 0.5F) * cell,
                                 (static_cast<float>(i / columns) + 0.5F) * cell);
        const float radius = 0.35F * cell;
        for (int y = static_cast<int>(centre.y - radius); y <= static_cast<int>(centre.y + radius);
             ++y)
            for (int x = static_cast<int>(centre.x - radius);
                 x <= static_cast<int>(centre.x + radius); ++x)
                if (std::hypot(static_cast<float>(x) + 0.5F - centre.x,
                               static_cast<float>(y) + 0.5F - centre.y) < radius)
                    disparity.values(y, x) = 2;
    }
    return disparity;
}

struct AreaCounter final : InpaintObserver {
    double area = 0;
    void on_round(int, std::span<const InpaintPatch> patches, std::span<const Synthesis>) override {
        for (const InpaintPatch& patch : patches)
            area += static_cast<double>(patch.role.total());
    }
};

void run(benchmark::State& state, const Inpainter& inpainter) {
    const cv::Size size(960, 960);
    const Photo photo = waves(size);
    const DisparityMap disparity = discs(size, static_cast<int>(state.range(0)));
    const DepthEdges edges = find_depth_edges(disparity);
    const Ldi ldi = lift(photo, disparity, edges);
    AreaCounter counter;
    InpaintOptions options{.observer = &counter};
    for (const float x : {-0.015F, 0.015F})
        options.views.push_back({.pose = {.position = {x, 0, 0}}, .camera = photo.camera});

    for (auto _ : state) {
        counter.area = 0;
        benchmark::DoNotOptimize(inpaint(ldi, edges, inpainter, options));
    }
    state.counters["edges"] = static_cast<double>(edges.edges.size());
    state.counters["area"] = counter.area;
    state.counters["area/s"] =
        benchmark::Counter(counter.area, benchmark::Counter::kIsIterationInvariantRate);
}

void bench_inpaint_diffusion(benchmark::State& state) {
    run(state, *make_diffusion_inpainter());
}

void bench_inpaint_patch(benchmark::State& state) {
    run(state, *make_exemplar_inpainter());
}

BENCHMARK(bench_inpaint_diffusion)
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(bench_inpaint_patch)
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace unflat
