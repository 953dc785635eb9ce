// SPDX-License-Identifier: MIT
#include "inpaint/regions.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace unflat {

namespace {

// Hidden pixels stay this share of a disparity behind what is in front of them
constexpr float kBehind = 0.999F;

// How far a surface goes on under what is nearer by less than a depth edge: the gap at the end of
// an edge is no wider
constexpr int kThinSteps = 10;

// Positions to visit, nearest first; equal distances in the order in which they were found
class DistanceQueue {
public:
    struct Entry {
        std::int32_t x, y;
        std::int32_t crack;
        float distance;
        float room;               // the largest disparity that the pixel may have
        bool visible;             // whether the motion can show it
        std::int16_t thin_steps;  // taken last under what is hardly nearer
    };

    void push(const Entry& entry) {
        // A way round a corner can lead nearer to where it began: such entries are next
        const auto bucket =
            std::max(current_, static_cast<std::size_t>(entry.distance * kBucketsPerPixel));
        if (bucket >= buckets_.size())
            buckets_.resize(bucket + 1);
        buckets_[bucket].push_back(entry);
    }

    // Calls visit(entry) for all entries, also for those that it pushes
    template <typename Visit>
    void drain(const Visit& visit) {
        for (current_ = 0; current_ < buckets_.size(); ++current_) {
            for (std::size_t i = 0; i < buckets_[current_].size(); ++i)
                visit(Entry(buckets_[current_][i]));
            buckets_[current_] = {};
        }
        current_ = 0;
    }

private:
    static constexpr float kBucketsPerPixel = 4;
    std::vector<std::vector<Entry>> buckets_;
    std::size_t current_ = 0;
};

class Grower {
public:
    Grower(const Ldi& ldi, std::span<const OpenCrack> cracks, const Barriers& barriers,
           const Reach& reach)
        : ldi_(ldi), cracks_(cracks), barriers_(barriers) {
        region_.index.assign(ldi.fronts.size(), -1);
        passed_.assign(ldi.fronts.size(), -1);
        passed_behind_.assign(ldi.fronts.size(), 0);
        // A surface may leave the disparity at which it begins by a slope, and by steps too small
        // to be cut
        const float freedom = std::max(border_headroom(ldi), ldi.threshold);
        for (const OpenCrack& crack : cracks) {
            const float disparity = far_of(crack).disparity;
            areas_.push_back(reach.visible_area(disparity - freedom, disparity + freedom));
        }
    }

    SynthesisRegion grow() {
        for (std::size_t i = 0; i < cracks_.size(); ++i)
            try_step({far_of(cracks_[i]).x, far_of(cracks_[i]).y, cracks_[i].near_from_far,
                      static_cast<std::int32_t>(i), 0});
        const auto visit = [&](const DistanceQueue::Entry& entry) { claim(entry); };
        queue_.drain(visit);

        // What barriers kept from everyone must not stay empty: now they may be crossed
        respect_barriers_ = false;
        for (const Step& step : barred_)
            try_step(step);
        queue_.drain(visit);
        claim_beside_nearer();
        return std::move(region_);
    }

private:
    struct Step {
        std::int32_t x, y;
        Direction direction;
        std::int32_t crack;
        std::int16_t thin_steps;
    };

    const LdiPixel& far_of(const OpenCrack& crack) const {
        return ldi_.pixels[static_cast<std::size_t>(crack.far_pixel)];
    }

    // Queues the position that a step leads to if the surface continued from its crack may go on
    // there
    void try_step(const Step& step) {
        const auto [x, y, direction, crack, thin_steps] = step;
        if (respect_barriers_ && is_barred(x, y, direction)) {
            barred_.push_back(step);
            return;
        }
        const cv::Point p = cv::Point(x, y) + step_of(direction);
        if (!ldi_.contains(p.x, p.y) || is_taken(p, crack))
            return;
        const LdiPixel& far = far_of(cracks_[static_cast<std::size_t>(crack)]);
        const auto dx = static_cast<float>(p.x - far.x), dy = static_cast<float>(p.y - far.y);
        const float distance = std::sqrt(dx * dx + dy * dy);
        const bool visible = may_show(p, crack);
        if (!within_reach(p, crack, distance))
            return;
        const float room = room_behind(p, direction, crack);
        const bool is_thin =
            ldi_.front(p.x, p.y) != -1 && room <= (far.disparity + ldi_.threshold) * kBehind;
        const auto thin = static_cast<std::int16_t>(is_thin ? thin_steps + 1 : 0);
        if (room > 0 && thin <= kThinSteps)
            queue_.push({p.x, p.y, crack, distance, room, visible, thin});
    }

