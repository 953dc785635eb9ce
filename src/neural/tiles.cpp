// SPDX-License-Identifier: MIT
#include "neural/tiles.h"

#include "core/parallel.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace unflat {

namespace {

constexpr int kBatchArea = 128 * 128;  // small inputs of one size are computed together up to this
constexpr int kBatchesPerStep = 16;    // between two looks at the wish to stop

// Where tiles begin along one axis
std::vector<int> starts(int length, int side, int overlap) {
    if (length <= side)
        return {0};
    const int stride = std::max(1, side - 2 * overlap);
    const int count = 1 + (length - side + stride - 1) / stride;
    std::vector<int> result;
    for (int i = 0; i < count; ++i)
        result.push_back(static_cast<int>(static_cast<std::int64_t>(i) * (length - side) /
                                          std::max(1, count - 1)));
    return result;
}

// A ramp that begins half an overlap inside a side that has a neighbour
float ramp(int begin, int end, int length, int overlap, int position) {
    const float o = static_cast<float>(overlap);
    float weight = 1;
    if (begin > 0)
        weight = std::min(weight, (static_cast<float>(position - begin) + 0.5F - o / 2) / o);
    if (end < length)
        weight = std::min(weight, (static_cast<float>(end - position) - 0.5F - o / 2) / o);
    return std::max(0.0F, weight);
}

int round_up(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

// A tile on its way through the network
struct Job {
    std::size_t patch;
    Tile tile;
    cv::Rect padded;  // in pixels of the patch
};

cv::Rect pad(const cv::Rect& part, int multiple) {
    const cv::Size size(round_up(part.width, multiple), round_up(part.height, multiple));
    return {part.x - (size.width - part.width) / 2, part.y - (size.height - part.height) / 2,
            size.width, size.height};
}

// Sorted by size, so that equal ones can be computed together
std::vector<Job> make_jobs(std::span<const cv::Mat_<std::uint8_t>> wanted,
                           const NetworkCard& card) {
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        for (const Tile& tile : lay_tiles(wanted[i], card.max_side, card.overlap))
            jobs.push_back({i, tile, pad(tile.part, card.multiple)});
    // Large ones first: what is left at the end is short, and no thread waits long
    std::stable_sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) {
        return std::pair(a.padded.area(), a.padded.width) >
               std::pair(b.padded.area(), b.padded.width);
    });
    return jobs;
}

std::vector<std::pair<std::size_t, std::size_t>> make_batches(const std::vector<Job>& jobs) {
    std::vector<std::pair<std::size_t, std::size_t>> batches;
    for (std::size_t first = 0; first < jobs.size();) {
        const cv::Size size = jobs[first].padded.size();
        const auto most = static_cast<std::size_t>(std::max(1, kBatchArea / size.area()));
        std::size_t last = first + 1;
        while (last < jobs.size() && last - first < most && jobs[last].padded.size() == size)
            ++last;
        batches.emplace_back(first, last);
        first = last;
    }
    return batches;
}

}  // namespace

std::vector<Tile> lay_tiles(const cv::Mat_<std::uint8_t>& wanted, int max_side, int overlap) {
    const cv::Rect all({}, wanted.size());
    if (cv::countNonZero(wanted) == 0)
        return {};
    if (wanted.cols <= max_side && wanted.rows <= max_side)
        return {{all, all}};

    std::vector<Tile> tiles;
    const cv::Size side(std::min(max_side, wanted.cols), std::min(max_side, wanted.rows));
    for (const int y0 : starts(wanted.rows, side.height, overlap))
        for (const int x0 : starts(wanted.cols, side.width, overlap)) {
            const Tile tile{cv::Rect({x0, y0}, side), {}};
            cv::Point low = tile.whole.br(), high = tile.whole.tl();
            for (int y = y0; y < tile.whole.br().y; ++y)
                for (int x = x0; x < tile.whole.br().x; ++x)
                    if (wanted(y, x) && weight_of(tile, wanted.size(), overlap, {x, y}) > 0) {
                        low = {std::min(low.x, x), std::min(low.y, y)};
                        high = {std::max(high.x, x + 1), std::max(high.y, y + 1)};
                    }
            if (low.x >= high.x)
                continue;
            const cv::Point around(overlap, overlap);
            tiles.push_back({tile.whole, cv::Rect(low - around, high + around) & tile.whole});
        }
    return tiles;
}

