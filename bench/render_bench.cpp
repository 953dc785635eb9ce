// SPDX-License-Identifier: MIT
// Views and videos of meshes of the size that the product makes.
#include "unflat/io.h"
#include "unflat/render.h"

#include "scenes.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <benchmark/benchmark.h>

namespace unflat {
namespace {

/// A photo in an atlas beside an empty half, as a wavy background with a sunken middle, and discs
/// in front of it: about 1.3 layers.
class BenchScene {
public:
    BenchScene(int side, int step) : photo_(waves({side, side})) {
        int width = 1, height = 1;
        while (width < 2 * side)
            width *= 2;
        while (height < side)
            height *= 2;
        mesh_.atlas = cv::Mat_<cv::Vec3b>(height, width, cv::Vec3b(0, 0, 0));
        photo_.rgb.copyTo(mesh_.atlas(cv::Rect({}, photo_.rgb.size())));
        mesh_.camera = photo_.camera;
        // The background reaches beyond what a moved camera sees
        add_grid(cv::Rect(-side / 8, -side / 8, side + side / 4, side + side / 4), step, 1.5F);
        for (int i = 0; i < 4; ++i)
            add_grid(cv::Rect(side / 8 + side / 2 * (i % 2), side / 8 + side / 2 * (i / 2),
                              side / 4, side / 4),
                     step, 0.8F);
    }

    const Mesh& mesh() const { return mesh_; }
    const Photo& photo() const { return photo_; }

private:
    void add_grid(const cv::Rect& box, int step, float z) {
        const auto first = static_cast<std::uint32_t>(mesh_.positions.size());
        const int columns = box.width / step, rows = box.height / step;
        for (int row = 0; row <= rows; ++row)
            for (int column = 0; column <= columns; ++column) {
                const auto u = static_cast<float>(box.x + column * step);
                const auto v = static_cast<float>(box.y + row * step);
                const float wave = 1 + 0.1F * std::sin(u * 0.02F) * std::cos(v * 0.03F);
                const auto last = static_cast<float>(photo_.rgb.cols);
                mesh_.positions.push_back(photo_.camera.unproject(u, v, z * wave));
                mesh_.uvs.emplace_back(
                    std::clamp(u, 0.0F, last) / static_cast<float>(mesh_.atlas.cols),
                    std::clamp(v, 0.0F, last) / static_cast<float>(mesh_.atlas.rows));
            }
        const auto below = static_cast<std::uint32_t>(columns + 1);
        for (int row = 0; row < rows; ++row)
            for (int column = 0; column < columns; ++column) {
                const auto a = first + static_cast<std::uint32_t>(row * (columns + 1) + column);
                mesh_.triangles.push_back({a, a + below, a + 1});
                mesh_.triangles.push_back({a + 1, a + below, a + below + 1});
            }
    }

    Photo photo_;
    Mesh mesh_;
};

/// Arguments: side of the view, pixels between vertices.
void render_view(benchmark::State& state) {
    const int side = static_cast<int>(state.range(0));
    const BenchScene scene(side, static_cast<int>(state.range(1)));
    const Renderer renderer(scene.mesh());
    const View view{.pose = {.position = {0.01F, 0.005F, -0.02F}}, .camera = scene.photo().camera};
    for (auto _ : state)
        benchmark::DoNotOptimize(renderer.render(view));
    state.SetItemsProcessed(state.iterations() * side * side);
    state.counters["triangles"] = static_cast<double>(scene.mesh().triangles.size());
}
BENCHMARK(render_view)
    ->ArgNames({"side", "step"})
    ->Args({960, 6})
    ->Args({960, 1})
    ->Args({2100, 8})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void prepare_renderer(benchmark::State& state) {
    const BenchScene scene(960, static_cast<int>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(Renderer(scene.mesh()));
    state.counters["triangles"] = static_cast<double>(scene.mesh().triangles.size());
}
BENCHMARK(prepare_renderer)
    ->ArgName("step")
    ->Arg(8)
    ->Arg(1)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// A whole video of 240 frames, rendered and encoded; without argument 1 rendered only.
void render_video(benchmark::State& state) {
    const bool encodes = state.range(0) != 0;
    const BenchScene scene(960, 8);
    const CameraPath path = make_path("circle", scene.photo().camera);
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / "unflat_render_bench.mp4";
    for (auto _ : state) {
        if (encodes) {
            VideoWriter writer(file, scene.photo().rgb.size(), path.fps);
            render_path(scene.mesh(), path, [&](const Frame& frame) { writer.add(frame.rgb); });
            writer.finish();
            state.counters["bytes"] = static_cast<double>(std::filesystem::file_size(file));
        } else {
            render_path(scene.mesh(), path, [](const Frame&) {});
        }
    }
    std::filesystem::remove(file);
}
BENCHMARK(render_video)
    ->ArgName("encodes")
    ->Arg(0)
    ->Arg(1)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace unflat
