// SPDX-License-Identifier: MIT
#include "unflat/depth.h"
#include "unflat/error.h"

#include "depth/crack_grid.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace unflat {
namespace {

constexpr float kReferenceSide = 1024;  // long side for which lengths are stated

// A crack of this many thresholds counts with its whole length, a lower one with its share of it:
// what an edge reveals when the camera moves is its length times its height
constexpr float kFullHeight = 5;

constexpr float kLow = 0.5F;  // mean share below which a piece between two junctions may go, too

// Beside a high step depth maps ring: there a crack must be this share of it to count fully
constexpr float kRinging = 0.25F;
constexpr float kRingingReach =
    8;  // side of the blocks whose neighbours are looked at [px at 1024]

/// Cracks that follow one another, by index.
struct Chain {
    std::vector<int> cracks;
    float length = 0;  ///< by which it is judged [pixels]
    bool closed = false;
    CrackGrid::End first;  ///< what lies before the first crack of an open chain
    CrackGrid::End last;   ///< and after its last
};

/// Follows the chain of `start` from its end `which` on.
/// @return the cracks after `start` and what the last one ends at; back at `start` it is Continued.
std::pair<std::vector<int>, CrackGrid::End> follow(const CrackGrid& grid, int start, int which) {
    std::vector<int> cracks;
    CrackGrid::End end = grid.end(start, which);
    int here = start;
    while (end.kind == CrackGrid::End::Continued && end.next != start) {
        const std::size_t corner = end.corner;
        here = end.next;
        cracks.push_back(here);
        end = grid.end(here, 0);
        if (end.corner == corner)
            end = grid.end(here, 1);
    }
    return {std::move(cracks), end};
}

/// The chain of a crack that comes first of its chain in raster order.
Chain chain_from(const CrackGrid& grid, int start) {
    auto [after, last] = follow(grid, start, 1);
    Chain chain;
    if (last.kind == CrackGrid::End::Continued) {
        chain.closed = true;
        chain.cracks.push_back(start);
        chain.cracks.insert(chain.cracks.end(), after.begin(), after.end());
        return chain;
    }
    auto [before, first] = follow(grid, start, 0);
    chain.cracks.assign(before.rbegin(), before.rend());
    chain.cracks.push_back(start);
    chain.cracks.insert(chain.cracks.end(), after.begin(), after.end());
    chain.first = first;
    chain.last = last;
    if (chain.cracks.back() < chain.cracks.front()) {
        std::reverse(chain.cracks.begin(), chain.cracks.end());
        std::swap(chain.first, chain.last);
    }
    return chain;
}

/// How much of its length each crack counts with.
std::vector<float> counted_lengths(const CrackGrid& grid, const cv::Mat_<float>& disparity,
                                   float threshold, float scale) {
    const auto height = [&](const Crack& crack) {
        return *(disparity[0] + crack.near_pixel) - *(disparity[0] + crack.far_pixel);
    };
    // The highest crack of every block and its neighbours
    const int side = std::max(1, cvRound(kRingingReach * scale));
    const auto block = [&](const Crack& crack) {
        return cv::Point(crack.near_pixel % disparity.cols / side,
                         crack.near_pixel / disparity.cols / side);
    };
    cv::Mat_<float> highest(disparity.rows / side + 1, disparity.cols / side + 1, 0.0F);
    for (const Crack& crack : grid.cracks())
        highest(block(crack)) = std::max(highest(block(crack)), height(crack));
    cv::dilate(highest, highest, cv::Mat::ones(3, 3, CV_8U));

    std::vector<float> lengths;
    lengths.reserve(grid.cracks().size());
    for (const Crack& crack : grid.cracks()) {
        const float full = std::max(kFullHeight * threshold, kRinging * highest(block(crack)));
        lengths.push_back(std::min(1.0F, height(crack) / full));
    }
    return lengths;
}

/// @param lengths of all cracks, as they count.
std::vector<Chain> find_chains(const CrackGrid& grid, const std::vector<float>& lengths) {
    std::vector<Chain> chains;
    std::vector<bool> is_done(grid.cracks().size(), false);
    for (int i = 0; i < static_cast<int>(grid.cracks().size()); ++i) {
        if (is_done[static_cast<std::size_t>(i)] || !grid.is_alive(i))
            continue;
        chains.push_back(chain_from(grid, i));
        for (const int crack : chains.back().cracks) {
            is_done[static_cast<std::size_t>(crack)] = true;
            chains.back().length += lengths[static_cast<std::size_t>(crack)];
        }
    }
    return chains;
}

/// Heals chains that are too short and hang on nothing on at least one side, or are low.
/// @return whether there were any.
bool heal_dangling(CrackGrid& grid, const std::vector<Chain>& chains, float min_length) {
    bool healed = false;
    for (const Chain& chain : chains) {
        const bool hangs = chain.closed || chain.first.kind == CrackGrid::End::Free ||
                           chain.last.kind == CrackGrid::End::Free;
        const bool is_low = chain.length < kLow * static_cast<float>(chain.cracks.size());
        if ((!hangs && !is_low) || chain.length >= min_length)
            continue;
        for (const int crack : chain.cracks)
            grid.heal(crack);
        healed = true;
    }
    return healed;
}

/// For each chain the first chain that it hangs together with through junctions.
std::vector<std::size_t> find_clusters(const std::vector<Chain>& chains) {
    std::vector<std::size_t> parent(chains.size());
    std::iota(parent.begin(), parent.end(), std::size_t{0});
    const auto root = [&](std::size_t i) {
        while (parent[i] != i)
            i = parent[i] = parent[parent[i]];
        return i;
    };
    std::unordered_map<std::size_t, std::size_t> chain_at;
    for (std::size_t i = 0; i < chains.size(); ++i) {
        if (chains[i].closed)
            continue;
        for (const CrackGrid::End& end : {chains[i].first, chains[i].last})
            if (const auto [at, added] = chain_at.try_emplace(end.corner, i); !added) {
                const std::size_t a = root(at->second);
                const std::size_t b = root(i);
                parent[std::max(a, b)] = std::min(a, b);
            }
    }
    for (std::size_t i = 0; i < parent.size(); ++i)
        parent[i] = root(i);
    return parent;
}

/// Heals little webs: chains that hang together at junctions but with nothing else.
bool heal_webs(CrackGrid& grid, const std::vector<Chain>& chains, float min_length) {
    const std::vector<std::size_t> cluster = find_clusters(chains);
    std::vector<float> lengths(chains.size(), 0);
    for (std::size_t i = 0; i < chains.size(); ++i)
        lengths[cluster[i]] += chains[i].length;
    bool healed = false;
    for (std::size_t i = 0; i < chains.size(); ++i) {
        if (lengths[cluster[i]] >= min_length)
            continue;
        for (const int crack : chains[i].cracks)
            grid.heal(crack);
        healed = true;
    }
    return healed;
}

}  // namespace

