// SPDX-License-Identifier: MIT
#include "neural/facts.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

constexpr float kLeastSpread = 3;  // thresholds; what is flatter is flat

void measure_disparity(Facts& facts) {
    const InpaintPatch& patch = *facts.patch;
    double sum = 0, squares = 0, logs = 0;
    float largest = 0;
    std::int64_t count = 0;
    for (int y = 0; y < patch.role.rows; ++y)
        for (int x = 0; x < patch.role.cols; ++x)
            if (facts.is_context(x, y)) {
                const float value = patch.disparity(y, x);
                sum += static_cast<double>(value);
                squares += static_cast<double>(value) * static_cast<double>(value);
                logs -= std::log(static_cast<double>(value));
                largest = std::max(largest, value);
                ++count;
            }
    const auto n = static_cast<double>(std::max<std::int64_t>(1, count));
    const double variance = std::max(0.0, squares / n - (sum / n) * (sum / n));
    facts.mean = static_cast<float>(sum / n);
    facts.spread =
        std::max(static_cast<float>(std::sqrt(variance)), kLeastSpread * patch.threshold);
    if (facts.spread <= 0)
        facts.spread = 1;
    facts.largest = largest > 0 ? largest : 1;
    facts.mean_log_depth = static_cast<float>(logs / n);
}

// Marks the nearer pixel at every cut, or both where the guesses do not tell
cv::Mat_<std::uint8_t> mark_near_sides(const Facts& facts, bool continued_edges) {
    const InpaintPatch& patch = *facts.patch;
    cv::Mat_<std::uint8_t> marks(patch.role.size(), std::uint8_t{0});
    const auto counts = [&](int x, int y) {
        return facts.is_context(x, y) || (continued_edges && facts.is_synthesis(x, y));
    };
    for (int y = 0; y < marks.rows; ++y)
        for (int x = 0; x < marks.cols; ++x)
            for (const bool down : {false, true}) {
                if (!facts.is_cut(x, y, down))
                    continue;
                const int x2 = down ? x : x + 1, y2 = down ? y + 1 : y;
                if (!counts(x, y) || !counts(x2, y2))
                    continue;
                const float step = patch.disparity(y, x) - patch.disparity(y2, x2);
                if (step >= -patch.threshold)
                    marks(y, x) = 1;
                if (step <= patch.threshold)
                    marks(y2, x2) = 1;
            }
    return marks;
}

// 255 where the comparison of roles holds
cv::Mat_<std::uint8_t> where(const InpaintPatch& patch, Role role, int comparison) {
    cv::Mat_<std::uint8_t> result;
    cv::compare(patch.role, static_cast<int>(role), result, comparison);
    return result;
}

cv::Mat_<std::uint8_t> make_mask(const InpaintPatch& patch, int closing) {
    cv::Mat_<std::uint8_t> mask = where(patch, Role::Synthesis, cv::CMP_EQ);
    if (closing < 2)
        return mask;
    const cv::Mat_<std::uint8_t> regions = where(patch, Role::Outside, cv::CMP_NE);
    cv::Mat closed;
    cv::morphologyEx(regions, closed, cv::MORPH_CLOSE,
                     cv::getStructuringElement(cv::MORPH_RECT, {closing, closing}));
    closed.copyTo(mask, where(patch, Role::Outside, cv::CMP_EQ));
    return mask;
}

cv::Mat_<float> measure_distance(const InpaintPatch& patch) {
    cv::Mat distance;
    cv::distanceTransform(where(patch, Role::Context, cv::CMP_NE), distance, cv::DIST_L2,
                          cv::DIST_MASK_PRECISE);
    return distance;
}

}  // namespace

bool Facts::is_cut(int x, int y, bool down) const {
    const int x2 = down ? x : x + 1, y2 = down ? y + 1 : y;
    if (x2 >= patch->role.cols || y2 >= patch->role.rows)
        return false;
    return patch->role_at(x, y) != Role::Outside && patch->role_at(x2, y2) != Role::Outside &&
           (patch->cuts(y, x) & (down ? 2 : 1)) != 0;
}

Facts measure(const InpaintPatch& patch, const FactOptions& options, const Needs& needs,
              const Facts& known) {
    Facts facts = known;
    facts.patch = &patch;
    measure_disparity(facts);
    facts.near_side = mark_near_sides(facts, options.continued_edges);
    facts.mask = make_mask(patch, options.mask_closing);
    if (needs.distance && facts.distance.empty())
        facts.distance = measure_distance(patch);
    if (needs.diffused_disparity && facts.diffused_disparity.empty())
        facts.diffused_disparity = diffuse_disparity(patch);
    if (needs.diffused_color && facts.diffused_color.empty())
        facts.diffused_color = diffuse_color(patch);
    return facts;
}

}  // namespace unflat
