// SPDX-License-Identifier: MIT
// From layers to a mesh, on a slanted, wavy ground with discs before it, at several sizes.
#include "unflat/mesh.h"

#include "scenes.h"

#include <cmath>

#include <benchmark/benchmark.h>

namespace {

using namespace unflat;

Ldi make_layers(int side) {
    const cv::Size size(side, side);
    const float scale = 960 / static_cast<float>(side);
    DisparityMap map = plane(size, 0);
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            const float u = scale * static_cast<float>(x), v = scale * static_cast<float>(y);
            map.values(y, x) = 0.3F + 0.0006F * v + 0.01F * std::sin(0.03F * u + 0.02F * v);
            const float du = std::fmod(u, 160.F) - 80, dv = std::fmod(v, 160.F) - 80;
            if (std::hypot(du, dv) < 40)
                map.values(y, x) = 1.5F + 0.001F * du;
        }
    constexpr float kThreshold = 0.04F;
    Ldi ldi = lift(waves(size), map, {.size = size, .threshold = kThreshold});
    for (std::int32_t i = 0; i < size.area(); ++i)
        for (const Direction direction : {Direction::Right, Direction::Down}) {
            const LdiPixel& pixel = ldi.pixels[static_cast<std::size_t>(i)];
            const std::int32_t other = pixel.link(direction);
            if (other != -1 &&
                std::abs(pixel.disparity - ldi.pixels[static_cast<std::size_t>(other)].disparity) >
                    kThreshold)
                cut(ldi, i, direction);
        }
    return ldi;
}

void BuildMesh(benchmark::State& state) {
    const auto side = static_cast<int>(state.range(0));
    const Ldi ldi = make_layers(side);
    std::size_t triangle_count = 0;
    for (auto _ : state)
        triangle_count = build_mesh(ldi).triangles.size();
    state.SetItemsProcessed(state.iterations() * side * side);
    state.counters["triangles"] = static_cast<double>(triangle_count);
}

BENCHMARK(BuildMesh)->Arg(480)->Arg(960)->Arg(2100)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
