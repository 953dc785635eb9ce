// SPDX-License-Identifier: MIT
// Exemplar-based colour: a band behind a silhouette, of growing length, and the same band in a
// raster with much empty space. The time follows the synthesis region (counter `synthesis`).
#include "unflat/inpaint.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <benchmark/benchmark.h>

namespace unflat {
namespace {

constexpr int kContext = 100, kSynthesis = 40;

cv::Vec3b texture(int x, int y) {
    auto h = static_cast<std::uint32_t>(x) * 73856093U ^ static_cast<std::uint32_t>(y) * 19349663U;
    h = (h ^ (h >> 13)) * 0x5bd1e995U;
    const float wave = 40 * std::sin(0.21F * static_cast<float>(x) + 0.34F * static_cast<float>(y));
    const auto value =
        cv::saturate_cast<std::uint8_t>(110 + wave + static_cast<float>(h >> 26) / 2);
    return {value, static_cast<std::uint8_t>(value / 2), static_cast<std::uint8_t>(255 - value)};
}

// Context left of a line, the synthesis region right of it, leaning by `slope` columns per row
InpaintPatch band(int length, float slope) {
    const int lean = static_cast<int>(std::ceil(slope * static_cast<float>(length)));
    const cv::Size size(kContext + kSynthesis + lean, length);
    InpaintPatch patch;
    patch.role = cv::Mat_<std::uint8_t>(size, std::uint8_t{0});
    patch.rgb = cv::Mat_<cv::Vec3b>(size, cv::Vec3b(0, 0, 0));
    patch.disparity = cv::Mat_<float>(size, 1.0F);
    patch.max_disparity = cv::Mat_<float>(size, 2.0F);
    patch.cuts = cv::Mat_<std::uint8_t>(size, std::uint8_t{0});
    patch.threshold = 0.04F;
    for (int y = 0; y < length; ++y) {
        const int start = static_cast<int>(slope * static_cast<float>(y));
        for (int x = start; x < start + kContext + kSynthesis; ++x) {
            const bool known = x < start + kContext;
            patch.role(y, x) = static_cast<std::uint8_t>(known ? Role::Context : Role::Synthesis);
            if (known)
                patch.rgb(y, x) = texture(x, y);
        }
    }
    return patch;
}

void run(benchmark::State& state, const InpaintPatch& patch) {
    const auto inpainter = make_exemplar_inpainter();
    for (auto _ : state)
        benchmark::DoNotOptimize(inpainter->inpaint(patch));
    const double synthesis = kSynthesis * patch.role.rows;
    state.counters["synthesis"] = synthesis;
    state.counters["synthesis/s"] =
        benchmark::Counter(synthesis, benchmark::Counter::kIsIterationInvariantRate);
}

void straight_band(benchmark::State& state) {
    run(state, band(static_cast<int>(state.range(0)), 0));
}

void leaning_band(benchmark::State& state) {
    run(state, band(static_cast<int>(state.range(0)), 1));
}

BENCHMARK(straight_band)
    ->Arg(250)
    ->Arg(500)
    ->Arg(1000)
    ->Arg(2000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(leaning_band)->Arg(500)->Arg(1000)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace unflat