    bool is_border(std::int32_t crack) const {
        return cracks_[static_cast<std::size_t>(crack)].near_pixel == -1;
    }

    bool is_taken(cv::Point p, std::int32_t crack) const {
        const std::size_t position = ldi_.position(p.x, p.y);
        return region_.index[position] != -1 ||
               (is_border(crack) ? passed_[position] != -1 : passed_behind_[position] != 0);
    }

    bool is_barred(int x, int y, Direction direction) const {
        const auto bits = [&](int i, int j) {
            return ldi_.contains(i, j) ? barriers_[ldi_.position(i, j)] : 0;
        };
        switch (direction) {
            case Direction::Right:
                return bits(x, y) & 1;
            case Direction::Down:
                return bits(x, y) & 2;
            case Direction::Left:
                return bits(x - 1, y) & 1;
            case Direction::Up:
                return bits(x, y - 1) & 2;
        }
        return false;
    }

    bool within_reach(cv::Point p, std::int32_t crack, float distance) const {
        if (!is_border(crack))
            return distance <= cracks_[static_cast<std::size_t>(crack)].reach;
        return !cv::Rect({}, ldi_.camera.size).contains(p) && lies_before_border(p, crack);
    }

    // Whether the surface continued from a crack can come into view at p
    bool may_show(cv::Point p, std::int32_t crack) const {
        return cv::Rect({}, ldi_.camera.size).contains(p) ||
               areas_[static_cast<std::size_t>(crack)].contains(p);
    }

    // True for positions that fan out from a border pixel by 45 degrees at most, so that what is
    // near at one place does not run round the whole photo
    bool lies_before_border(cv::Point p, std::int32_t crack) const {
        const LdiPixel& source = far_of(cracks_[static_cast<std::size_t>(crack)]);
        const cv::Point beside(std::clamp(p.x, 0, ldi_.camera.size.width - 1),
                               std::clamp(p.y, 0, ldi_.camera.size.height - 1));
        const int outwards = std::abs(p.x - beside.x) + std::abs(p.y - beside.y);
        const int sideways = std::abs(beside.x - source.x) + std::abs(beside.y - source.y);
        return sideways <= outwards;
    }

    // The largest disparity that a hidden pixel may have at p, reached by a step in `direction`; 0
    // if it has no place there: it would stand before something visible, or joins what is there
    float room_behind(cv::Point p, Direction direction, std::int32_t crack) const {
        const float disparity = far_of(cracks_[static_cast<std::size_t>(crack)]).disparity;
        const std::int32_t near = cracks_[static_cast<std::size_t>(crack)].near_pixel;
        const bool inside = cv::Rect({}, ldi_.camera.size).contains(p);
        float room = inside ? std::numeric_limits<float>::max() : disparity + border_headroom(ldi_);
        bool behind = ldi_.front(p.x, p.y) == -1;
        for (std::int32_t i = ldi_.front(p.x, p.y); i != -1;) {
            const LdiPixel& pixel = ldi_.pixels[static_cast<std::size_t>(i)];
            // What is cut is cut, however small the step
            const bool is_same =
                i != near && std::abs(pixel.disparity - disparity) <= ldi_.threshold;
            i = pixel.behind;
            if (is_same && pixel.link(opposite(direction)) == -1)
                return 0;
            if (pixel.disparity > disparity) {
                // Also where the occluder comes down to the background, at the end of its edge: a
                // gap narrower than the threshold is a gap
                behind = true;
                room = std::min(room, pixel.disparity * kBehind);
            } else if (is_same) {
                return 0;
            }
        }
        return behind ? room : 0;
    }