DepthEdges find_depth_edges(const DisparityMap& disparity, const DepthEdgeOptions& options) {
    require(!disparity.values.empty(), "the disparity map is empty: it must have a pixel");
    require(options.threshold > 0 && options.threshold < 1,
            "the threshold of a depth edge must be between 0 and 1 of the disparity range");
    require(options.min_length >= 0 && std::isfinite(options.min_length),
            "the shortest length of a depth edge must be finite and >= 0");
    DepthEdges result{.size = disparity.values.size(),
                      .threshold = options.threshold * disparity.range};
    const float scale =
        static_cast<float>(std::max(result.size.width, result.size.height)) / kReferenceSide;
    const float min_length = options.min_length * scale;

    // Heal what is too short; what that frees may be too short in turn
    CrackGrid grid(disparity.values, result.threshold);
    const std::vector<float> lengths =
        counted_lengths(grid, disparity.values, result.threshold, scale);
    std::vector<Chain> chains = find_chains(grid, lengths);
    while (heal_dangling(grid, chains, min_length) || heal_webs(grid, chains, min_length))
        chains = find_chains(grid, lengths);

    for (const Chain& chain : chains) {
        DepthEdge edge;
        edge.cracks.reserve(chain.cracks.size());
        for (const int crack : chain.cracks)
            edge.cracks.push_back(grid.cracks()[static_cast<std::size_t>(crack)]);
        result.edges.push_back(std::move(edge));
    }
    for (std::size_t i = 0; i < grid.cracks().size(); ++i)
        if (!grid.is_alive(static_cast<int>(i)))
            result.healed.push_back(grid.cracks()[i]);
    return result;
}

}  // namespace unflat
