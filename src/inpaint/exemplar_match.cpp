// SPDX-License-Identifier: MIT
#include "inpaint/exemplar_match.h"

#include "core/parallel.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>

#include <opencv2/core/hal/intrin.hpp>

namespace unflat::exemplar {

namespace {

constexpr int kUnbounded = 1 << 30;

// What a source costs per pixel of its distance, as a squared difference per texel: one 100 pixels
// away must be nearer by 12 of 255 in every channel.
constexpr float kLocality = 6;

// All is near within this many times a target's way to the context, and some pixels more. Else the
// rim of the context would always be nearest, and be drawn out into streaks.
constexpr float kFreeWay = 2, kFreePixels = 4;

// Disparities that differ by more than five thresholds of a depth edge are another thing that hangs
// together with this one somewhere; what it costs to copy from it, per pixel and further threshold.
constexpr int kSameDepth = 5 * kDepthSteps, kOtherDepthCost = 200 / kDepthSteps;

constexpr std::size_t kSampleSize = 600;  // sources that an exhaustive search looks at

// A mask spread to bytes: four rows of texels per 16 bytes, two of those per row of the square.
struct ByteMask {
    alignas(16) std::array<std::uint8_t, kMaxSide * 32> bytes{};
};

void spread(Mask mask, int side, ByteMask& to) {
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < 8; ++x) {
            const bool counts = x < side && ((mask >> (y * side + x)) & 1U) != 0;
            std::fill_n(to.bytes.begin() + y * 32 + x * 4, 4,
                        counts ? std::uint8_t{255} : std::uint8_t{0});
        }
}

// The distance of a square to the same one under test: what every candidate is compared with.
class Comparison {
public:
    Comparison(const Level& level, const std::vector<Texel>& image)
        : side_(level.side),
          row_bytes_(static_cast<std::ptrdiff_t>(level.width) * 4),
          corner_((-level.half() * level.width - level.half()) * 4),
          bytes_(image.front().val) {
        spread(level.full_mask(), side_, full_);
        full_mask_ = level.full_mask();
    }

    void set_square(int position, Mask mask) {
        square_ = bytes_ + std::ptrdiff_t{position} * 4 + corner_;
        mask_ = &full_;
        if (mask != full_mask_) {
            spread(mask, side_, partial_);
            mask_ = &partial_;
        }
    }

    int distance_to(int position, int bound) const {
        const std::uint8_t* a = square_;
        const std::uint8_t* b = bytes_ + std::ptrdiff_t{position} * 4 + corner_;
        const std::uint8_t* m = mask_->bytes.data();
        cv::v_uint32x4 sum = cv::v_setzero_u32();
        for (int y = 0; y < side_; ++y, a += row_bytes_, b += row_bytes_, m += 32) {
            const cv::v_uint8x16 left =
                cv::v_absdiff(cv::v_load(a), cv::v_load(b)) & cv::v_load_aligned(m);
            const cv::v_uint8x16 right =
                cv::v_absdiff(cv::v_load(a + 16), cv::v_load(b + 16)) & cv::v_load_aligned(m + 16);
            sum = cv::v_dotprod_expand_fast(left, left, sum);
            sum = cv::v_dotprod_expand_fast(right, right, sum);
            if (y == 2 && static_cast<int>(cv::v_reduce_sum(sum)) >= bound)
                return bound;
        }
        return static_cast<int>(cv::v_reduce_sum(sum));
    }

private:
    int side_;
    std::ptrdiff_t row_bytes_, corner_;
    const std::uint8_t* bytes_;
    const std::uint8_t* square_ = nullptr;
    Mask full_mask_ = 0;
    ByteMask full_, partial_;
    const ByteMask* mask_ = nullptr;
};

// The search for one target: the best so far, and the test of a candidate.
class Search {
public:
    Search(const Level& level, const std::vector<Texel>& image)
        : level_(level), comparison_(level, image), inverse_width_(1.0 / level.width) {}

    void start(int position, Mask mask, int source, int cost) {
        comparison_.set_square(position, mask);
        x_ = position % level_.width;
        y_ = position / level_.width;
        depth_ = level_.depth[at(position)];
        depth_cost_ = kOtherDepthCost * std::popcount(mask);
        near_ = kFreeWay * static_cast<float>(level_.steps[at(position)]) + kFreePixels;
        locality_ = kLocality * static_cast<float>(std::popcount(mask) * level_.scale);
        source_ = source;
        cost_ = cost;
    }
    void test(int candidate) {
        if (candidate == source_ || candidate < 0 || candidate >= level_.size() ||
            !level_.is_source[at(candidate)])
            return;
        const int handicap = handicap_of(candidate);
        if (handicap >= cost_)
            return;
        const int cost = comparison_.distance_to(candidate, cost_ - handicap) + handicap;
        if (cost < cost_) {
            cost_ = cost;
            source_ = candidate;
        }
    }
    int measure(int source) const {
        return comparison_.distance_to(source, kUnbounded) + handicap_of(source);
    }
    int source() const { return source_; }
    int cost() const { return cost_; }

private:
    // What lies near is more likely to be alike than squares that are small can tell
    int handicap_of(int candidate) const {
        const int y = static_cast<int>((candidate + 0.5) * inverse_width_);
        const auto dx = static_cast<float>(candidate - y * level_.width - x_);
        const auto dy = static_cast<float>(y - y_);
        return static_cast<int>(locality_ * std::max(0.F, std::sqrt(dx * dx + dy * dy) - near_)) +
               depth_cost_ *
                   std::max(std::abs(level_.depth[at(candidate)] - depth_) - kSameDepth, 0);
    }