float weight_of(const Tile& tile, cv::Size patch, int overlap, cv::Point pixel) {
    const cv::Rect& whole = tile.whole;
    if (!whole.contains(pixel))
        return 0;
    return ramp(whole.x, whole.br().x, patch.width, overlap, pixel.x) *
           ramp(whole.y, whole.br().y, patch.height, overlap, pixel.y);
}

Model::Model(const Network& network, int output_channels)
    : card_(network.card),
      channels_(find_channels(network.card.name, network.card.inputs)),
      session_(network, output_channels) {}

std::vector<std::vector<cv::Mat_<float>>> Model::run(
    std::span<const Facts> patches, std::span<const cv::Mat_<std::uint8_t>> wanted,
    const std::function<void(double)>& step) const {
    std::vector<std::vector<cv::Mat_<float>>> results(patches.size());
    std::vector<cv::Mat_<float>> weights(patches.size());
    const std::vector<Job> jobs = make_jobs(wanted, card_);
    for (const Job& job : jobs)
        if (weights[job.patch].empty()) {
            weights[job.patch] = cv::Mat_<float>(wanted[job.patch].size(), 0.0F);
            for (int c = 0; c < output_channels(); ++c)
                results[job.patch].emplace_back(wanted[job.patch].size(), 0.0F);
        }

    const auto volume = [](const Job& job, int channels) {
        return static_cast<std::size_t>(job.padded.area()) * static_cast<std::size_t>(channels);
    };
    const auto compute = [&](std::size_t first, std::size_t last) {
        const std::size_t in = volume(jobs[first], session_.input_channels());
        std::vector<float> input(in * (last - first));
        for (std::size_t j = first; j < last; ++j)
            write_channels(channels_, patches[jobs[j].patch], jobs[j].padded,
                           std::span(input).subspan((j - first) * in, in));
        return session_.run(input, static_cast<int>(last - first), jobs[first].padded.size());
    };
    // Adds a tile's answer to its patch, weighted
    const auto add = [&](const Job& job, std::span<const float> output) {
        const cv::Mat_<std::uint8_t>& asked = wanted[job.patch];
        for (int y = job.tile.part.y; y < job.tile.part.br().y; ++y)
            for (int x = job.tile.part.x; x < job.tile.part.br().x; ++x) {
                const float weight =
                    asked(y, x) ? weight_of(job.tile, asked.size(), card_.overlap, {x, y}) : 0;
                if (weight <= 0)
                    continue;
                weights[job.patch](y, x) += weight;
                for (int c = 0; c < output_channels(); ++c) {
                    const cv::Point p = cv::Point(x, y) - job.padded.tl();
                    const int index = (c * job.padded.height + p.y) * job.padded.width + p.x;
                    results[job.patch][static_cast<std::size_t>(c)](y, x) +=
                        weight * output[static_cast<std::size_t>(index)];
                }
            }
    };

    const auto batches = make_batches(jobs);
    for (std::size_t begin = 0; begin < batches.size(); begin += kBatchesPerStep) {
        step(static_cast<double>(begin) / static_cast<double>(batches.size()));
        const std::size_t end = std::min(batches.size(), begin + kBatchesPerStep);
        std::vector<std::vector<float>> outputs(end - begin);
        parallel_ranges(static_cast<int>(end - begin), 1, [&](int i, int) {
            const auto [first, last] = batches[begin + static_cast<std::size_t>(i)];
            outputs[static_cast<std::size_t>(i)] = compute(first, last);
        });
        // In order, for sums of floats depend on it
        for (std::size_t b = begin; b < end; ++b)
            for (std::size_t j = batches[b].first; j < batches[b].second; ++j) {
                const std::size_t out = volume(jobs[j], output_channels());
                add(jobs[j],
                    std::span(outputs[b - begin]).subspan((j - batches[b].first) * out, out));
            }
    }
    for (std::size_t i = 0; i < results.size(); ++i)
        for (cv::Mat_<float>& map : results[i])
            cv::divide(map, weights[i], map);  // 0 where nothing was asked for
    return results;
}

}  // namespace unflat
