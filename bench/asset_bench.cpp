// SPDX-License-Identifier: MIT
// A mesh made smaller until it has 500 KB, for an example photo.
#include "unflat/asset.h"
#include "unflat/io.h"
#include "unflat/scene.h"

#include <filesystem>

#include <benchmark/benchmark.h>

namespace {

using namespace unflat;

const Scene& figure() {
    static const Scene scene = [] {
        const std::filesystem::path folder = std::filesystem::path(UNFLAT_EXAMPLES) / "figure";
        constexpr int kLongSide = 960;
        SceneOptions options;
        options.fill = Fill::Diffusion;
        return build_scene(reduce_photo(read_photo(folder / "photo.jpg"), kLongSide),
                           read_depth(folder / "depth.png", {.kind = DepthKind::Depth}), options);
    }();
    return scene;
}

void make_asset_of_an_example(benchmark::State& state) {
    std::vector<View> views;
    for (const CameraPath& path : figure().paths)
        views.insert(views.end(), path.views.begin(), path.views.end());
    const auto codec = jpeg_texture_codec();
    for (auto _ : state)
        benchmark::DoNotOptimize(
            make_asset(figure().mesh, views, *codec, {.size = state.range(0)}));
}
BENCHMARK(make_asset_of_an_example)
    ->ArgName("bytes")
    ->Arg(200'000)
    ->Arg(500'000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