    const Level& level_;
    Comparison comparison_;
    double inverse_width_;
    float locality_ = 0;
    float near_ = 0;  // how far all sources are alike [pixels of the level]
    int depth_ = 0, depth_cost_ = 0;
    int x_ = 0, y_ = 0;  // of the target
    int source_ = -1, cost_ = kUnbounded;
};

void search_at_random(const Level& level, Random& random, int reach, Search& search) {
    search.test(level.sources[random.next() % level.sources.size()]);
    for (int radius = reach; radius >= 1; radius /= 2) {
        const int dx = random.between(-radius, radius), dy = random.between(-radius, radius);
        search.test(search.source() + dy * level.width + dx);
    }
}

}  // namespace

void measure_matches(const Level& level, const std::vector<Texel>& image, Matches& matches) {
    matches.cost.resize(level.targets.size());
    parallel_ranges(static_cast<int>(level.targets.size()), 4096, [&](int first, int last) {
        Search search(level, image);
        for (int i = first; i < last; ++i) {
            search.start(level.targets[at(i)], level.masks[at(i)], -1, 0);
            matches.cost[at(i)] = search.measure(matches.source[at(i)]);
        }
    });
}

void improve_matches(const Level& level, const std::vector<Texel>& image, Matches& matches,
                     std::uint32_t seed, int iteration, int reach) {
    const std::vector<int> before = matches.source;
    const int way = iteration % 2 == 0 ? 1 : -1;
    const int band_count = static_cast<int>(level.bands.size()) - 1;
    parallel_ranges(band_count, 1, [&](int first_band, int last_band) {
        Search search(level, image);
        for (int band = first_band; band < last_band; ++band) {
            Random random(mix(mix(seed, static_cast<std::uint32_t>(iteration)),
                              static_cast<std::uint32_t>(band)));
            const int first = level.bands[at(band)], last = level.bands[at(band + 1)];
            const auto source_of = [&](int target) {
                const bool own = target >= first && target < last;
                return own ? matches.source[at(target)] : before[at(target)];
            };
            for (int n = 0; n < last - first; ++n) {
                const int i = way > 0 ? first + n : last - 1 - n;
                const int position = level.targets[at(i)];
                search.start(position, level.masks[at(i)], matches.source[at(i)],
                             matches.cost[at(i)]);
                for (const int step : {way, way * level.width}) {
                    const int neighbour = level.target_index(position - step);
                    if (neighbour >= 0)
                        search.test(source_of(neighbour) + step);
                }
                if (reach > 0)
                    search_at_random(level, random, reach, search);
                matches.source[at(i)] = search.source();
                matches.cost[at(i)] = search.cost();
            }
        }
    });
}

Match search_source(const Level& level, const std::vector<Texel>& image, int position, Mask mask,
                    std::span<const int> hints) {
    Search search(level, image);
    search.start(position, mask, -1, kUnbounded);
    for (const int hint : hints)
        search.test(hint);
    const std::size_t stride = level.sources.size() / kSampleSize + 1;
    for (std::size_t i = at(position) % stride; i < level.sources.size(); i += stride)
        search.test(level.sources[i]);
    for (int radius = 2; radius >= 1; --radius) {
        const int around = search.source();
        for (int dy = -radius; dy <= radius; ++dy)
            for (int dx = -radius; dx <= radius; ++dx)
                search.test(around + dy * level.width + dx);
    }
    return {search.source(), search.cost()};
}

namespace {

// The source at a position or nearest to it, within a few pixels; -1 if there is none.
int source_near(const Level& level, int position) {
    constexpr int kReach = 6;
    const auto is_source = [&](int p) {
        return p >= 0 && p < level.size() && level.is_source[at(p)] != 0;
    };
    if (is_source(position))
        return position;
    for (int radius = 1; radius <= kReach; ++radius)
        for (int i = -radius; i < radius; ++i)
            for (const int step : {i * level.width - radius, radius * level.width + i,
                                   radius - i * level.width, -radius * level.width - i})
                if (is_source(position + step))
                    return position + step;
    return -1;
}

// The source that a target takes over from its parent or, where that has none, from beside it.
// What is a source at the coarser level may hold flaws at the finer one: then one beside it.
int inherited_source(const Level& coarse, const Matches& matches, const Level& fine, int position) {
    const int x = position % fine.width - kMargin, y = position / fine.width - kMargin;
    const int parent = (y / 2 + kMargin) * coarse.width + x / 2 + kMargin;
    for (const int step : {0, 1, -1, coarse.width, -coarse.width}) {
        const int target = coarse.target_index(parent + step);
        if (target < 0)
            continue;
        const int match = matches.source[at(target)] - step;
        const int source = ((match / coarse.width - kMargin) * 2 + (y & 1) + kMargin) * fine.width +
                           (match % coarse.width - kMargin) * 2 + (x & 1) + kMargin;
        if (const int found = source_near(fine, source); found >= 0)
            return found;
    }
    return -1;
}

}  // namespace

Matches refine_matches(const Level& coarse, const Matches& matches, const Level& fine,
                       std::uint32_t seed) {
    Matches refined;
    refined.source.resize(fine.targets.size());
    refined.cost.assign(fine.targets.size(), 0);
    parallel_ranges(static_cast<int>(fine.targets.size()), 4096, [&](int first, int last) {
        Random random(mix(seed, static_cast<std::uint32_t>(first)));
        for (int i = first; i < last; ++i) {
            const int source = inherited_source(coarse, matches, fine, fine.targets[at(i)]);
            refined.source[at(i)] =
                source >= 0 ? source : fine.sources[random.next() % fine.sources.size()];
        }
    });
    return refined;
}

}  // namespace unflat::exemplar
