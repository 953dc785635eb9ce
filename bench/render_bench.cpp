// SPDX-License-Identifier: MIT
// Views and videos of meshes of the size that the product makes; frame_* split the time of a video.
#include "unflat/io.h"
#include "unflat/render.h"
#include "unflat/scene.h"

#include "io/yuv.h"
#include "scenes.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <vector>

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

/// A real photo, and a second of its circle.
struct PhotoScene {
    Scene scene;
    std::vector<View> views;
    std::vector<cv::Mat_<cv::Vec3b>> frames;  ///< one per view

    PhotoScene() {
        const std::filesystem::path folder = std::filesystem::path(UNFLAT_EXAMPLES) / "figure";
        DepthMap depth = read_depth(folder / "depth.png");
        depth.kind = DepthKind::Depth;
        scene = build_scene(reduce_photo(read_photo(folder / "photo.jpg"), 960), depth);
        for (const CameraPath& path : scene.paths)
            if (path.name == "circle")
                views.assign(path.views.begin(), path.views.begin() + 40);
        const Renderer renderer(scene.mesh);
        for (const View& view : views)
            frames.push_back(renderer.render(view).rgb);
    }
};

const PhotoScene& photo_scene() {
    static const PhotoScene scene;
    return scene;
}

void frame_draw(benchmark::State& state) {
    const PhotoScene& photo = photo_scene();
    const Renderer renderer(photo.scene.mesh);
    std::size_t i = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(renderer.render(photo.views[i++ % photo.views.size()]));
    state.counters["triangles"] = static_cast<double>(photo.scene.mesh.triangles.size());
}
BENCHMARK(frame_draw)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);

/// From RGB to what the encoder takes.
void frame_convert(benchmark::State& state) {
    const PhotoScene& photo = photo_scene();
    const cv::Size size = photo.frames.front().size() / 2 * 2;
    cv::Mat_<std::uint8_t> y(size), cb(size / 2), cr(size / 2);
    const YuvPlanes planes{.data = {y.data, cb.data, cr.data},
                           .strides = {size.width, size.width / 2, size.width / 2}};
    YuvConverter converter;
    std::size_t i = 0;
    for (auto _ : state)
        converter.convert(photo.frames[i++ % photo.frames.size()](cv::Rect({}, size)), planes);
}
BENCHMARK(frame_convert)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);

/// Converted and encoded, as a video whose camera goes back and forth. The counter is processor
/// time, since the encoder works in threads of its own.
void frame_write(benchmark::State& state) {
    const PhotoScene& photo = photo_scene();
    constexpr int kFrames = 240;
    const int count = static_cast<int>(photo.frames.size());
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / "unflat_frame_bench.mp4";
    const std::clock_t begin = std::clock();
    for (auto _ : state) {
        VideoWriter writer(file, photo.frames.front().size(), 40);
        for (int i = 0; i < kFrames; ++i) {
            const int place = i % (2 * count);
            const int frame = place < count ? place : 2 * count - 1 - place;
            writer.add(photo.frames[static_cast<std::size_t>(frame)]);
        }
        writer.finish();
    }
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    state.counters["cpu_ms_per_frame"] =
        1000 * seconds / (kFrames * static_cast<double>(state.iterations()));
    state.counters["bytes"] = static_cast<double>(std::filesystem::file_size(file));
    std::filesystem::remove(file);
}
BENCHMARK(frame_write)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(1)
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