    void claim(const DistanceQueue::Entry& entry) {
        const cv::Point p(entry.x, entry.y);
        const std::size_t position = ldi_.position(p.x, p.y);
        if (is_taken(p, entry.crack))
            return;
        if (entry.visible) {
            add(p, entry.crack, entry.room, entry.distance);
        } else if (is_border(entry.crack)) {
            // Nobody will see it, but it is not somebody else's place: what is near at one place of
            // the border must not spread over what is far at another
            passed_[position] = entry.crack;
        } else {
            passed_behind_[position] = 1;
        }
        for (int d = 0; d < 4; ++d)
            try_step({entry.x, entry.y, static_cast<Direction>(d), entry.crack, entry.thin_steps});
    }

    void add(cv::Point p, std::int32_t crack, float room, float distance) {
        const float guess = far_of(cracks_[static_cast<std::size_t>(crack)]).disparity;
        region_.index[ldi_.position(p.x, p.y)] = static_cast<std::int32_t>(region_.pixels.size());
        region_.pixels.push_back({p.x, p.y, guess, room, distance, crack});
    }

    // Where what is near ends beside what is far and unseen, the camera looks past that end at the
    // far surface behind it, which can only go on there from a pixel that exists
    void claim_beside_nearer() {
        const cv::Rect photo({}, ldi_.camera.size);
        const std::size_t count = region_.pixels.size();
        for (std::size_t i = 0; i < count; ++i) {
            const cv::Point near(region_.pixels[i].x, region_.pixels[i].y);
            if (photo.contains(near))
                continue;
            // All eight, so that what is added hangs together
            for (int dy = -1; dy <= 1; ++dy)
                for (int dx = -1; dx <= 1; ++dx)
                    claim_behind(region_.pixels[i].guess, near + cv::Point(dx, dy));
        }
    }

    void claim_behind(float near, cv::Point p) {
        if (!ldi_.contains(p.x, p.y) || region_.index[ldi_.position(p.x, p.y)] != -1)
            return;
        const std::int32_t crack = passed_[ldi_.position(p.x, p.y)];
        if (crack == -1)
            return;
        const LdiPixel& far = far_of(cracks_[static_cast<std::size_t>(crack)]);
        const auto dx = static_cast<float>(p.x - far.x), dy = static_cast<float>(p.y - far.y);
        if (far.disparity < near - ldi_.threshold)
            add(p, crack, far.disparity + border_headroom(ldi_), std::sqrt(dx * dx + dy * dy));
    }

    const Ldi& ldi_;
    std::span<const OpenCrack> cracks_;
    const Barriers& barriers_;
    std::vector<cv::Rect> areas_;  // per crack: where its surface can come into view
    SynthesisRegion region_;
    DistanceQueue queue_;
    std::vector<std::int32_t> passed_;  // the border's crack whose surface goes on there unseen
    std::vector<std::uint8_t> passed_behind_;  // where a hidden one does, on its way into view
    bool respect_barriers_ = true;
    std::vector<Step> barred_;  // steps that a barrier forbade
};

}  // namespace

SynthesisRegion grow_synthesis(const Ldi& ldi, std::span<const OpenCrack> cracks,
                               const Barriers& barriers, const Reach& reach) {
    return Grower(ldi, cracks, barriers, reach).grow();
}

float border_headroom(const Ldi& ldi) {
    constexpr float kThresholds = 3;
    constexpr float kOfRange = 0.04F;  // the same for the default threshold; a larger one, which
                                       // cuts less or nothing, is no reason for steeper slopes
    return std::min(kThresholds * ldi.threshold, kOfRange * ldi.range);
}

bool can_join(const Ldi& ldi, const LdiPixel& pixel, Direction direction) {
    const std::int32_t linked = pixel.link(direction);
    return linked == -1 || std::abs(ldi.pixels[static_cast<std::size_t>(linked)].disparity -
                                    pixel.disparity) > ldi.threshold;
}

bool seem_joined(const SynthesisPixel& a, const SynthesisPixel& b, float threshold) {
    // Two fronts that meet after a long way may differ by a slope rather than by a step
    constexpr float kStepLength = 12;  // pixels over which a difference of a threshold is a slope
    return std::abs(a.guess - b.guess) <=
           threshold * std::max(1.0F, (a.distance + b.distance) / kStepLength);
}

}  // namespace unflat
